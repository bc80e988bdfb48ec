import assert from 'node:assert/strict';
import test from 'node:test';
import type { RemoteGroupVersion } from '../aggregation/remote-documents.js';
import { mergedOpenApiV2 } from '../resource-documents.js';

const remoteOf = (definitions: object): RemoteGroupVersion => ({
  group: 'fruit.example',
  version: 'v1',
  groupPriority: 1,
  versionPriority: 1,
  resources: [],
  digest: '',
  openApiV2: { paths: { '/apis/fruit.example/v1/apples': {}, '/api/v1/pods': {} }, definitions },
});

const own = { paths: { '/api/v1/pods': { get: {} } }, definitions: { Pod: { type: 'object' } } };

test('OpenAPI of an extension server is merged below its own path and cannot change what is ours', () => {
  const merged = mergedOpenApiV2(own, [remoteOf({ Pod: {}, Apple: { type: 'object' } })]);
  assert.deepEqual(merged, {
    paths: { '/apis/fruit.example/v1/apples': {}, '/api/v1/pods': { get: {} } },
    definitions: { Pod: { type: 'object' }, Apple: { type: 'object' } },
  });
});

const tooDeep: unknown = JSON.parse(`${'{"items":'.repeat(20_000)}{}${'}'.repeat(20_000)}`);

test('OpenAPI of an extension server that cannot be served does not take ours with it', () => {
  assert.deepEqual(mergedOpenApiV2(own, [remoteOf({ Apple: tooDeep })]), own);
});
