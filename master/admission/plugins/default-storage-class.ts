/** DefaultStorageClass: a claim that names no class gets the cluster's default one. */
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { AdmissionPlugin, AdmissionReader } from '../admission.js';
import { concernsResource } from '../sorts.js';
import { newestDefault } from './default-class.js';
import { storageClassAnnotation } from '../../../api/core/v1/volume-columns.js';

const annotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];
/** The older way for a claim to name its class. */

type Claim = KubeObject & { spec?: { storageClassName?: string } };

export const defaultStorageClass = (reader: AdmissionReader): AdmissionPlugin => ({
  name: 'DefaultStorageClass',
  concerns: concernsResource('', 'persistentvolumeclaims', ['CREATE']),
  idle: () => reader.count('storage.k8s.io', 'storageclasses') === 0,
  mutate: ({ object }) => {
    const claim = object as Claim;
    if (claim.spec?.storageClassName !== undefined) return;
    if (claim.metadata.annotations?.[storageClassAnnotation] !== undefined) return;
    const found = newestDefault(reader.list('storage.k8s.io', 'storageclasses'), annotations);
    if (found === undefined) return;
    claim.spec = { ...claim.spec, storageClassName: found.metadata.name };
  },
});
