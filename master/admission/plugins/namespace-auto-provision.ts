/** NamespaceAutoProvision (off by default): a namespace comes about when something is first created in it. */
import { hasReason } from '../../../api/meta/status-error.js';
import type { AdmissionPlugin, AdmissionReader } from '../admission.js';

/** Creates a namespace as the API server itself. */
export type CreateNamespace = (name: string) => Promise<void>;

export const namespaceAutoProvision = (
  reader: AdmissionReader,
  create: CreateNamespace,
): AdmissionPlugin => ({
  name: 'NamespaceAutoProvision',
  concerns: ({ operation, resource, subresource }) =>
    operation === 'CREATE' && subresource === '' && resource.scope === 'Namespaced',
  mutate: ({ namespace: name, dryRun }) => {
    if (dryRun) return undefined;
    if (reader.find('', 'namespaces', { namespace: '', name }) !== undefined) return undefined;
    return create(name).catch((error: unknown) => {
      // Somebody else's first object in it came at the same time.
      if (!hasReason(error, 'AlreadyExists')) throw error;
    });
  },
});
