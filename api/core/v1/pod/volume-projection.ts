import {
  boolean,
  definition,
  inline,
  int32,
  int64,
  list,
  map,
  ref,
  string,
} from '../../../schema/schema.js';
import { objectFieldSelector, resourceFieldSelector } from './container.js';
import { labelSelector } from '../../../meta/v1/label-selector.js';

export const clusterTrustBundleProjection = definition(
  'io.k8s.api.core.v1.ClusterTrustBundleProjection',
  '',
  {
    labelSelector: ref(3, labelSelector, ''),
    name: string(1, ''),
    optional: boolean(5, ''),
    path: string(4, '', { required: true }),
    signerName: string(2, ''),
  },
);

export const keyToPath = definition('io.k8s.api.core.v1.KeyToPath', '', {
  key: string(1, '', { required: true }),
  mode: int32(3, ''),
  path: string(2, '', { required: true }),
});

export const configMapProjection = definition('io.k8s.api.core.v1.ConfigMapProjection', '', {
  items: list(2, keyToPath, '', { listType: 'atomic' }),
  name: string(inline, ''),
  optional: boolean(4, ''),
});

export const configMapVolumeSource = definition('io.k8s.api.core.v1.ConfigMapVolumeSource', '', {
  defaultMode: int32(3, ''),
  items: list(2, keyToPath, '', { listType: 'atomic' }),
  name: string(inline, ''),
  optional: boolean(4, ''),
});

export const downwardAPIVolumeFile = definition('io.k8s.api.core.v1.DownwardAPIVolumeFile', '', {
  fieldRef: ref(2, objectFieldSelector, ''),
  mode: int32(4, ''),
  path: string(1, '', { required: true }),
  resourceFieldRef: ref(3, resourceFieldSelector, ''),
});

export const downwardAPIProjection = definition('io.k8s.api.core.v1.DownwardAPIProjection', '', {
  items: list(1, downwardAPIVolumeFile, '', { listType: 'atomic' }),
});

export const downwardAPIVolumeSource = definition(
  'io.k8s.api.core.v1.DownwardAPIVolumeSource',
  '',
  {
    defaultMode: int32(2, ''),
    items: list(1, downwardAPIVolumeFile, '', { listType: 'atomic' }),
  },
);

export const podCertificateProjection = definition(
  'io.k8s.api.core.v1.PodCertificateProjection',
  '',
  {
    certificateChainPath: string(6, ''),
    credentialBundlePath: string(4, ''),
    keyPath: string(5, ''),
    keyType: string(2, '', { required: true }),
    maxExpirationSeconds: int32(3, ''),
    signerName: string(1, '', { required: true }),
    userAnnotations: map(7, 'string', ''),
  },
);

export const secretProjection = definition('io.k8s.api.core.v1.SecretProjection', '', {
  items: list(2, keyToPath, '', { listType: 'atomic' }),
  name: string(inline, ''),
  optional: boolean(4, ''),
});

export const serviceAccountTokenProjection = definition(
  'io.k8s.api.core.v1.ServiceAccountTokenProjection',
  '',
  {
    audience: string(1, ''),
    expirationSeconds: int64(2, ''),
    path: string(3, '', { required: true }),
  },
);

export const volumeProjection = definition('io.k8s.api.core.v1.VolumeProjection', '', {
  clusterTrustBundle: ref(5, clusterTrustBundleProjection, ''),
  configMap: ref(3, configMapProjection, ''),
  downwardAPI: ref(2, downwardAPIProjection, ''),
  podCertificate: ref(6, podCertificateProjection, ''),
  secret: ref(1, secretProjection, ''),
  serviceAccountToken: ref(4, serviceAccountTokenProjection, ''),
});

export const projectedVolumeSource = definition('io.k8s.api.core.v1.ProjectedVolumeSource', '', {
  defaultMode: int32(2, ''),
  sources: list(1, volumeProjection, '', { listType: 'atomic' }),
});

export const secretVolumeSource = definition('io.k8s.api.core.v1.SecretVolumeSource', '', {
  defaultMode: int32(3, ''),
  items: list(2, keyToPath, '', { listType: 'atomic' }),
  optional: boolean(4, ''),
  secretName: string(1, ''),
});
