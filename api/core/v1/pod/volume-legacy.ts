import { boolean, definition, int32, list, map, ref, string } from '../../../schema/schema.js';
import { localObjectReference } from '../references.js';

export const awsElasticBlockStoreVolumeSource = definition(
  'io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource',
  '',
  {
    fsType: string(2, ''),
    partition: int32(3, ''),
    readOnly: boolean(4, ''),
    volumeID: string(1, '', { required: true }),
  },
);

export const azureDiskVolumeSource = definition('io.k8s.api.core.v1.AzureDiskVolumeSource', '', {
  cachingMode: string(3, '', { enum: ['None', 'ReadOnly', 'ReadWrite'] }),
  diskName: string(1, '', { required: true }),
  diskURI: string(2, '', { required: true }),
  fsType: string(4, '', { default: 'ext4' }),
  kind: string(6, '', { enum: ['Shared', 'Dedicated', 'Managed'] }),
  readOnly: boolean(5, '', { default: false }),
});

export const azureFileVolumeSource = definition('io.k8s.api.core.v1.AzureFileVolumeSource', '', {
  readOnly: boolean(3, ''),
  secretName: string(1, '', { required: true }),
  shareName: string(2, '', { required: true }),
});

export const cephFSVolumeSource = definition('io.k8s.api.core.v1.CephFSVolumeSource', '', {
  monitors: list(1, 'string', '', { required: true, listType: 'atomic' }),
  path: string(2, ''),
  readOnly: boolean(6, ''),
  secretFile: string(4, ''),
  secretRef: ref(5, localObjectReference, ''),
  user: string(3, ''),
});

export const cinderVolumeSource = definition('io.k8s.api.core.v1.CinderVolumeSource', '', {
  fsType: string(2, ''),
  readOnly: boolean(3, ''),
  secretRef: ref(4, localObjectReference, ''),
  volumeID: string(1, '', { required: true }),
});

export const fcVolumeSource = definition('io.k8s.api.core.v1.FCVolumeSource', '', {
  fsType: string(3, ''),
  lun: int32(2, ''),
  readOnly: boolean(4, ''),
  targetWWNs: list(1, 'string', '', { listType: 'atomic' }),
  wwids: list(5, 'string', '', { listType: 'atomic' }),
});

export const flexVolumeSource = definition('io.k8s.api.core.v1.FlexVolumeSource', '', {
  driver: string(1, '', { required: true }),
  fsType: string(2, ''),
  options: map(5, 'string', ''),
  readOnly: boolean(4, ''),
  secretRef: ref(3, localObjectReference, ''),
});

export const flockerVolumeSource = definition('io.k8s.api.core.v1.FlockerVolumeSource', '', {
  datasetName: string(1, ''),
  datasetUUID: string(2, ''),
});

export const gcePersistentDiskVolumeSource = definition(
  'io.k8s.api.core.v1.GCEPersistentDiskVolumeSource',
  '',
  {
    fsType: string(2, ''),
    partition: int32(3, ''),
    pdName: string(1, '', { required: true }),
    readOnly: boolean(4, ''),
  },
);

export const glusterfsVolumeSource = definition('io.k8s.api.core.v1.GlusterfsVolumeSource', '', {
  endpoints: string(1, '', { required: true }),
  path: string(2, '', { required: true }),
  readOnly: boolean(3, ''),
});

export const iscsiVolumeSource = definition('io.k8s.api.core.v1.ISCSIVolumeSource', '', {
  chapAuthDiscovery: boolean(8, ''),
  chapAuthSession: boolean(11, ''),
  fsType: string(5, ''),
  initiatorName: string(12, ''),
  iqn: string(2, '', { required: true }),
  iscsiInterface: string(4, '', { default: 'default' }),
  lun: int32(3, '', { required: true }),
  portals: list(7, 'string', '', { listType: 'atomic' }),
  readOnly: boolean(6, ''),
  secretRef: ref(10, localObjectReference, ''),
  targetPortal: string(1, '', { required: true }),
});

export const photonPersistentDiskVolumeSource = definition(
  'io.k8s.api.core.v1.PhotonPersistentDiskVolumeSource',
  '',
  {
    fsType: string(2, ''),
    pdID: string(1, '', { required: true }),
  },
);

export const portworxVolumeSource = definition('io.k8s.api.core.v1.PortworxVolumeSource', '', {
  fsType: string(2, ''),
  readOnly: boolean(3, ''),
  volumeID: string(1, '', { required: true }),
});

export const quobyteVolumeSource = definition('io.k8s.api.core.v1.QuobyteVolumeSource', '', {
  group: string(5, ''),
  readOnly: boolean(3, ''),
  registry: string(1, '', { required: true }),
  tenant: string(6, ''),
  user: string(4, ''),
  volume: string(2, '', { required: true }),
});

export const rbdVolumeSource = definition('io.k8s.api.core.v1.RBDVolumeSource', '', {
  fsType: string(3, ''),
  image: string(2, '', { required: true }),
  keyring: string(6, '', { default: '/etc/ceph/keyring' }),
  monitors: list(1, 'string', '', { required: true, listType: 'atomic' }),
  pool: string(4, '', { default: 'rbd' }),
  readOnly: boolean(8, ''),
  secretRef: ref(7, localObjectReference, ''),
  user: string(5, '', { default: 'admin' }),
});

export const scaleIOVolumeSource = definition('io.k8s.api.core.v1.ScaleIOVolumeSource', '', {
  fsType: string(9, '', { default: 'xfs' }),
  gateway: string(1, '', { required: true }),
  protectionDomain: string(5, ''),
  readOnly: boolean(10, ''),
  secretRef: ref(3, localObjectReference, '', { required: true }),
  sslEnabled: boolean(4, ''),
  storageMode: string(7, '', { default: 'ThinProvisioned' }),
  storagePool: string(6, ''),
  system: string(2, '', { required: true }),
  volumeName: string(8, ''),
});

export const storageOSVolumeSource = definition('io.k8s.api.core.v1.StorageOSVolumeSource', '', {
  fsType: string(3, ''),
  readOnly: boolean(4, ''),
  secretRef: ref(5, localObjectReference, ''),
  volumeName: string(1, ''),
  volumeNamespace: string(2, ''),
});

export const vsphereVirtualDiskVolumeSource = definition(
  'io.k8s.api.core.v1.VsphereVirtualDiskVolumeSource',
  '',
  {
    fsType: string(2, ''),
    storagePolicyID: string(4, ''),
    storagePolicyName: string(3, ''),
    volumePath: string(1, '', { required: true }),
  },
);
