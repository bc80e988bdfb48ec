import { boolean, definition, int32, list, map, ref, string } from '../../../schema/schema.js';
import { localObjectReference } from '../references.js';

export const awsElasticBlockStoreVolumeSource = definition(
  'io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource',
  'A disk of Amazon EBS.',
  {
    fsType: string(2, 'File system of the volume, such as ext4.'),
    partition: int32(3, 'Partition of the disk to mount; the whole disk when 0.'),
    readOnly: boolean(4, 'Whether the volume is mounted without write access.'),
    volumeID: string(1, 'Identifier of the volume at its provider.', { required: true }),
  },
);

export const azureDiskVolumeSource = definition(
  'io.k8s.api.core.v1.AzureDiskVolumeSource',
  'A disk of Azure.',
  {
    cachingMode: string(3, 'How the host caches the disk.', {
      enum: ['None', 'ReadOnly', 'ReadWrite'],
    }),
    diskName: string(1, 'Name of the disk.', { required: true }),
    diskURI: string(2, 'Address of the disk.', { required: true }),
    fsType: string(4, 'File system of the volume, such as ext4.', { default: 'ext4' }),
    kind: string(6, 'Whether the disk is shared, dedicated or managed.', {
      enum: ['Shared', 'Dedicated', 'Managed'],
    }),
    readOnly: boolean(5, 'Whether the volume is mounted without write access.', { default: false }),
  },
);

export const azureFileVolumeSource = definition(
  'io.k8s.api.core.v1.AzureFileVolumeSource',
  'A file share of Azure.',
  {
    readOnly: boolean(3, 'Whether the volume is mounted without write access.'),
    secretName: string(1, "Secret with the account's name and key.", { required: true }),
    shareName: string(2, 'Name of the share.', { required: true }),
  },
);

export const cephFSVolumeSource = definition(
  'io.k8s.api.core.v1.CephFSVolumeSource',
  'A file system of Ceph.',
  {
    monitors: list(1, 'string', 'Addresses of the Ceph monitors.', {
      required: true,
      listType: 'atomic',
    }),
    path: string(2, 'Directory to mount as the root.'),
    readOnly: boolean(6, 'Whether the volume is mounted without write access.'),
    secretFile: string(4, "File with the user's key."),
    secretRef: ref(5, localObjectReference, 'Secret with the credentials of the storage.'),
    user: string(3, 'User name to identify with.'),
  },
);

export const cinderVolumeSource = definition(
  'io.k8s.api.core.v1.CinderVolumeSource',
  'A disk of OpenStack Cinder.',
  {
    fsType: string(2, 'File system of the volume, such as ext4.'),
    readOnly: boolean(3, 'Whether the volume is mounted without write access.'),
    secretRef: ref(4, localObjectReference, 'Secret with the credentials of the storage.'),
    volumeID: string(1, 'Identifier of the volume at its provider.', { required: true }),
  },
);

export const fcVolumeSource = definition(
  'io.k8s.api.core.v1.FCVolumeSource',
  'A disk on Fibre Channel.',
  {
    fsType: string(3, 'File system of the volume, such as ext4.'),
    lun: int32(2, 'Number of the logical unit.'),
    readOnly: boolean(4, 'Whether the volume is mounted without write access.'),
    targetWWNs: list(1, 'string', 'World wide names of the targets.', { listType: 'atomic' }),
    wwids: list(5, 'string', 'World wide identifiers of the volume.', { listType: 'atomic' }),
  },
);

export const flexVolumeSource = definition(
  'io.k8s.api.core.v1.FlexVolumeSource',
  'A volume of a Flex driver on the node.',
  {
    driver: string(1, 'Name of the driver.', { required: true }),
    fsType: string(2, 'File system of the volume, such as ext4.'),
    options: map(5, 'string', 'Settings handed to the driver.'),
    readOnly: boolean(4, 'Whether the volume is mounted without write access.'),
    secretRef: ref(3, localObjectReference, 'Secret with the credentials of the storage.'),
  },
);

export const flockerVolumeSource = definition(
  'io.k8s.api.core.v1.FlockerVolumeSource',
  'A dataset of Flocker.',
  {
    datasetName: string(1, 'Name of the dataset.'),
    datasetUUID: string(2, 'Identifier of the dataset.'),
  },
);

export const gcePersistentDiskVolumeSource = definition(
  'io.k8s.api.core.v1.GCEPersistentDiskVolumeSource',
  'A disk of Google Compute Engine.',
  {
    fsType: string(2, 'File system of the volume, such as ext4.'),
    partition: int32(3, 'Partition of the disk to mount; the whole disk when 0.'),
    pdName: string(1, 'Name of the disk.', { required: true }),
    readOnly: boolean(4, 'Whether the volume is mounted without write access.'),
  },
);

export const glusterfsVolumeSource = definition(
  'io.k8s.api.core.v1.GlusterfsVolumeSource',
  'A volume of GlusterFS.',
  {
    endpoints: string(1, "Endpoints object with the servers' addresses.", { required: true }),
    path: string(2, 'Name of the volume.', { required: true }),
    readOnly: boolean(3, 'Whether the volume is mounted without write access.'),
  },
);

export const iscsiVolumeSource = definition(
  'io.k8s.api.core.v1.ISCSIVolumeSource',
  'A disk on iSCSI.',
  {
    chapAuthDiscovery: boolean(8, 'Whether discovery authenticates by CHAP.'),
    chapAuthSession: boolean(11, 'Whether sessions authenticate by CHAP.'),
    fsType: string(5, 'File system of the volume, such as ext4.'),
    initiatorName: string(12, 'Name the node identifies itself with.'),
    iqn: string(2, 'Qualified name of the target.', { required: true }),
    iscsiInterface: string(4, 'Interface of the initiator.', { default: 'default' }),
    lun: int32(3, 'Number of the logical unit.', { required: true }),
    portals: list(7, 'string', 'Further addresses of the target.', { listType: 'atomic' }),
    readOnly: boolean(6, 'Whether the volume is mounted without write access.'),
    secretRef: ref(10, localObjectReference, 'Secret with the credentials of the storage.'),
    targetPortal: string(1, 'Address of the target.', { required: true }),
  },
);

export const photonPersistentDiskVolumeSource = definition(
  'io.k8s.api.core.v1.PhotonPersistentDiskVolumeSource',
  'A disk of Photon.',
  {
    fsType: string(2, 'File system of the volume, such as ext4.'),
    pdID: string(1, 'Identifier of the disk.', { required: true }),
  },
);

export const portworxVolumeSource = definition(
  'io.k8s.api.core.v1.PortworxVolumeSource',
  'A volume of Portworx.',
  {
    fsType: string(2, 'File system of the volume, such as ext4.'),
    readOnly: boolean(3, 'Whether the volume is mounted without write access.'),
    volumeID: string(1, 'Identifier of the volume at its provider.', { required: true }),
  },
);

export const quobyteVolumeSource = definition(
  'io.k8s.api.core.v1.QuobyteVolumeSource',
  'A volume of Quobyte.',
  {
    group: string(5, 'Group that owns the files.'),
    readOnly: boolean(3, 'Whether the volume is mounted without write access.'),
    registry: string(1, 'Addresses of the registry.', { required: true }),
    tenant: string(6, 'Tenant that owns the volume.'),
    user: string(4, 'User that owns the files.'),
    volume: string(2, 'Name of the volume.', { required: true }),
  },
);

export const rbdVolumeSource = definition(
  'io.k8s.api.core.v1.RBDVolumeSource',
  'A block device of Ceph.',
  {
    fsType: string(3, 'File system of the volume, such as ext4.'),
    image: string(2, 'Name of the image.', { required: true }),
    keyring: string(6, "File with the user's key.", { default: '/etc/ceph/keyring' }),
    monitors: list(1, 'string', 'Addresses of the Ceph monitors.', {
      required: true,
      listType: 'atomic',
    }),
    pool: string(4, 'Pool that holds the image.', { default: 'rbd' }),
    readOnly: boolean(8, 'Whether the volume is mounted without write access.'),
    secretRef: ref(7, localObjectReference, 'Secret with the credentials of the storage.'),
    user: string(5, 'User name to identify with.', { default: 'admin' }),
  },
);

export const scaleIOVolumeSource = definition(
  'io.k8s.api.core.v1.ScaleIOVolumeSource',
  'A volume of ScaleIO.',
  {
    fsType: string(9, 'File system of the volume, such as ext4.', { default: 'xfs' }),
    gateway: string(1, 'Address of the gateway.', { required: true }),
    protectionDomain: string(5, 'Protection domain of the volume.'),
    readOnly: boolean(10, 'Whether the volume is mounted without write access.'),
    secretRef: ref(3, localObjectReference, 'Secret with the credentials of the storage.', {
      required: true,
    }),
    sslEnabled: boolean(4, 'Whether to speak TLS to the gateway.'),
    storageMode: string(7, 'Thick or thin provisioning.', { default: 'ThinProvisioned' }),
    storagePool: string(6, 'Pool of the protection domain.'),
    system: string(2, 'Name of the storage system.', { required: true }),
    volumeName: string(8, 'Name of the volume.'),
  },
);

export const storageOSVolumeSource = definition(
  'io.k8s.api.core.v1.StorageOSVolumeSource',
  'A volume of StorageOS.',
  {
    fsType: string(3, 'File system of the volume, such as ext4.'),
    readOnly: boolean(4, 'Whether the volume is mounted without write access.'),
    secretRef: ref(5, localObjectReference, 'Secret with the credentials of the storage.'),
    volumeName: string(1, 'Name of the volume.'),
    volumeNamespace: string(2, 'Namespace of the volume in StorageOS.'),
  },
);

export const vsphereVirtualDiskVolumeSource = definition(
  'io.k8s.api.core.v1.VsphereVirtualDiskVolumeSource',
  'A disk of vSphere.',
  {
    fsType: string(2, 'File system of the volume, such as ext4.'),
    storagePolicyID: string(4, 'Identifier of the storage policy.'),
    storagePolicyName: string(3, 'Name of the storage policy.'),
    volumePath: string(1, 'Path of the disk.', { required: true }),
  },
);
