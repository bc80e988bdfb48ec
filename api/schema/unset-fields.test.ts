import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { customResourceDefinition } from '../apiextensions/v1/custom-resource-definition.js';
import { event } from '../core/v1/event.js';
import { limitRange } from '../core/v1/limit-range.js';
import { pod } from '../core/v1/pod/pod.js';
import { role } from '../rbac/v1/role.js';
import type { Definition } from './schema.js';
import { writtenFormOf } from './unset-fields.js';

const ready = { type: 'Ready', status: 'True' };
const never = { lastProbeTime: null, lastTransitionTime: null };
const time = '2026-01-01T00:00:00Z';

const cases: readonly (readonly [string, Definition, object, object])[] = [
  [
    'times of conditions and containers',
    pod,
    { status: { conditions: [ready, { ...ready, lastTransitionTime: time }] } },
    {
      status: {
        conditions: [
          { ...ready, ...never },
          { ...ready, lastProbeTime: null, lastTransitionTime: time },
        ],
      },
    },
  ],
  [
    'times of an event',
    event,
    { reason: 'a', firstTimestamp: time },
    { reason: 'a', firstTimestamp: time, lastTimestamp: null, eventTime: null },
  ],
  ['lists that nobody gave', role, { metadata: {} }, { metadata: {}, rules: null }],
  ['lists that must be there', limitRange, { spec: { limits: [] } }, { spec: { limits: null } }],
  [
    'fields of types that hold themselves',
    customResourceDefinition,
    { status: { storedVersions: ['v1'] } },
    { status: { storedVersions: ['v1'], conditions: null } },
  ],
];

for (const [name, definition, inMemory, written] of cases) {
  test(`the written form has null for ${name}, and reading it takes it out again`, () => {
    const form = writtenFormOf(definition);
    assert.deepEqual(form.written(inMemory), written);
    assert.deepEqual(form.read(written), inMemory);
  });
}

test('an object with nothing unset is written as it is', () => {
  const form = writtenFormOf(pod);
  const object = { metadata: { name: 'a' }, spec: { containers: [{ name: 'c' }] }, status: {} };
  assert.equal(form.written(object), object);
  assert.equal(form.read(object), object);
});

test('writing and reading give back any conditions and change nothing they are given', () => {
  const condition = fc.record(
    { type: fc.string(), lastProbeTime: fc.constant(time), lastTransitionTime: fc.constant(time) },
    { requiredKeys: ['type'], noNullPrototype: true },
  );
  const form = writtenFormOf(pod);
  fc.assert(
    fc.property(fc.array(condition, { maxLength: 4 }), (conditions) => {
      const object = { status: { conditions } };
      const before = structuredClone(object);
      assert.deepEqual(form.read(form.written(object)), before);
      assert.deepEqual(object, before);
    }),
  );
});
