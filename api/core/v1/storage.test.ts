import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, created, draftTime, refusals, row, storedAs } from '../../schema/drafts.test.js';
import { persistentVolumes } from './persistent-volume.js';
import { persistentVolumeClaims } from './persistent-volume-claim.js';
import type { PersistentVolume, PersistentVolumeClaim } from './types.js';

const volume = (spec: object): PersistentVolume =>
  created(persistentVolumes, {
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: '/x' },
      ...spec,
    },
  });

test('persistent volumes fill the fields that Kubernetes fills', () => {
  const { spec, status } = volume({});
  assert.equal(spec.persistentVolumeReclaimPolicy, 'Retain');
  assert.equal(spec.volumeMode, 'Filesystem');
  assert.deepEqual(spec.hostPath, { path: '/x', type: '' });
  assert.deepEqual(status, {
    phase: 'Pending',
    lastPhaseTransitionTime: '2026-01-02T03:04:05Z',
  });
  const iscsi = { targetPortal: '10.0.0.1', iqn: 'iqn.2020-01.com.example:x', lun: 0 };
  assert.equal(volume({ iscsi }).spec.iscsi?.iscsiInterface, 'default');
});

const noPath = { hostPath: undefined };
const volumeRefusals: readonly (readonly [object, readonly string[]])[] = [
  [{}, []],
  [{ accessModes: [] }, ['spec.accessModes: Required value']],
  [
    { accessModes: ['ReadWriteOncePod', 'ReadOnlyMany'] },
    ['spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes'],
  ],
  [
    { capacity: { storage: '-1' } },
    [
      'spec.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
      'spec.capacity[storage]: Invalid value: "-1": must be greater than zero',
    ],
  ],
  [
    { capacity: { storage: '1Gi', cpu: '1' } },
    ['spec.capacity: Unsupported value: {…}: supported values: "storage"'],
  ],
  [noPath, ['spec: Required value: must specify a volume type']],
  [
    { nfs: { server: 's', path: '/p' } },
    ['spec.nfs: Forbidden: may not specify more than 1 volume type'],
  ],
  [
    { hostPath: { path: '/./' }, persistentVolumeReclaimPolicy: 'Recycle' },
    [
      "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
    ],
  ],
  [
    { ...noPath, local: { path: '/d' } },
    ['spec.nodeAffinity: Required value: Local volume requires node affinity'],
  ],
  [
    { ...noPath, nfs: { server: '', path: 'p' } },
    [
      'spec.nfs.server: Required value',
      'spec.nfs.path: Invalid value: "p": must be an absolute path',
    ],
  ],
  [
    { ...noPath, csi: { driver: 'a_b', volumeHandle: '', nodePublishSecretRef: { name: 's' } } },
    [
      "spec.csi.driver: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      'spec.csi.volumeHandle: Required value',
      'spec.csi.nodePublishSecretRef.namespace: Required value',
    ],
  ],
  [
    { ...noPath, gcePersistentDisk: { pdName: '', partition: 300 } },
    [
      'spec.persistentDisk.pdName: Required value',
      'spec.persistentDisk.partition: Invalid value: 300: must be between 1 and 255, inclusive',
    ],
  ],
  [
    { volumeAttributesClassName: 'fast' },
    ['spec.csi: Required value: has to be specified when using volumeAttributesClassName'],
  ],
  [
    { ...noPath, iscsi: { targetPortal: 't', iqn: 'x', lun: 300, chapAuthSession: true } },
    [
      'spec.iscsi.iqn: Invalid value: "x": must be valid format',
      'spec.iscsi.lun: Invalid value: 300: must be between 0 and 255, inclusive',
      'spec.iscsi.secretRef: Required value',
    ],
  ],
  [
    { ...noPath, fc: { targetWWNs: ['w'] } },
    ['spec.fc.lun: Required value: lun is required if targetWWNs is specified'],
  ],
  [
    { volumeMode: 'Tape' },
    ['spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"'],
  ],
  [
    { nodeAffinity: {} },
    ['spec.nodeAffinity.required: Required value: must specify required node constraints'],
  ],
];

test('persistent volumes refuse malformed specs in the words of Kubernetes', () => {
  for (const [spec, expected] of volumeRefusals) {
    const object = volume(spec);
    assert.deepEqual(refusals(persistentVolumes.validate(object)), expected, JSON.stringify(spec));
  }
});

test('persistent volumes keep where their data is', () => {
  const stored = storedAs(volume({}));
  const update = (spec: Partial<PersistentVolume['spec']>): string[] =>
    refusals(persistentVolumes.validateUpdate?.(changed(stored, spec), stored));
  assert.deepEqual(update({ capacity: { storage: '2Gi' } }), []);
  assert.deepEqual(update({ hostPath: { path: '/y' } }), [
    'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n- hostPath: {…}\n+ hostPath: {…}',
  ]);
  assert.deepEqual(update({ volumeMode: 'Block' }), [
    'volumeMode: Invalid value: "Block": field is immutable',
  ]);
});

test('persistent volumes note when their phase changed', () => {
  const stored = storedAs(volume({}));
  const draft = structuredClone(stored);
  draft.status.phase = 'Bound';
  persistentVolumes.strategy.prepareForStatusUpdate?.(draft, stored, draftTime + 60_000);
  assert.equal(draft.status.lastPhaseTransitionTime, '2026-01-02T03:05:05Z');
  const same = structuredClone(stored);
  persistentVolumes.strategy.prepareForStatusUpdate?.(same, stored, draftTime + 60_000);
  assert.equal(same.status.lastPhaseTransitionTime, '2026-01-02T03:04:05Z');
});

test('persistent volumes and claims show what they are bound to', () => {
  const object = volume({ claimRef: { namespace: 'n', name: 'c' }, storageClassName: 'fast' });
  object.status.phase = 'Bound';
  assert.deepEqual(row(persistentVolumes, object), {
    Name: 'a',
    Capacity: '1Gi',
    'Access Modes': 'RWO',
    'Reclaim Policy': 'Retain',
    Status: 'Bound',
    Claim: 'n/c',
    StorageClass: 'fast',
    VolumeAttributesClass: '<unset>',
    Reason: '',
    Age: '10m',
    VolumeMode: 'Filesystem',
  });
  const bound = claim({ volumeName: 'v' });
  bound.status = { phase: 'Bound', capacity: { storage: '2Gi' }, accessModes: ['ReadWriteOnce'] };
  const shown = row(persistentVolumeClaims, bound);
  assert.deepEqual(
    [shown.Status, shown.Volume, shown.Capacity, shown['Access Modes']],
    ['Bound', 'v', '2Gi', 'RWO'],
  );
  assert.equal(row(persistentVolumeClaims, claim({})).Capacity, '');
});

const claim = (spec: object): PersistentVolumeClaim =>
  created(persistentVolumeClaims, {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  });

const claimRefusals: readonly (readonly [object, readonly string[]])[] = [
  [{}, []],
  [{ accessModes: [] }, ['spec.accessModes: Required value: at least 1 access mode is required']],
  [{ resources: {} }, ['spec.resources[storage]: Required value']],
  [
    { resources: { requests: { storage: '0' } } },
    ['spec.resources[storage]: Invalid value: "0": must be greater than zero'],
  ],
  [
    { dataSourceRef: { kind: 'Pod', name: '' } },
    [
      'spec.dataSource.name: Required value',
      'spec.dataSource: Invalid value: "Pod": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
      'spec.dataSourceRef.name: Required value',
      'spec.dataSourceRef: Invalid value: "Pod": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
    ],
  ],
  [
    {
      dataSource: { kind: 'PersistentVolumeClaim', name: 'a' },
      dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'b' },
    },
    ['spec: Invalid value: {…}: must match dataSourceRef'],
  ],
];

test('claims refuse malformed specs in the words of Kubernetes', () => {
  for (const [spec, expected] of claimRefusals) {
    const object = claim(spec);
    assert.deepEqual(
      refusals(persistentVolumeClaims.validate(object)),
      expected,
      JSON.stringify(spec),
    );
  }
});

test('claims say in both ways what to fill a volume from', () => {
  const snapshot = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 's' };
  assert.deepEqual(claim({ dataSource: snapshot }).spec.dataSourceRef, snapshot);
  assert.deepEqual(claim({ dataSourceRef: snapshot }).spec.dataSource, snapshot);
  const other = { apiGroup: 'example.com', kind: 'Seed', name: 's' };
  assert.deepEqual(claim({ dataSourceRef: other }).spec.dataSource, other);
  assert.equal(claim({ dataSource: other }).spec.dataSource, undefined);
  const foreign = { ...snapshot, namespace: 'elsewhere' };
  assert.equal(claim({ dataSourceRef: foreign }).spec.dataSourceRef, undefined);
});

test('claims are bound once, and grow once they are', () => {
  const stored = storedAs(claim({ storageClassName: 'fast' }));
  const update = (spec: Partial<PersistentVolumeClaim['spec']>): string[] =>
    refusals(persistentVolumeClaims.validateUpdate?.(changed(stored, spec), stored));
  const grown = { resources: { requests: { storage: '2Gi' } } };
  assert.deepEqual(update({ volumeName: 'v' }), []);
  assert.match(update(grown).join(), /^spec: Forbidden: spec is immutable after creation except/);
  assert.match(
    update({ storageClassName: 'slow' }).join(),
    /\n- storageClassName: "fast"\n\+ storageClassName: "slow"$/,
  );
  stored.spec.volumeName = 'v';
  stored.status = { phase: 'Bound', capacity: { storage: '1Gi' } };
  assert.deepEqual(update(grown), []);
  assert.equal(update({ volumeName: 'w' }).length, 1);
  const shrunk = { resources: { requests: { storage: '500Mi' } } };
  assert.deepEqual(update(shrunk), [
    'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
  ]);
});
