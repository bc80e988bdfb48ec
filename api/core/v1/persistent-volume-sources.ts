import { boolean, definition, map, ref, string } from '../../schema/schema.js';
import { objectReference } from './references.js';
import {
  cephFSFields,
  cinderFields,
  flexFields,
  iscsiFields,
  rbdFields,
  scaleIOFields,
  storageOSFields,
} from './volume-source-fields.js';

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
  cephFSFields(secretReference),
);

export const cinderPersistentVolumeSource = definition(
  'io.k8s.api.core.v1.CinderPersistentVolumeSource',
  'A disk of OpenStack Cinder.',
  cinderFields(secretReference),
);

export const flexPersistentVolumeSource = definition(
  'io.k8s.api.core.v1.FlexPersistentVolumeSource',
  'A volume of a Flex driver on the node.',
  flexFields(secretReference),
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
  iscsiFields(secretReference),
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
  rbdFields(secretReference),
);

export const scaleIOPersistentVolumeSource = definition(
  'io.k8s.api.core.v1.ScaleIOPersistentVolumeSource',
  'A volume of ScaleIO.',
  scaleIOFields(secretReference),
);

export const storageOSPersistentVolumeSource = definition(
  'io.k8s.api.core.v1.StorageOSPersistentVolumeSource',
  'A volume of StorageOS.',
  storageOSFields(objectReference),
);
