import {
  boolean,
  definition,
  int32,
  int64,
  list,
  map,
  ref,
  string,
  within,
} from '../../../schema/schema.js';
import { objectFieldSelector, resourceFieldSelector } from './container.js';
import { labelSelector } from '../../../meta/v1/label-selector.js';

export const clusterTrustBundleProjection = definition(
  'io.k8s.api.core.v1.ClusterTrustBundleProjection',
  'Certificates of cluster trust bundles as one file.',
  {
    labelSelector: ref(3, labelSelector, 'Selects bundles of the signer by their labels.'),
    name: string(1, 'Name of a single bundle.'),
    optional: boolean(5, 'Whether the pod may start without the bundle.'),
    path: string(4, 'Path of the file, relative to the mount.', { required: true }),
    signerName: string(2, 'Signer whose bundles to use.'),
  },
);

export const keyToPath = definition('io.k8s.api.core.v1.KeyToPath', 'An entry shown as a file.', {
  key: string(1, 'Key of the entry.', { required: true }),
  mode: int32(3, 'Permission bits of the file, 0 to 0777.'),
  path: string(2, 'Path of the file, relative to the mount.', { required: true }),
});

export const configMapProjection = definition(
  'io.k8s.api.core.v1.ConfigMapProjection',
  'Entries of a ConfigMap as files of a projected volume.',
  {
    items: list(2, keyToPath, 'Keys to show as files and where; all of them when empty.', {
      listType: 'atomic',
    }),
    name: string(within(1, 1), 'Name of the ConfigMap.'),
    optional: boolean(4, 'Whether the reference may point to something that does not exist.'),
  },
);

export const configMapVolumeSource = definition(
  'io.k8s.api.core.v1.ConfigMapVolumeSource',
  'Entries of a ConfigMap as files.',
  {
    defaultMode: int32(3, 'Permission bits of files that state none of their own.'),
    items: list(2, keyToPath, 'Keys to show as files and where; all of them when empty.', {
      listType: 'atomic',
    }),
    name: string(within(1, 1), 'Name of the ConfigMap.'),
    optional: boolean(4, 'Whether the reference may point to something that does not exist.'),
  },
);

export const downwardAPIVolumeFile = definition(
  'io.k8s.api.core.v1.DownwardAPIVolumeFile',
  'A fact about the pod as a file.',
  {
    fieldRef: ref(2, objectFieldSelector, 'Field of the pod.'),
    mode: int32(4, 'Permission bits of the file, 0 to 0777.'),
    path: string(1, 'Path of the file, relative to the mount.', { required: true }),
    resourceFieldRef: ref(3, resourceFieldSelector, 'Request or limit of a container.'),
  },
);

export const downwardAPIProjection = definition(
  'io.k8s.api.core.v1.DownwardAPIProjection',
  'Facts about the pod as files of a projected volume.',
  {
    items: list(1, downwardAPIVolumeFile, 'The files.', { listType: 'atomic' }),
  },
);

export const downwardAPIVolumeSource = definition(
  'io.k8s.api.core.v1.DownwardAPIVolumeSource',
  'Facts about the pod as files.',
  {
    defaultMode: int32(2, 'Permission bits of files that state none of their own.'),
    items: list(1, downwardAPIVolumeFile, 'The files.', { listType: 'atomic' }),
  },
);

export const podCertificateProjection = definition(
  'io.k8s.api.core.v1.PodCertificateProjection',
  'A private key and certificate made for the pod.',
  {
    certificateChainPath: string(6, 'File for the certificate chain alone.'),
    credentialBundlePath: string(4, 'File for key and certificate chain together.'),
    keyPath: string(5, 'File for the key alone.'),
    keyType: string(2, 'Kind of key to make.', { required: true }),
    maxExpirationSeconds: int32(3, 'Longest lifetime of the certificate in seconds.'),
    signerName: string(1, 'Signer to ask for the certificate.', { required: true }),
    userAnnotations: map(7, 'string', 'Further facts handed to the signer.'),
  },
);

export const secretProjection = definition(
  'io.k8s.api.core.v1.SecretProjection',
  'Entries of a Secret as files of a projected volume.',
  {
    items: list(2, keyToPath, 'Keys to show as files and where; all of them when empty.', {
      listType: 'atomic',
    }),
    name: string(within(1, 1), 'Name of the Secret.'),
    optional: boolean(4, 'Whether the reference may point to something that does not exist.'),
  },
);

export const serviceAccountTokenProjection = definition(
  'io.k8s.api.core.v1.ServiceAccountTokenProjection',
  "A token of the pod's service account as a file, renewed in time.",
  {
    audience: string(1, 'Whom the token is for; the API server when absent.'),
    expirationSeconds: int64(2, 'Lifetime of the token in seconds; at least 600.'),
    path: string(3, 'Path of the file, relative to the mount.', { required: true }),
  },
);

export const volumeProjection = definition(
  'io.k8s.api.core.v1.VolumeProjection',
  'One source of a projected volume; one of the fields.',
  {
    clusterTrustBundle: ref(
      5,
      clusterTrustBundleProjection,
      'Certificates of cluster trust bundles.',
    ),
    configMap: ref(3, configMapProjection, 'Entries of a ConfigMap.'),
    downwardAPI: ref(2, downwardAPIProjection, 'Facts about the pod.'),
    podCertificate: ref(6, podCertificateProjection, 'A key and certificate made for the pod.'),
    secret: ref(1, secretProjection, 'Entries of a Secret.'),
    serviceAccountToken: ref(
      4,
      serviceAccountTokenProjection,
      "A token of the pod's service account.",
    ),
  },
);

export const projectedVolumeSource = definition(
  'io.k8s.api.core.v1.ProjectedVolumeSource',
  'Several sources as files of one directory.',
  {
    defaultMode: int32(2, 'Permission bits of files that state none of their own.'),
    sources: list(1, volumeProjection, 'The sources.', { listType: 'atomic' }),
  },
);

export const secretVolumeSource = definition(
  'io.k8s.api.core.v1.SecretVolumeSource',
  'Entries of a Secret as files, kept in memory.',
  {
    defaultMode: int32(3, 'Permission bits of files that state none of their own.'),
    items: list(2, keyToPath, 'Keys to show as files and where; all of them when empty.', {
      listType: 'atomic',
    }),
    optional: boolean(4, 'Whether the reference may point to something that does not exist.'),
    secretName: string(1, 'Name of the Secret.'),
  },
);
