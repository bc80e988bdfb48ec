import { boolean, definition, int32, list, map, ref, string } from '../../schema/schema.js';
import { objectReference } from './references.js';

export const secretReference = definition(
  'io.k8s.api.core.v1.SecretReference',
  'Names a Secret in any namespace.',
  {
    name: string(1, 'Name of the Secret.'),
    namespace: string(2, 'Namespace of the Secret.'),
  },
);

export const azureFilePersistentVolumeSource = definition(
  'io.k8s.api.core.v1.AzureFilePersistentVolumeSource',
  'A file share of Azure.',
  {
    readOnly: boolean(3, 'Whether the volume is mounted without write access.'),
    secretName: string(1, "Secret with the account's name and key.", { required: true }),
    secretNamespace: string(4, "Namespace of the Secret; the claim's when absent."),
    shareName: string(2, 'Name of the share.', { required: true }),
  },
);

export const csiPersistentVolumeSource = definition(
  'io.k8s.api.core.v1.CSIPersistentVolumeSource',
  'A volume of a CSI driver.',
  {
    controllerExpandSecretRef: ref(
      9,
      secretReference,
      'Secret handed to the driver when the volume is grown.',
    ),
    controllerPublishSecretRef: ref(
      6,
      secretReference,
      'Secret handed to the driver when the volume is attached or detached.',
    ),
    driver: string(1, 'Name of the driver.', { required: true }),
    fsType: string(4, 'File system of the volume, such as ext4.'),
    nodeExpandSecretRef: ref(
      10,
      secretReference,
      'Secret handed to the driver when the volume is grown on the node.',
    ),
    nodePublishSecretRef: ref(
      8,
      secretReference,
      'Secret handed to the driver when the volume is mounted for a pod.',
    ),
    nodeStageSecretRef: ref(
      7,
      secretReference,
      'Secret handed to the driver when the volume is mounted on the node.',
    ),
    readOnly: boolean(3, 'Whether the volume is mounted without write access.'),
    volumeAttributes: map(5, 'string', 'Settings handed to the driver.'),
    volumeHandle: string(2, 'Identifier of the volume at the driver; cannot be changed.', {
      required: true,
    }),
  },
);

export const cephFSPersistentVolumeSource = definition(
  'io.k8s.api.core.v1.CephFSPersistentVolumeSource',
  'A file system of Ceph.',
  {
    monitors: list(1, 'string', 'Addresses of the Ceph monitors.', {
      required: true,
      listType: 'atomic',
    }),
    path: string(2, 'Directory to mount as the root.'),
    readOnly: boolean(6, 'Whether the volume is mounted without write access.'),
    secretFile: string(4, "File with the user's key."),
    secretRef: ref(5, secretReference, 'Secret with the credentials of the storage.'),
    user: string(3, 'User name to identify with.'),
  },
);

export const cinderPersistentVolumeSource = definition(
  'io.k8s.api.core.v1.CinderPersistentVolumeSource',
  'A disk of OpenStack Cinder.',
  {
    fsType: string(2, 'File system of the volume, such as ext4.'),
    readOnly: boolean(3, 'Whether the volume is mounted without write access.'),
    secretRef: ref(4, secretReference, 'Secret with the credentials of the storage.'),
    volumeID: string(1, 'Identifier of the volume at its provider.', { required: true }),
  },
);

export const flexPersistentVolumeSource = definition(
  'io.k8s.api.core.v1.FlexPersistentVolumeSource',
  'A volume of a Flex driver on the node.',
  {
    driver: string(1, 'Name of the driver.', { required: true }),
    fsType: string(2, 'File system of the volume, such as ext4.'),
    options: map(5, 'string', 'Settings handed to the driver.'),
    readOnly: boolean(4, 'Whether the volume is mounted without write access.'),
    secretRef: ref(3, secretReference, 'Secret with the credentials of the storage.'),
  },
);

export const glusterfsPersistentVolumeSource = definition(
  'io.k8s.api.core.v1.GlusterfsPersistentVolumeSource',
  'A volume of GlusterFS.',
  {
    endpoints: string(1, "Endpoints object with the servers' addresses.", { required: true }),
    endpointsNamespace: string(4, "Namespace of the Endpoints object; the claim's when absent."),
    path: string(2, 'Name of the volume.', { required: true }),
    readOnly: boolean(3, 'Whether the volume is mounted without write access.'),
  },
);

export const iscsiPersistentVolumeSource = definition(
  'io.k8s.api.core.v1.ISCSIPersistentVolumeSource',
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
    secretRef: ref(10, secretReference, 'Secret with the credentials of the storage.'),
    targetPortal: string(1, 'Address of the target.', { required: true }),
  },
);

export const localVolumeSource = definition(
  'io.k8s.api.core.v1.LocalVolumeSource',
  'A disk or directory of one node.',
  {
    fsType: string(2, 'File system to make where the path is an empty block device, such as ext4.'),
    path: string(1, 'Path on the node.', { required: true }),
  },
);

export const rbdPersistentVolumeSource = definition(
  'io.k8s.api.core.v1.RBDPersistentVolumeSource',
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
    secretRef: ref(7, secretReference, 'Secret with the credentials of the storage.'),
    user: string(5, 'User name to identify with.', { default: 'admin' }),
  },
);

export const scaleIOPersistentVolumeSource = definition(
  'io.k8s.api.core.v1.ScaleIOPersistentVolumeSource',
  'A volume of ScaleIO.',
  {
    fsType: string(9, 'File system of the volume, such as ext4.', { default: 'xfs' }),
    gateway: string(1, 'Address of the gateway.', { required: true }),
    protectionDomain: string(5, 'Protection domain of the volume.'),
    readOnly: boolean(10, 'Whether the volume is mounted without write access.'),
    secretRef: ref(3, secretReference, 'Secret with the credentials of the storage.', {
      required: true,
    }),
    sslEnabled: boolean(4, 'Whether to speak TLS to the gateway.'),
    storageMode: string(7, 'Thick or thin provisioning.', { default: 'ThinProvisioned' }),
    storagePool: string(6, 'Pool of the protection domain.'),
    system: string(2, 'Name of the storage system.', { required: true }),
    volumeName: string(8, 'Name of the volume.'),
  },
);

export const storageOSPersistentVolumeSource = definition(
  'io.k8s.api.core.v1.StorageOSPersistentVolumeSource',
  'A volume of StorageOS.',
  {
    fsType: string(3, 'File system of the volume, such as ext4.'),
    readOnly: boolean(4, 'Whether the volume is mounted without write access.'),
    secretRef: ref(5, objectReference, 'Secret with the credentials of the storage.'),
    volumeName: string(1, 'Name of the volume.'),
    volumeNamespace: string(2, 'Namespace of the volume in StorageOS.'),
  },
);
