import assert from 'node:assert/strict';
import { test } from 'node:test';

import { configMaps } from '../../api/core/v1/config-map.js';
import type { ConfigMap } from '../../api/core/v1/types.js';
import { hasReason } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { createClient } from './api-client.js';
import { errorOfAnswer } from './https-transport.js';
import type { Transport, TransportRequest } from './transport.js';

function open(answer: unknown, events: readonly { type: string; object: unknown }[] = []) {
  const requests: TransportRequest[] = [];
  const transport: Transport = {
    request: (request) => {
      requests.push(request);
      return Promise.resolve(answer);
    },
    watch: async function* (request) {
      await Promise.resolve();
      requests.push(request);
      yield* events as { type: string; object: KubeObject }[];
    },
  };
  return { client: createClient(transport), requests };
}

const key = { namespace: 'default', name: 'a' };
const object: ConfigMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { ...key, uid: 'u', resourceVersion: '7', creationTimestamp: '' },
};

test('client asks for what it is told to, where it lives', async () => {
  const { client, requests } = open(object);
  await client.get(configMaps, key);
  await client.create(configMaps, object, { fieldManager: 'me & you' });
  await client.update(configMaps, object, { subresource: 'status' });
  await client.patch(configMaps, key, { type: 'strategic', body: { data: {} } });
  await client.delete(configMaps, key, { preconditions: { uid: 'u' } });
  await client.createSubresource(configMaps, { ...key, subresource: 'token' }, object);
  const root = '/api/v1/namespaces/default/configmaps';
  assert.deepEqual(
    requests.map(({ method, path }) => `${method} ${path}`),
    [
      `GET ${root}/a`,
      `POST ${root}?fieldManager=me%20%26%20you`,
      `PUT ${root}/a/status`,
      `PATCH ${root}/a`,
      `DELETE ${root}/a`,
      `POST ${root}/a/token`,
    ],
  );
  assert.equal(requests[3]?.contentType, 'application/strategic-merge-patch+json');
  assert.deepEqual(requests[4]?.body, {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    preconditions: { uid: 'u' },
  });
});

test('client lists give each item its kind and pass the selection on', async () => {
  const { metadata } = object;
  const { client, requests } = open({ metadata: { resourceVersion: '9' }, items: [{ metadata }] });
  const { items } = await client.list(configMaps, { labelSelector: 'a in (b,c)', limit: 5 });
  assert.equal(items[0]?.kind, 'ConfigMap');
  assert.equal(requests[0]?.path, '/api/v1/configmaps?labelSelector=a%20in%20(b%2Cc)&limit=5');
});

test('client watches yield events and throw the Status of an error event', async () => {
  const status = { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410 };
  const { client } = open(undefined, [
    { type: 'ADDED', object },
    { type: 'BOOKMARK', object },
    { type: 'ERROR', object: status },
  ]);
  const seen: string[] = [];
  const read = async (): Promise<void> => {
    for await (const { type } of client.watch(configMaps, {})) seen.push(type);
  };
  await assert.rejects(read(), (error) => hasReason(error, 'Expired'));
  assert.deepEqual(seen, ['ADDED', 'BOOKMARK']);
});

test('answers become StatusErrors with or without a Status in their body', () => {
  const status = { kind: 'Status', status: 'Failure', reason: 'AlreadyExists', code: 409 };
  const told = errorOfAnswer(409, Buffer.from(JSON.stringify(status)));
  assert.deepEqual([told.code, told.reason], [409, 'AlreadyExists']);
  const plain = errorOfAnswer(502, Buffer.from('bad gateway\n'));
  assert.deepEqual([plain.code, plain.message], [502, 'bad gateway']);
});
