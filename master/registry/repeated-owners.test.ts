import assert from 'node:assert/strict';
import test from 'node:test';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { dropRepeatedOwners } from './metadata.js';

const ownedBy = (names: readonly string[]): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'a',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '',
    ownerReferences: names.map((name) => ({ apiVersion: 'v1', kind: 'Pod', name, uid: name })),
  },
});

test('owners that are named twice are kept once, in their order', () => {
  const draft = ownedBy(['b', 'a', 'b', 'c', 'a']);
  const warnings: string[] = [];
  dropRepeatedOwners(draft, warnings, { admitted: false });
  assert.deepEqual(
    draft.metadata.ownerReferences?.map(({ name }) => name),
    ['b', 'a', 'c'],
  );
  assert.match(warnings.join(), /observed: b, a$/);
});

test('very many owners are looked through in no time', { timeout: 5_000 }, () => {
  const names = Array.from({ length: 40_000 }, (_, at) => `owner-${String(at)}`);
  const warnings: string[] = [];
  dropRepeatedOwners(ownedBy(names), warnings, { admitted: false });
  assert.deepEqual(warnings, []);
});
