import {
  boolean,
  definition,
  list,
  map,
  quantity,
  ref,
  string,
  within,
} from '../../../schema/schema.js';
import {
  awsElasticBlockStoreVolumeSource,
  azureDiskVolumeSource,
  azureFileVolumeSource,
  cephFSVolumeSource,
  cinderVolumeSource,
  fcVolumeSource,
  flexVolumeSource,
  flockerVolumeSource,
  gcePersistentDiskVolumeSource,
  glusterfsVolumeSource,
  iscsiVolumeSource,
  photonPersistentDiskVolumeSource,
  portworxVolumeSource,
  quobyteVolumeSource,
  rbdVolumeSource,
  scaleIOVolumeSource,
  storageOSVolumeSource,
  vsphereVirtualDiskVolumeSource,
} from './volume-legacy.js';
import {
  configMapVolumeSource,
  downwardAPIVolumeSource,
  projectedVolumeSource,
  secretVolumeSource,
} from './volume-projection.js';
import { localObjectReference } from '../references.js';
import { labelSelector } from '../../../meta/v1/label-selector.js';
import { objectMeta } from '../../../meta/v1/object-meta.js';

export const csiVolumeSource = definition(
  'io.k8s.api.core.v1.CSIVolumeSource',
  'A volume made for the pod by a CSI driver.',
  {
    driver: string(1, 'Name of the driver.', { required: true }),
    fsType: string(3, 'File system of the volume, such as ext4.'),
    nodePublishSecretRef: ref(5, localObjectReference, 'Secret handed to the driver.'),
    readOnly: boolean(2, 'Whether the volume is mounted without write access.'),
    volumeAttributes: map(4, 'string', 'Settings handed to the driver.'),
  },
);

export const emptyDirVolumeSource = definition(
  'io.k8s.api.core.v1.EmptyDirVolumeSource',
  'An empty directory that lives as long as the pod.',
  {
    medium: string(1, "Where it is kept: the node's disk when empty, or Memory.", {
      enum: ['', 'Memory', 'HugePages', 'HugePages-'],
    }),
    sizeLimit: quantity(2, 'Size above which the pod is evicted.'),
  },
);

export const typedLocalObjectReference = definition(
  'io.k8s.api.core.v1.TypedLocalObjectReference',
  'An object of a given kind in the same namespace.',
  {
    apiGroup: string(1, 'API group of the object; the core group when absent.'),
    kind: string(2, 'Kind of the object.', { required: true }),
    name: string(3, 'Name of the object.', { required: true }),
  },
  { mapType: 'atomic' },
);

export const typedObjectReference = definition(
  'io.k8s.api.core.v1.TypedObjectReference',
  'An object of a given kind in any namespace.',
  {
    apiGroup: string(1, 'API group of the object; the core group when absent.'),
    kind: string(2, 'Kind of the object.', { required: true }),
    name: string(3, 'Name of the object.', { required: true }),
    namespace: string(4, 'Namespace of the object; the same one when absent.'),
  },
);

export const volumeResourceRequirements = definition(
  'io.k8s.api.core.v1.VolumeResourceRequirements',
  'How large a volume has to be.',
  {
    limits: map(1, 'quantity', 'Most of each resource that may be used.'),
    requests: map(2, 'quantity', 'Amount of each resource that is set aside.'),
  },
);

export const persistentVolumeClaimSpec = definition(
  'io.k8s.api.core.v1.PersistentVolumeClaimSpec',
  'What is wanted of persistent storage.',
  {
    accessModes: list(1, 'string', 'How the volume has to be mountable.', {
      enum: ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'],
      listType: 'atomic',
    }),
    dataSource: ref(7, typedLocalObjectReference, 'Claim or snapshot to fill the volume from.'),
    dataSourceRef: ref(8, typedObjectReference, 'Object to fill the volume from, of any kind.'),
    resources: ref(2, volumeResourceRequirements, 'How large the volume has to be.'),
    selector: ref(4, labelSelector, 'Selects volumes by their labels.'),
    storageClassName: string(5, 'Class of storage.'),
    volumeAttributesClassName: string(9, 'Class of adjustable attributes.'),
    volumeMode: string(6, 'File system or block device.', { enum: ['Block', 'Filesystem'] }),
    volumeName: string(3, 'Volume bound to the claim.'),
  },
);

export const persistentVolumeClaimTemplate = definition(
  'io.k8s.api.core.v1.PersistentVolumeClaimTemplate',
  'A claim to make for the pod.',
  {
    metadata: ref(1, objectMeta, 'Labels and annotations of the claim.'),
    spec: ref(2, persistentVolumeClaimSpec, 'What is wanted of the storage.', { required: true }),
  },
);

export const ephemeralVolumeSource = definition(
  'io.k8s.api.core.v1.EphemeralVolumeSource',
  'A claim made for the pod and deleted with it.',
  {
    volumeClaimTemplate: ref(1, persistentVolumeClaimTemplate, 'The claim to make.'),
  },
);

export const gitRepoVolumeSource = definition(
  'io.k8s.api.core.v1.GitRepoVolumeSource',
  'A checkout of a git repository; no longer supported.',
  {
    directory: string(3, 'Directory to check out into.'),
    repository: string(1, 'Address of the repository.', { required: true }),
    revision: string(2, 'Commit to check out.'),
  },
);

export const hostPathVolumeSource = definition(
  'io.k8s.api.core.v1.HostPathVolumeSource',
  'A file or directory of the node.',
  {
    path: string(1, 'Path on the node.', { required: true }),
    type: string(2, 'What has to be at the path, or is to be made there; unchecked when empty.', {
      enum: [
        '',
        'DirectoryOrCreate',
        'Directory',
        'FileOrCreate',
        'File',
        'Socket',
        'CharDevice',
        'BlockDevice',
      ],
    }),
  },
);

export const imageVolumeSource = definition(
  'io.k8s.api.core.v1.ImageVolumeSource',
  'The content of an image, read-only.',
  {
    pullPolicy: string(2, 'When to pull the image.', { enum: ['Always', 'Never', 'IfNotPresent'] }),
    reference: string(1, 'Image to show.'),
  },
);

export const nfsVolumeSource = definition(
  'io.k8s.api.core.v1.NFSVolumeSource',
  'A directory of an NFS server.',
  {
    path: string(2, 'Path the server exports.', { required: true }),
    readOnly: boolean(3, 'Whether the volume is mounted without write access.'),
    server: string(1, 'Name or address of the server.', { required: true }),
  },
);

export const persistentVolumeClaimVolumeSource = definition(
  'io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource',
  'Storage bound to a claim.',
  {
    claimName: string(1, "Name of the claim in the pod's namespace.", { required: true }),
    readOnly: boolean(2, 'Whether the volume is mounted without write access.'),
  },
);

export const volume = definition(
  'io.k8s.api.core.v1.Volume',
  'A volume of a pod: a name and one source.',
  {
    awsElasticBlockStore: ref(
      within(2, 4),
      awsElasticBlockStoreVolumeSource,
      'Disk of Amazon EBS; old form.',
    ),
    azureDisk: ref(within(2, 22), azureDiskVolumeSource, 'Disk of Azure; old form.'),
    azureFile: ref(within(2, 18), azureFileVolumeSource, 'File share of Azure; old form.'),
    cephfs: ref(within(2, 14), cephFSVolumeSource, 'File system of Ceph; no longer supported.'),
    cinder: ref(within(2, 13), cinderVolumeSource, 'Disk of OpenStack Cinder; old form.'),
    configMap: ref(within(2, 19), configMapVolumeSource, 'Entries of a ConfigMap.'),
    csi: ref(within(2, 28), csiVolumeSource, 'Volume made by a CSI driver.'),
    downwardAPI: ref(within(2, 16), downwardAPIVolumeSource, 'Facts about the pod.'),
    emptyDir: ref(
      within(2, 2),
      emptyDirVolumeSource,
      'Empty directory that lives as long as the pod.',
    ),
    ephemeral: ref(
      within(2, 29),
      ephemeralVolumeSource,
      'Claim made for the pod and deleted with it.',
    ),
    fc: ref(within(2, 17), fcVolumeSource, 'Disk on Fibre Channel.'),
    flexVolume: ref(within(2, 12), flexVolumeSource, 'Volume of a Flex driver; old form.'),
    flocker: ref(within(2, 15), flockerVolumeSource, 'Dataset of Flocker; no longer supported.'),
    gcePersistentDisk: ref(
      within(2, 3),
      gcePersistentDiskVolumeSource,
      'Disk of Google Compute Engine; old form.',
    ),
    gitRepo: ref(
      within(2, 5),
      gitRepoVolumeSource,
      'Checkout of a git repository; no longer supported.',
    ),
    glusterfs: ref(
      within(2, 9),
      glusterfsVolumeSource,
      'Volume of GlusterFS; no longer supported.',
    ),
    hostPath: ref(within(2, 1), hostPathVolumeSource, 'File or directory of the node.'),
    image: ref(within(2, 30), imageVolumeSource, 'Content of an image.'),
    iscsi: ref(within(2, 8), iscsiVolumeSource, 'Disk on iSCSI.'),
    name: string(1, 'Name by which containers mount the volume.', { required: true }),
    nfs: ref(within(2, 7), nfsVolumeSource, 'Directory of an NFS server.'),
    persistentVolumeClaim: ref(
      within(2, 10),
      persistentVolumeClaimVolumeSource,
      'Storage bound to a claim.',
    ),
    photonPersistentDisk: ref(
      within(2, 23),
      photonPersistentDiskVolumeSource,
      'Disk of Photon; no longer supported.',
    ),
    portworxVolume: ref(within(2, 24), portworxVolumeSource, 'Volume of Portworx; old form.'),
    projected: ref(
      within(2, 26),
      projectedVolumeSource,
      'Several sources as files of one directory.',
    ),
    quobyte: ref(within(2, 21), quobyteVolumeSource, 'Volume of Quobyte; no longer supported.'),
    rbd: ref(within(2, 11), rbdVolumeSource, 'Block device of Ceph; no longer supported.'),
    scaleIO: ref(within(2, 25), scaleIOVolumeSource, 'Volume of ScaleIO; no longer supported.'),
    secret: ref(within(2, 6), secretVolumeSource, 'Entries of a Secret.'),
    storageos: ref(
      within(2, 27),
      storageOSVolumeSource,
      'Volume of StorageOS; no longer supported.',
    ),
    vsphereVolume: ref(within(2, 20), vsphereVirtualDiskVolumeSource, 'Disk of vSphere; old form.'),
  },
);
