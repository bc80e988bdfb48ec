import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ManagedFieldsEntry } from '../meta/v1/types.js';
import { maxRecentSets, maxRememberedMembers } from './limits.js';
import { SharedSets } from './shared-sets.js';

const entry = (...names: readonly string[]): ManagedFieldsEntry => ({
  manager: 'm',
  operation: 'Update',
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:data': Object.fromEntries(names.map((name) => [`f:${name}`, {}])) },
});

const shared = (sets: SharedSets, ...names: readonly string[]): unknown => {
  const one = entry(...names);
  sets.shareIn([one]);
  assert.deepEqual(one, entry(...names));
  return one.fieldsV1;
};

test('equal sets of fields are shared, others are not', () => {
  const sets = new SharedSets();
  const first = shared(sets, 'a', 'b');
  assert.equal(shared(sets, 'b', 'a'), first);
  assert.notEqual(shared(sets, 'a'), first);
  assert.equal(shared(sets, 'a', 'b'), first);
});

test('sets that were not written for long are forgotten', () => {
  const sets = new SharedSets();
  const first = shared(sets, 'first');
  const used = shared(sets, 'used');
  for (let other = 0; other < maxRecentSets - 1; other += 1) {
    shared(sets, String(other));
    assert.equal(shared(sets, 'used'), used);
  }
  assert.notEqual(shared(sets, 'first'), first);
});

test('a set too large to be compared is not shared, and takes no place of one that is', () => {
  const sets = new SharedSets();
  const names = Array.from({ length: maxRememberedMembers + 1 }, (_, at) => String(at));
  const small = shared(sets, 'a');
  const large = shared(sets, ...names);
  for (let count = 0; count <= maxRecentSets; count++)
    assert.notEqual(shared(sets, ...names), large);
  assert.equal(shared(sets, 'a'), small);
});

test('a set is shown in the order of Kubernetes', () => {
  const fieldsV1 = {
    'f:spec': {
      'f:schedulerName': {},
      'f:containers': {
        'i:0': {},
        'v:"a"': {},
        'k:{"name":"c"}': { 'f:name': {}, 'f:image': {}, '.': {} },
        'f:z': {},
      },
    },
  };
  const written = { ...entry(), fieldsV1 };
  new SharedSets().shareIn([written]);
  const container = '"k:{\\"name\\":\\"c\\"}":{".":{},"f:image":{},"f:name":{}}';
  assert.equal(
    JSON.stringify(written.fieldsV1),
    `{"f:spec":{"f:containers":{"f:z":{},${container},"v:\\"a\\"":{},"i:0":{}},"f:schedulerName":{}}}`,
  );
});
