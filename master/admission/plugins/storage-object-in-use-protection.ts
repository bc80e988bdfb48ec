/** StorageObjectInUseProtection: volumes, claims and volume classes stay, once deleted, for as long as they are used. */
import type { AdmissionPlugin } from '../admission.js';

const finalizers: Readonly<Record<string, string>> = {
  '/persistentvolumes': 'kubernetes.io/pv-protection',
  '/persistentvolumeclaims': 'kubernetes.io/pvc-protection',
  'storage.k8s.io/volumeattributesclasses': 'kubernetes.io/vac-protection',
};

export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  concerns: ({ operation, resource, subresource }) =>
    operation === 'CREATE' &&
    subresource === '' &&
    finalizers[`${resource.group}/${resource.plural}`] !== undefined,
  mutate: ({ resource, object }) => {
    const finalizer = finalizers[`${resource.group}/${resource.plural}`];
    if (object === undefined || finalizer === undefined) return;
    const present = object.metadata.finalizers ?? [];
    if (!present.includes(finalizer)) object.metadata.finalizers = [...present, finalizer];
  },
};
