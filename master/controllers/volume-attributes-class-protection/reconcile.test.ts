import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VolumeAttributesClass } from '../../../api/storage/v1/types.js';
import { classesOfClaim, classesOfVolume, reconcile } from './reconcile.js';

const finalizer = 'kubernetes.io/vac-protection';

const metadata = {
  name: 'gold',
  uid: 'u',
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
};

const makeClass = (
  facts: Partial<VolumeAttributesClass['metadata']> = {},
): VolumeAttributesClass => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'VolumeAttributesClass',
  metadata: { ...metadata, ...facts },
  driverName: 'd',
});

const deleted = { finalizers: [finalizer], deletionTimestamp: '2026-01-01T00:00:01Z' };

for (const [name, attributesClass, isUsed, expected] of [
  ['guards a class that lives', makeClass(), false, [finalizer]],
  ['keeps a deleted class that is used', makeClass(deleted), true, undefined],
  ['lets a deleted class go that nothing names', makeClass(deleted), false, []],
] as const) {
  test(`class protection ${name}`, () => {
    const [action] = reconcile({ attributesClass, isUsed }).actions;
    const written = action?.type === 'update' ? action.object.metadata.finalizers : undefined;
    assert.deepEqual(written, expected);
  });
}

test('class protection counts every class a volume or a claim names, each once', () => {
  const base = { apiVersion: 'v1', metadata };
  const claim = { ...base, kind: 'PersistentVolumeClaim' };
  const volume = { ...base, kind: 'PersistentVolume', status: {} };
  assert.deepEqual(
    classesOfClaim({
      ...claim,
      spec: { volumeAttributesClassName: 'gold' },
      status: {
        currentVolumeAttributesClassName: 'silver',
        modifyVolumeStatus: { status: 'Pending', targetVolumeAttributesClassName: 'gold' },
      },
    }),
    ['gold', 'silver'],
  );
  assert.deepEqual(classesOfClaim({ ...claim, spec: {}, status: {} }), []);
  assert.deepEqual(classesOfVolume({ ...volume, spec: { volumeAttributesClassName: '' } }), []);
  assert.deepEqual(classesOfVolume({ ...volume, spec: { volumeAttributesClassName: 'gold' } }), [
    'gold',
  ]);
});
