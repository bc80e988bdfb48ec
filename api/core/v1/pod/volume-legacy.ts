import { boolean, definition, int32, list, string } from '../../../schema/schema.js';
import { localObjectReference } from '../references.js';
import {
  cephFSFields,
  cinderFields,
  flexFields,
  iscsiFields,
  rbdFields,
  scaleIOFields,
  storageOSFields,
} from '../volume-source-fields.js';

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
  cephFSFields(localObjectReference),
);

export const cinderVolumeSource = definition(
  'io.k8s.api.core.v1.CinderVolumeSource',
  'A disk of OpenStack Cinder.',
  cinderFields(localObjectReference),
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
  flexFields(localObjectReference),
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
  iscsiFields(localObjectReference),
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
  rbdFields(localObjectReference),
);

export const scaleIOVolumeSource = definition(
  'io.k8s.api.core.v1.ScaleIOVolumeSource',
  'A volume of ScaleIO.',
  scaleIOFields(localObjectReference),
);

export const storageOSVolumeSource = definition(
  'io.k8s.api.core.v1.StorageOSVolumeSource',
  'A volume of StorageOS.',
  storageOSFields(localObjectReference),
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
