/** PersistentVolumes: the kind and its resource, `persistentvolumes`. */
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { timestamp } from '../../meta/timestamp.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import {
  validatePersistentVolume,
  validatePersistentVolumeUpdate,
} from './persistent-volume-validation.js';
import { normalizeAmounts } from './amounts.js';
import { defaultNetworkVolume } from './pod/volume-defaults.js';
import type { PersistentVolume } from './types.js';
import { accessModesText, storageClassOf, storageColumn, volumePhase } from './volume-columns.js';
import { definition, list, within, map, ref, string, time } from '../../schema/schema.js';
import {
  awsElasticBlockStoreVolumeSource,
  azureDiskVolumeSource,
  fcVolumeSource,
  flockerVolumeSource,
  gcePersistentDiskVolumeSource,
  photonPersistentDiskVolumeSource,
  portworxVolumeSource,
  quobyteVolumeSource,
  vsphereVirtualDiskVolumeSource,
} from './pod/volume-legacy.js';
import {
  azureFilePersistentVolumeSource,
  csiPersistentVolumeSource,
  cephFSPersistentVolumeSource,
  cinderPersistentVolumeSource,
  flexPersistentVolumeSource,
  glusterfsPersistentVolumeSource,
  iscsiPersistentVolumeSource,
  localVolumeSource,
  rbdPersistentVolumeSource,
  scaleIOPersistentVolumeSource,
  storageOSPersistentVolumeSource,
} from './persistent-volume-sources.js';
import { hostPathVolumeSource, nfsVolumeSource } from './pod/volume.js';
import { nodeSelector } from './pod/scheduling.js';
import { objectReference } from './references.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { persistentVolumeWarnings } from './volume-warnings.js';

export const volumeNodeAffinity = definition(
  'io.k8s.api.core.v1.VolumeNodeAffinity',
  'The nodes a volume can be reached from.',
  {
    required: ref(1, nodeSelector, 'Selects the nodes.'),
  },
);

export const persistentVolumeSpec = definition(
  'io.k8s.api.core.v1.PersistentVolumeSpec',
  'What a persistent volume is, and what is wanted of it.',
  {
    accessModes: list(3, 'string', 'How the volume can be mounted.', {
      enum: ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'],
      listType: 'atomic',
    }),
    awsElasticBlockStore: ref(
      within(2, 2),
      awsElasticBlockStoreVolumeSource,
      'A disk of Amazon EBS.',
    ),
    azureDisk: ref(within(2, 16), azureDiskVolumeSource, 'A disk of Azure.'),
    azureFile: ref(within(2, 13), azureFilePersistentVolumeSource, 'A file share of Azure.'),
    capacity: map(1, 'quantity', 'Size of the volume.'),
    cephfs: ref(within(2, 9), cephFSPersistentVolumeSource, 'A file system of Ceph.'),
    cinder: ref(within(2, 8), cinderPersistentVolumeSource, 'A disk of OpenStack Cinder.'),
    claimRef: ref(4, objectReference, 'The claim the volume is bound to.', { mapType: 'granular' }),
    csi: ref(within(2, 22), csiPersistentVolumeSource, 'A volume of a CSI driver.'),
    fc: ref(within(2, 10), fcVolumeSource, 'A disk on Fibre Channel.'),
    flexVolume: ref(within(2, 12), flexPersistentVolumeSource, 'A volume of a Flex driver.'),
    flocker: ref(within(2, 11), flockerVolumeSource, 'A dataset of Flocker.'),
    gcePersistentDisk: ref(
      within(2, 1),
      gcePersistentDiskVolumeSource,
      'A disk of Google Compute Engine.',
    ),
    glusterfs: ref(within(2, 4), glusterfsPersistentVolumeSource, 'A volume of GlusterFS.'),
    hostPath: ref(
      within(2, 3),
      hostPathVolumeSource,
      'A directory of the node; for clusters of one node.',
    ),
    iscsi: ref(within(2, 7), iscsiPersistentVolumeSource, 'A disk on iSCSI.'),
    local: ref(within(2, 20), localVolumeSource, 'A disk or directory of one node.'),
    mountOptions: list(7, 'string', 'Options to mount with; a wrong one makes mounting fail.', {
      listType: 'atomic',
    }),
    nfs: ref(within(2, 5), nfsVolumeSource, 'A directory exported over NFS.'),
    nodeAffinity: ref(9, volumeNodeAffinity, 'The nodes the volume can be reached from.'),
    persistentVolumeReclaimPolicy: string(5, 'What becomes of the volume when its claim is gone.', {
      enum: ['Recycle', 'Delete', 'Retain'],
    }),
    photonPersistentDisk: ref(within(2, 17), photonPersistentDiskVolumeSource, 'A disk of Photon.'),
    portworxVolume: ref(within(2, 18), portworxVolumeSource, 'A volume of Portworx.'),
    quobyte: ref(within(2, 15), quobyteVolumeSource, 'A volume of Quobyte.'),
    rbd: ref(within(2, 6), rbdPersistentVolumeSource, 'A block device of Ceph.'),
    scaleIO: ref(within(2, 19), scaleIOPersistentVolumeSource, 'A volume of ScaleIO.'),
    storageClassName: string(6, 'Class of storage the volume belongs to.'),
    storageos: ref(within(2, 21), storageOSPersistentVolumeSource, 'A volume of StorageOS.'),
    volumeAttributesClassName: string(10, 'Class of adjustable attributes.'),
    volumeMode: string(8, 'File system or block device.', { enum: ['Block', 'Filesystem'] }),
    vsphereVolume: ref(within(2, 14), vsphereVirtualDiskVolumeSource, 'A disk of vSphere.'),
  },
);

export const persistentVolumeStatus = definition(
  'io.k8s.api.core.v1.PersistentVolumeStatus',
  'What is known of a persistent volume.',
  {
    lastPhaseTransitionTime: time(4, 'When the phase last changed.'),
    message: string(2, 'Text for people that says why the volume is in its phase.'),
    phase: string(1, 'Whether the volume is free, bound, or was left by its claim.', {
      enum: ['Pending', 'Available', 'Bound', 'Released', 'Failed'],
    }),
    reason: string(3, 'One word for programs that says why.'),
  },
);

export const persistentVolume = definition(
  'io.k8s.api.core.v1.PersistentVolume',
  'A piece of storage of the cluster that a claim can be bound to.',
  {
    ...objectFields,
    spec: ref(2, persistentVolumeSpec, 'What it is and what is wanted.'),
    status: ref(3, persistentVolumeStatus, 'What is known of it.'),
  },
);

function defaultPersistentVolume(draft: PersistentVolume): void {
  const partial = draft as Partial<PersistentVolume>;
  const spec = (partial.spec ??= {});
  fillZeroValues(persistentVolume, draft);
  normalizeAmounts(spec.capacity);
  const status = (partial.status ??= {});
  status.phase ??= 'Pending';
  spec.persistentVolumeReclaimPolicy ??= 'Retain';
  spec.volumeMode ??= 'Filesystem';
  if (spec.hostPath !== undefined) spec.hostPath.type ??= '';
  defaultNetworkVolume(spec);
}

const claimText = ({ spec }: PersistentVolume): string =>
  spec.claimRef === undefined ? '' : `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}`;

export const persistentVolumes = defineResource<PersistentVolume>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  scope: 'Cluster',
  shortNames: ['pv'],
  schema: persistentVolume,
  status: true,
  defaults: defaultPersistentVolume,
  validate: validatePersistentVolume,
  validateUpdate: validatePersistentVolumeUpdate,
  strategy: {
    warnings: persistentVolumeWarnings,
    prepareForCreate: (draft, now) => {
      draft.status = { phase: 'Pending', lastPhaseTransitionTime: timestamp(now) };
    },
    prepareForStatusUpdate: (draft, stored, now) => {
      const { lastPhaseTransitionTime: given } = draft.status;
      const { phase, lastPhaseTransitionTime: last } = stored.status;
      if (draft.status.phase === phase) draft.status.lastPhaseTransitionTime ??= last;
      else if (given === undefined || given === last) {
        draft.status.lastPhaseTransitionTime = timestamp(now);
      }
    },
  },
  columns: [
    nameColumn,
    storageColumn('Capacity', 'Size of the volume.', ({ spec }) => spec.capacity?.storage ?? '0'),
    storageColumn('Access Modes', 'How the volume can be mounted.', ({ spec }) =>
      accessModesText(spec.accessModes),
    ),
    storageColumn(
      'Reclaim Policy',
      'What becomes of the volume when its claim is gone.',
      ({ spec }) => spec.persistentVolumeReclaimPolicy ?? '',
    ),
    storageColumn('Status', 'Whether the volume is free, bound or left by its claim.', volumePhase),
    storageColumn('Claim', 'The claim the volume is bound to.', claimText),
    storageColumn('StorageClass', 'Class of storage.', storageClassOf),
    storageColumn(
      'VolumeAttributesClass',
      'Class of adjustable attributes.',
      ({ spec }) => spec.volumeAttributesClassName ?? '<unset>',
    ),
    storageColumn('Reason', 'Why the volume is in its phase.', ({ status }) => status.reason ?? ''),
    ageColumn,
    storageColumn(
      'VolumeMode',
      'File system or block device.',
      ({ spec }) => spec.volumeMode ?? '<unset>',
      1,
    ),
  ],
});
