import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume } from '../../../api/core/v1/types.js';
import { reconcile } from './reconcile.js';

const finalizer = 'kubernetes.io/pv-protection';

const makeVolume = (
  phase: NonNullable<PersistentVolume['status']['phase']>,
  metadata: Partial<PersistentVolume['metadata']>,
): PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: {
    name: 'v',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...metadata,
  },
  spec: {},
  status: { phase },
});

const deleted = { finalizers: [finalizer], deletionTimestamp: '2026-01-01T00:00:01Z' };

for (const [name, volume, expected] of [
  ['guards a volume that lives', makeVolume('Available', {}), [finalizer]],
  ['leaves a guarded volume alone', makeVolume('Bound', { finalizers: [finalizer] }), undefined],
  ['keeps a deleted volume that is bound', makeVolume('Bound', deleted), undefined],
  ['lets a deleted volume go that is released', makeVolume('Released', deleted), []],
  ['lets a deleted volume go that is pending', makeVolume('Pending', deleted), []],
] as const) {
  test(`volume protection ${name}`, () => {
    const [action] = reconcile({ volume }).actions;
    const written = action?.type === 'update' ? action.object.metadata.finalizers : undefined;
    assert.deepEqual(written, expected);
  });
}
