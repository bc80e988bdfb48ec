/**
 * The fields of the volume sources that pods and PersistentVolumes have in common. The two differ in how they name a Secret: a pod
 * one of its namespace, a PersistentVolume one of any.
 */
import { boolean, int32, list, map, ref, string, type Definition } from '../../schema/schema.js';

/** Fields of a file system of Ceph. */
export const cephFSFields = (secret: Definition) => ({
  monitors: list(1, 'string', 'Addresses of the Ceph monitors.', {
    required: true,
    listType: 'atomic',
  }),
  path: string(2, 'Directory to mount as the root.'),
  readOnly: boolean(6, 'Whether the volume is mounted without write access.'),
  secretFile: string(4, "File with the user's key."),
  secretRef: ref(5, secret, 'Secret with the credentials of the storage.'),
  user: string(3, 'User name to identify with.'),
});

/** Fields of a disk of OpenStack Cinder. */
export const cinderFields = (secret: Definition) => ({
  fsType: string(2, 'File system of the volume, such as ext4.'),
  readOnly: boolean(3, 'Whether the volume is mounted without write access.'),
  secretRef: ref(4, secret, 'Secret with the credentials of the storage.'),
  volumeID: string(1, 'Identifier of the volume at its provider.', { required: true }),
});

/** Fields of a volume of a Flex driver on the node. */
export const flexFields = (secret: Definition) => ({
  driver: string(1, 'Name of the driver.', { required: true }),
  fsType: string(2, 'File system of the volume, such as ext4.'),
  options: map(5, 'string', 'Settings handed to the driver.'),
  readOnly: boolean(4, 'Whether the volume is mounted without write access.'),
  secretRef: ref(3, secret, 'Secret with the credentials of the storage.'),
});

/** Fields of a disk on iSCSI. */
export const iscsiFields = (secret: Definition) => ({
  chapAuthDiscovery: boolean(8, 'Whether discovery authenticates by CHAP.'),
  chapAuthSession: boolean(11, 'Whether sessions authenticate by CHAP.'),
  fsType: string(5, 'File system of the volume, such as ext4.'),
  initiatorName: string(12, 'Name the node identifies itself with.'),
  iqn: string(2, 'Qualified name of the target.', { required: true }),
  iscsiInterface: string(4, 'Interface of the initiator.', { default: 'default' }),
  lun: int32(3, 'Number of the logical unit.', { required: true }),
  portals: list(7, 'string', 'Further addresses of the target.', { listType: 'atomic' }),
  readOnly: boolean(6, 'Whether the volume is mounted without write access.'),
  secretRef: ref(10, secret, 'Secret with the credentials of the storage.'),
  targetPortal: string(1, 'Address of the target.', { required: true }),
});

/** Fields of a block device of Ceph. */
export const rbdFields = (secret: Definition) => ({
  fsType: string(3, 'File system of the volume, such as ext4.'),
  image: string(2, 'Name of the image.', { required: true }),
  keyring: string(6, "File with the user's key.", { default: '/etc/ceph/keyring' }),
  monitors: list(1, 'string', 'Addresses of the Ceph monitors.', {
    required: true,
    listType: 'atomic',
  }),
  pool: string(4, 'Pool that holds the image.', { default: 'rbd' }),
  readOnly: boolean(8, 'Whether the volume is mounted without write access.'),
  secretRef: ref(7, secret, 'Secret with the credentials of the storage.'),
  user: string(5, 'User name to identify with.', { default: 'admin' }),
});

/** Fields of a volume of ScaleIO. */
export const scaleIOFields = (secret: Definition) => ({
  fsType: string(9, 'File system of the volume, such as ext4.', { default: 'xfs' }),
  gateway: string(1, 'Address of the gateway.', { required: true }),
  protectionDomain: string(5, 'Protection domain of the volume.'),
  readOnly: boolean(10, 'Whether the volume is mounted without write access.'),
  secretRef: ref(3, secret, 'Secret with the credentials of the storage.', {
    required: true,
  }),
  sslEnabled: boolean(4, 'Whether to speak TLS to the gateway.'),
  storageMode: string(7, 'Thick or thin provisioning.', { default: 'ThinProvisioned' }),
  storagePool: string(6, 'Pool of the protection domain.'),
  system: string(2, 'Name of the storage system.', { required: true }),
  volumeName: string(8, 'Name of the volume.'),
});

/** Fields of a volume of StorageOS. */
export const storageOSFields = (secret: Definition) => ({
  fsType: string(3, 'File system of the volume, such as ext4.'),
  readOnly: boolean(4, 'Whether the volume is mounted without write access.'),
  secretRef: ref(5, secret, 'Secret with the credentials of the storage.'),
  volumeName: string(1, 'Name of the volume.'),
  volumeNamespace: string(2, 'Namespace of the volume in StorageOS.'),
});
