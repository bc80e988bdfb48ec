import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObjectMeta } from '../../meta/v1/types.js';
import { runtimeClasses } from '../../node/v1/runtime-class.js';
import type { RuntimeClass } from '../../node/v1/types.js';
import type { FieldError } from '../../validation/field-error.js';
import { csiDrivers } from './csi-driver.js';
import { csiNodes } from './csi-node.js';
import { csiStorageCapacities } from './csi-storage-capacity.js';
import { storageClasses } from './storage-class.js';
import { volumeAttachments } from './volume-attachment.js';
import { volumeAttributesClasses } from './volume-attributes-class.js';
import type {
  CSIDriver,
  CSIDriverSpec,
  CSINode,
  CSINodeDriver,
  CSIStorageCapacity,
  StorageClass,
  VolumeAttachment,
  VolumeAttachmentSource,
  VolumeAttributesClass,
} from './types.js';

const apiVersion = 'storage.k8s.io/v1';
const metadata = (annotations?: Record<string, string>): ObjectMeta => ({
  name: 'a',
  uid: 'u',
  resourceVersion: '1',
  creationTimestamp: '2026-01-02T03:03:05Z',
  ...(annotations === undefined ? {} : { annotations }),
});
const texts = (errors: readonly FieldError[] | undefined): string[] =>
  (errors ?? []).map(({ field, message }) => `${field}: ${message}`);

function storageClass(parts: Partial<StorageClass>): StorageClass {
  const object = { apiVersion, kind: 'StorageClass', metadata: metadata(), ...parts };
  storageClasses.defaults?.(object as StorageClass);
  return object as StorageClass;
}

test('storage class has defaults, says which one is the default and refuses bad values', () => {
  const object = storageClass({ provisioner: 'Example.com/Disk' });
  assert.equal(object.reclaimPolicy, 'Delete');
  assert.equal(object.volumeBindingMode, 'Immediate');
  assert.deepEqual(texts(storageClasses.validate(object)), []);
  object.metadata = metadata({ 'storageclass.kubernetes.io/is-default-class': 'true' });
  const cells = (storageClasses.columns ?? []).slice(0, 5).map(({ cell }) => cell(object, 0));
  assert.deepEqual(cells, ['a (default)', 'Example.com/Disk', 'Delete', 'Immediate', false]);
  const bad = storageClass({
    parameters: { '': 'x' },
    reclaimPolicy: 'Recycle',
    allowedTopologies: [
      { matchLabelExpressions: [{ key: 'zone', values: ['a', 'a'] }] },
      { matchLabelExpressions: [{ key: 'zone', values: ['a', 'a'] }] },
    ],
  });
  assert.deepEqual(texts(storageClasses.validate(bad)), [
    'provisioner: Required value',
    'parameters: Invalid value: "": field can not be empty.',
    'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
    'allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"',
    'allowedTopologies[1].matchLabelExpressions[0].values[1]: Duplicate value: "a"',
    'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""',
  ]);
});

test('storage class keeps all but its growth and mount options', () => {
  const stored = storageClass({ provisioner: 'p' });
  const changed = storageClass({
    provisioner: 'q',
    parameters: { a: 'b' },
    reclaimPolicy: 'Retain',
    volumeBindingMode: 'WaitForFirstConsumer',
    allowVolumeExpansion: true,
  });
  assert.deepEqual(texts(storageClasses.validateUpdate?.(changed, stored)), [
    'parameters: Forbidden: updates to parameters are forbidden.',
    'provisioner: Forbidden: updates to provisioner are forbidden.',
    'reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.',
    'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
  ]);
});

function driver(spec: CSIDriverSpec): CSIDriver {
  const object: CSIDriver = { apiVersion, kind: 'CSIDriver', metadata: metadata(), spec };
  csiDrivers.defaults?.(object);
  return object;
}

test('csi driver has defaults and checks tokens and modes', () => {
  const object = driver({});
  assert.deepEqual(object.spec, {
    attachRequired: true,
    podInfoOnMount: false,
    storageCapacity: false,
    fsGroupPolicy: 'ReadWriteOnceWithFSType',
    volumeLifecycleModes: ['Persistent'],
    requiresRepublish: false,
    seLinuxMount: false,
  });
  const cells = (csiDrivers.columns ?? []).slice(1, 7).map(({ cell }) => cell(object, 0));
  assert.deepEqual(cells, [true, false, false, '<unset>', false, 'Persistent']);
  const bad = driver({
    tokenRequests: [
      { audience: 'a', expirationSeconds: 5 },
      { audience: 'a', expirationSeconds: 2 },
      { audience: 'b', expirationSeconds: 2 ** 33 },
    ],
    volumeLifecycleModes: ['Forever'] as unknown as ('Persistent' | 'Ephemeral')[],
    nodeAllocatableUpdatePeriodSeconds: 1,
  });
  assert.deepEqual(texts(csiDrivers.validate(bad)), [
    'spec.tokenRequests[0].expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes',
    'spec.tokenRequests[1].audience: Duplicate value: "a"',
    'spec.tokenRequests[2].expirationSeconds: Invalid value: 8589934592: may not specify a duration larger than 2^32 seconds',
    'spec.volumeLifecycleModes: Unsupported value: "Forever": supported values: "Persistent", "Ephemeral"',
    'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 1: must be greater than or equal to 10 seconds',
  ]);
});

test('csi driver counts changes from none and keeps what is fixed', () => {
  const [stored, changed] = [driver({}), driver({ attachRequired: false })];
  csiDrivers.strategy.prepareForUpdate?.(changed, stored, 0);
  assert.equal(changed.metadata.generation, 1);
  assert.deepEqual(texts(csiDrivers.validateUpdate?.(changed, stored)), [
    'spec.attachedRequired: Invalid value: false: field is immutable',
  ]);
});

function node(...drivers: CSINodeDriver[]): CSINode {
  return { apiVersion, kind: 'CSINode', metadata: metadata(), spec: { drivers } };
}

test('csi node checks drivers and keeps those it has', () => {
  const good: CSINodeDriver = { name: 'd.example.com', nodeID: 'n' };
  assert.deepEqual(
    texts(
      csiNodes.validate(
        node(good, { ...good, nodeID: '' }, { name: 'e', nodeID: 'n', topologyKeys: ['z', 'z'] }),
      ),
    ),
    [
      'spec.drivers[1].nodeID: Required value',
      'spec.drivers[1].name: Duplicate value: "d.example.com"',
      'spec.drivers[2]: Duplicate value: "z"',
    ],
  );
  const update = (driver: CSINodeDriver): string[] =>
    (csiNodes.validateUpdate?.(node(driver), node(good)) ?? []).map(({ field }) => field);
  assert.deepEqual(update({ ...good, allocatable: { count: 3 } }), []);
  assert.deepEqual(update({ ...good, nodeID: 'm' }), ['spec.drivers']);
  assert.deepEqual(update({ name: 'other', nodeID: 'm' }), []);
});

test('csi storage capacity names a class and is never negative', () => {
  const object: CSIStorageCapacity = {
    apiVersion,
    kind: 'CSIStorageCapacity',
    metadata: metadata(),
    storageClassName: 'A b',
    capacity: '-1Gi',
  };
  assert.deepEqual(
    csiStorageCapacities.validate(object).map(({ field }) => field),
    ['storageClassName', 'capacity'],
  );
  const changed = { ...object, storageClassName: 'b', nodeTopology: {} };
  assert.deepEqual(
    csiStorageCapacities.validateUpdate?.(changed, object).map(({ field }) => field),
    ['nodeTopology', 'storageClassName'],
  );
});

test('volume attributes class needs parameters and keeps them', () => {
  const object: VolumeAttributesClass = {
    apiVersion,
    kind: 'VolumeAttributesClass',
    metadata: metadata(),
    driverName: 'd',
  };
  assert.deepEqual(texts(volumeAttributesClasses.validate(object)), [
    'parameters: Required value: must contain at least one key/value pair',
  ]);
  const changed = { ...object, driverName: 'e', parameters: { a: 'b' } };
  assert.deepEqual(texts(volumeAttributesClasses.validateUpdate?.(changed, object)), [
    'driverName: Forbidden: updates to driverName are forbidden.',
    'parameters: Forbidden: updates to parameters are forbidden.',
  ]);
});

test('runtime class keeps its handler and checks where it runs', () => {
  const object: RuntimeClass = {
    apiVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    metadata: metadata(),
    handler: 'a.b',
    overhead: { podFixed: { cpu: '-1' } },
    scheduling: { nodeSelector: { 'a b': 'c' }, tolerations: [{ operator: 'Exists', value: 'x' }] },
  };
  assert.deepEqual(
    runtimeClasses.validate(object).map(({ field }) => field),
    [
      'handler',
      'overhead.limits[cpu]',
      'scheduling.nodeSelector',
      'scheduling.tolerations[0].operator',
    ],
  );
  const twice = [
    { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 1 },
    { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 2 },
  ] as const;
  const repeated = {
    ...object,
    handler: 'a',
    overhead: {},
    scheduling: { tolerations: [...twice] },
  };
  assert.deepEqual(
    runtimeClasses.validate(repeated).map(({ field, reason }) => `${field} ${reason}`),
    ['scheduling.tolerations[1] FieldValueDuplicate'],
  );
  assert.deepEqual(texts(runtimeClasses.validateUpdate?.({ ...object, handler: 'b' }, object)), [
    'handler: Invalid value: "b": field is immutable',
  ]);
});

test('volume attachment names one volume and keeps it', () => {
  const attachment = (source: VolumeAttachmentSource): VolumeAttachment => {
    const object = {
      apiVersion,
      kind: 'VolumeAttachment',
      metadata: metadata(),
      spec: { attacher: 'd.example.com', nodeName: 'n', source },
    } as VolumeAttachment;
    volumeAttachments.defaults?.(object);
    return object;
  };
  const named = attachment({ persistentVolumeName: 'pv' });
  assert.deepEqual(named.status, { attached: false });
  assert.deepEqual(texts(volumeAttachments.validate(named)), []);
  const detail = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  assert.deepEqual(texts(volumeAttachments.validate(attachment({}))), [
    `spec.source: Required value: ${detail}`,
  ]);
  const inline = attachment({ inlineVolumeSpec: { capacity: { storage: '1Gi' } } });
  assert.deepEqual(
    volumeAttachments.validate(inline).map(({ field }) => field),
    [
      'spec.source.inlineVolumeSpec.capacity',
      'spec.source.inlineVolumeSpec.accessModes',
      'spec.source.inlineVolumeSpec.csi',
    ],
  );
  assert.deepEqual(
    volumeAttachments.validateUpdate?.(inline, named).map(({ field }) => field),
    ['spec'],
  );
});
