import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customResourceOf } from '../../../api/apiextensions/schema/custom-resource.js';
import type { CustomResourceDefinition } from '../../../api/apiextensions/v1/types.js';
import { configMaps } from '../../../api/core/v1/config-map.js';
import { versionInfo } from '../../../api/meta/v1/version-info.js';
import { watchEvent } from '../../../api/meta/v1/watch-event.js';
import type { ResourceDefinition } from '../../../api/schema/resource.js';
import { valueAt } from '../../../testing/value-at.js';
import { openApiV2, openApiV3 } from './documents.js';

function foosWith(openAPIV3Schema: object, more: object = {}): ResourceDefinition {
  const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema }, ...more };
  const names = { plural: 'foos', kind: 'Foo' };
  const crd = {
    metadata: { name: 'foos.example.com' },
    spec: { group: 'example.com', scope: 'Cluster', names, versions: [version] },
    status: {},
  } as unknown as CustomResourceDefinition;
  return customResourceOf(crd, version, () => () => assert.fail('nothing is decoded here'));
}

const any = watchEvent;
const discoveryDefinitions = {
  APIVersions: any,
  APIGroupList: any,
  APIGroup: any,
  APIResourceList: any,
  Info: versionInfo,
  WatchEvent: watchEvent,
};
const v2 = (...resources: ResourceDefinition[]) => openApiV2({ resources, discoveryDefinitions });
const fooIn = (document: object): unknown =>
  valueAt(document, "definitions['com.example.v1.Foo']") ??
  valueAt(document, "components.schemas['com.example.v1.Foo']");

test('OpenAPI offers of each resource the patches that it takes', () => {
  const foos = foosWith({ type: 'object' });
  const documents = openApiV3([foos, configMaps]);
  const offered = (group: string, path: string): readonly string[] =>
    Object.keys(
      valueAt(documents.get(group), `paths['${path}'].patch.requestBody.content`) as object,
    );
  const ofFoos = [
    'application/json-patch+json',
    'application/merge-patch+json',
    'application/apply-patch+yaml',
  ];
  const foo = '/apis/example.com/v1/foos/{name}';
  const configMap = '/api/v1/namespaces/{namespace}/configmaps/{name}';
  assert.deepEqual(offered('apis/example.com/v1', foo), ofFoos);
  assert.deepEqual(offered('api/v1', configMap).toSorted(), [
    'application/apply-patch+yaml',
    'application/json-patch+json',
    'application/merge-patch+json',
    'application/strategic-merge-patch+json',
  ]);
  assert.deepEqual(valueAt(v2(foos), `paths['${foo}'].patch.consumes`), ofFoos);
});

test('OpenAPI offers protobuf of built-in kinds alone', () => {
  const document = v2(foosWith({ type: 'object' }), configMaps);
  const plain = ['application/json', 'application/yaml'];
  assert.deepEqual(valueAt(document, "paths['/apis/example.com/v1/foos'].get.produces"), plain);
  assert.deepEqual(valueAt(document, "paths['/api/v1/configmaps'].get.produces"), [
    ...plain,
    'application/vnd.kubernetes.protobuf',
    'application/json;stream=watch',
    'application/vnd.kubernetes.protobuf;stream=watch',
  ]);
});

test('OpenAPI 2 says nothing of the fields of objects that may hold anything', () => {
  const open = { 'x-kubernetes-preserve-unknown-fields': true };
  const properties = { spec: { type: 'object', properties: { a: { type: 'string' } }, ...open } };
  const gvk = {
    'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'Foo' }],
  };
  const whole = { type: 'object', description: 'Anything.', properties, ...open };
  assert.deepEqual(fooIn(v2(foosWith(whole))), { type: 'object', ...gvk });
  const nested = fooIn(v2(foosWith({ type: 'object', properties })));
  assert.deepEqual(valueAt(nested, 'properties.spec'), { type: 'object', ...open });
});

test('OpenAPI 2 does not insist on fields that may be null', () => {
  const properties = { a: { type: 'string', nullable: true }, b: { type: 'string' } };
  const foo = fooIn(v2(foosWith({ type: 'object', required: ['a', 'b'], properties })));
  assert.deepEqual(valueAt(foo, 'required'), ['b']);
});

test('OpenAPI names the fields that select custom resources', () => {
  const spec = { type: 'object', properties: { color: { type: 'string' } } };
  const foos = foosWith(
    { type: 'object', properties: { spec } },
    { selectableFields: [{ jsonPath: '.spec.color' }] },
  );
  for (const document of [v2(foos), openApiV3([foos]).get('apis/example.com/v1') ?? {}]) {
    assert.deepEqual(valueAt(fooIn(document), 'x-kubernetes-selectable-fields'), [
      { fieldPath: 'spec.color' },
    ]);
  }
});
