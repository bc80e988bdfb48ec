import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { configMap } from '../core/v1/config-map.js';
import { pod } from '../core/v1/pod/pod.js';
import { endpointSlice } from '../discovery/v1/endpoint-slice.js';
import type { KubeObject } from '../meta/v1/types.js';
import type { JsonObject } from '../patch/json-value.js';
import { managedFieldsAfterUpdate } from './apply.js';
import { RecentCreations } from './recent-creations.js';
import { haveSameFields } from './same-fields.js';
import { objectShape } from './shape.js';
import type { StructShape } from './shape.js';

const pods = objectShape(pod);
const configMaps = objectShape(configMap);

/** What the creator of an object owns, found out the long way. */
function ownedOf(shape: StructShape, object: JsonObject): unknown {
  const owner = { manager: 'm', operation: 'Update', apiVersion: 'v1', subresource: '' } as const;
  const kind = { apiVersion: 'v1', shape, ignored: {} };
  const draft = object as unknown as KubeObject;
  const entries = managedFieldsAfterUpdate({ kind, owner, time: '' }, undefined, draft, undefined);
  return entries?.[0]?.fieldsV1;
}

const podWith = (spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', ...metadata },
  spec,
});

const container = (more: JsonObject = {}): JsonObject => ({ name: 'main', image: 'a', ...more });

test('objects that differ in values only have the same fields', () => {
  const left = podWith({ containers: [container()], nodeName: 'x' }, { labels: { a: '1' } });
  const right = podWith(
    { nodeName: 'y', containers: [container({ image: 'b' })] },
    { name: 'b', uid: 'x', labels: { a: '2' } },
  );
  assert.equal(haveSameFields(pods, left, right), true);
  assert.deepEqual(ownedOf(pods, left), ownedOf(pods, right));
});

const different: Record<string, readonly [JsonObject, JsonObject]> = {
  'one more field': [podWith({ containers: [] }), podWith({ containers: [], nodeName: 'a' })],
  'another key': [
    podWith({ containers: [container()] }),
    podWith({ containers: [container({ name: 'other' })] }),
  ],
  'a list that is empty': [podWith({ containers: [container()] }), podWith({ containers: [] })],
  'another value of a set': [
    podWith({ containers: [] }, { finalizers: ['a'] }),
    podWith({ containers: [] }, { finalizers: ['b'] }),
  ],
  'an inherited name': [
    podWith({ containers: [] }, { labels: { toString: 'a' } }),
    podWith({ containers: [] }, { labels: { b: 'a' } }),
  ],
};

for (const [what, [left, right]] of Object.entries(different)) {
  test(`objects do not have the same fields with ${what}`, () => {
    assert.equal(haveSameFields(pods, left, right), false);
    assert.equal(haveSameFields(pods, right, left), false);
  });
}

test('objects do not have the same fields where one has the zero that the other owns a value in place of', () => {
  const slices = objectShape(endpointSlice);
  const [left, right] = [{ addressType: '' }, { addressType: 'IPv4' }];
  assert.notDeepEqual(ownedOf(slices, left), ownedOf(slices, right));
  assert.equal(haveSameFields(slices, left, right), false);
});

test('objects with the same fields are owned alike', () => {
  const text = fc.constantFrom('', 'a', 'b');
  const part = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
    fc.oneof({ weight: 5, arbitrary: value }, { weight: 1, arbitrary: fc.constant(null) });
  const labels = fc.dictionary(fc.constantFrom('a', 'toString', '__proto__'), text);
  const list = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 2 });
  const port = fc.record(
    { containerPort: fc.constantFrom(0, 1), protocol: fc.constantFrom('TCP', 'UDP'), name: text },
    { requiredKeys: [] },
  );
  const someContainer = fc.record(
    { name: text, image: text, command: part(list(text)), ports: part(list(port)) },
    { requiredKeys: [] },
  );
  const spec = fc.record(
    {
      containers: part(list(someContainer)),
      nodeName: part(text),
      nodeSelector: part(labels),
      securityContext: part(fc.record({ runAsUser: fc.nat(1) }, { requiredKeys: [] })),
    },
    { requiredKeys: [] },
  );
  const metadata = fc.record(
    { labels: part(labels), finalizers: part(list(text)), generateName: text },
    { requiredKeys: [] },
  );
  const object = fc.record({ metadata, spec: part(spec) }, { requiredKeys: ['metadata'] });
  fc.assert(
    fc.property(object, object, (left, right) => {
      if (!haveSameFields(pods, left, right)) return;
      assert.deepEqual(ownedOf(pods, { ...left }), ownedOf(pods, { ...right }));
    }),
    { numRuns: 2_000 },
  );
});

const configMapWith = (...names: readonly string[]): JsonObject => ({
  metadata: { name: 'a' },
  data: Object.fromEntries(names.map((name) => [name, name.repeat(100)])),
});

test('recent creations know objects with the fields of one that is remembered', () => {
  const creations = new RecentCreations(configMaps);
  const [first, second] = [{ 'f:data': {} }, { 'f:data': {} }];
  const draft = podWith({ containers: [] });
  creations.remember(configMapWith('a', 'b'), first);
  creations.remember(configMapWith('c'), second);
  creations.remember(draft, {});
  assert.equal(creations.fieldsOf(configMapWith('b', 'a')), first);
  assert.equal(creations.fieldsOf(configMapWith('c')), second);
  assert.equal(creations.fieldsOf(configMapWith('a')), undefined);
});

test('recent creations are not touched by later changes of the object', () => {
  const creations = new RecentCreations(pods);
  const labels: Record<string, string> = { a: '1' };
  const fields = { 'f:metadata': {} };
  creations.remember(podWith({ containers: [] }, { labels }), fields);
  labels.b = '2';
  assert.equal(creations.fieldsOf(podWith({ containers: [] }, { labels: { a: '3' } })), fields);
});

test('recent creations never take a long key for another', () => {
  const creations = new RecentCreations(pods);
  const named = (name: string): JsonObject => podWith({ containers: [container({ name })] });
  const fields = { 'f:spec': {} };
  creations.remember(named('x'.repeat(100)), fields);
  assert.equal(creations.fieldsOf(named('y'.repeat(100))), undefined);
  assert.equal(creations.fieldsOf(named('a long text')), undefined);
});
