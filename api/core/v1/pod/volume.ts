import {
  boolean,
  definition,
  inline,
  list,
  map,
  quantity,
  ref,
  string,
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

export const csiVolumeSource = definition('io.k8s.api.core.v1.CSIVolumeSource', '', {
  driver: string(1, '', { required: true }),
  fsType: string(3, ''),
  nodePublishSecretRef: ref(5, localObjectReference, ''),
  readOnly: boolean(2, ''),
  volumeAttributes: map(4, 'string', ''),
});

export const emptyDirVolumeSource = definition('io.k8s.api.core.v1.EmptyDirVolumeSource', '', {
  medium: string(1, '', { enum: ['', 'Memory', 'HugePages', 'HugePages-'] }),
  sizeLimit: quantity(2, ''),
});

export const typedLocalObjectReference = definition(
  'io.k8s.api.core.v1.TypedLocalObjectReference',
  '',
  {
    apiGroup: string(1, ''),
    kind: string(2, '', { required: true }),
    name: string(3, '', { required: true }),
  },
);

export const typedObjectReference = definition('io.k8s.api.core.v1.TypedObjectReference', '', {
  apiGroup: string(1, ''),
  kind: string(2, '', { required: true }),
  name: string(3, '', { required: true }),
  namespace: string(4, ''),
});

export const volumeResourceRequirements = definition(
  'io.k8s.api.core.v1.VolumeResourceRequirements',
  '',
  {
    limits: map(1, 'quantity', ''),
    requests: map(2, 'quantity', ''),
  },
);

export const persistentVolumeClaimSpec = definition(
  'io.k8s.api.core.v1.PersistentVolumeClaimSpec',
  '',
  {
    accessModes: list(1, 'string', '', {
      enum: ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'],
      listType: 'atomic',
    }),
    dataSource: ref(7, typedLocalObjectReference, ''),
    dataSourceRef: ref(8, typedObjectReference, ''),
    resources: ref(2, volumeResourceRequirements, ''),
    selector: ref(4, labelSelector, ''),
    storageClassName: string(5, ''),
    volumeAttributesClassName: string(9, ''),
    volumeMode: string(6, '', { enum: ['Block', 'Filesystem'] }),
    volumeName: string(3, ''),
  },
);

export const persistentVolumeClaimTemplate = definition(
  'io.k8s.api.core.v1.PersistentVolumeClaimTemplate',
  '',
  {
    metadata: ref(1, objectMeta, ''),
    spec: ref(2, persistentVolumeClaimSpec, '', { required: true }),
  },
);

export const ephemeralVolumeSource = definition('io.k8s.api.core.v1.EphemeralVolumeSource', '', {
  volumeClaimTemplate: ref(1, persistentVolumeClaimTemplate, ''),
});

export const gitRepoVolumeSource = definition('io.k8s.api.core.v1.GitRepoVolumeSource', '', {
  directory: string(3, ''),
  repository: string(1, '', { required: true }),
  revision: string(2, ''),
});

export const hostPathVolumeSource = definition('io.k8s.api.core.v1.HostPathVolumeSource', '', {
  path: string(1, '', { required: true }),
  type: string(2, '', {
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
});

export const imageVolumeSource = definition('io.k8s.api.core.v1.ImageVolumeSource', '', {
  pullPolicy: string(2, '', { enum: ['Always', 'Never', 'IfNotPresent'] }),
  reference: string(1, ''),
});

export const nfsVolumeSource = definition('io.k8s.api.core.v1.NFSVolumeSource', '', {
  path: string(2, '', { required: true }),
  readOnly: boolean(3, ''),
  server: string(1, '', { required: true }),
});

export const persistentVolumeClaimVolumeSource = definition(
  'io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource',
  '',
  {
    claimName: string(1, '', { required: true }),
    readOnly: boolean(2, ''),
  },
);

export const volume = definition('io.k8s.api.core.v1.Volume', '', {
  awsElasticBlockStore: ref(inline, awsElasticBlockStoreVolumeSource, ''),
  azureDisk: ref(inline, azureDiskVolumeSource, ''),
  azureFile: ref(inline, azureFileVolumeSource, ''),
  cephfs: ref(inline, cephFSVolumeSource, ''),
  cinder: ref(inline, cinderVolumeSource, ''),
  configMap: ref(inline, configMapVolumeSource, ''),
  csi: ref(inline, csiVolumeSource, ''),
  downwardAPI: ref(inline, downwardAPIVolumeSource, ''),
  emptyDir: ref(inline, emptyDirVolumeSource, ''),
  ephemeral: ref(inline, ephemeralVolumeSource, ''),
  fc: ref(inline, fcVolumeSource, ''),
  flexVolume: ref(inline, flexVolumeSource, ''),
  flocker: ref(inline, flockerVolumeSource, ''),
  gcePersistentDisk: ref(inline, gcePersistentDiskVolumeSource, ''),
  gitRepo: ref(inline, gitRepoVolumeSource, ''),
  glusterfs: ref(inline, glusterfsVolumeSource, ''),
  hostPath: ref(inline, hostPathVolumeSource, ''),
  image: ref(inline, imageVolumeSource, ''),
  iscsi: ref(inline, iscsiVolumeSource, ''),
  name: string(1, '', { required: true }),
  nfs: ref(inline, nfsVolumeSource, ''),
  persistentVolumeClaim: ref(inline, persistentVolumeClaimVolumeSource, ''),
  photonPersistentDisk: ref(inline, photonPersistentDiskVolumeSource, ''),
  portworxVolume: ref(inline, portworxVolumeSource, ''),
  projected: ref(inline, projectedVolumeSource, ''),
  quobyte: ref(inline, quobyteVolumeSource, ''),
  rbd: ref(inline, rbdVolumeSource, ''),
  scaleIO: ref(inline, scaleIOVolumeSource, ''),
  secret: ref(inline, secretVolumeSource, ''),
  storageos: ref(inline, storageOSVolumeSource, ''),
  vsphereVolume: ref(inline, vsphereVirtualDiskVolumeSource, ''),
});
