/** NamespaceExists (off by default; NamespaceLifecycle says the same of creations): nothing is done in a namespace there is not. */
import { notFound } from '../../../api/meta/status-error.js';
import type { AdmissionPlugin, AdmissionReader } from '../admission.js';

export const namespaceExists = (reader: AdmissionReader): AdmissionPlugin => ({
  name: 'NamespaceExists',
  concerns: ({ resource, operation }) => resource.scope === 'Namespaced' && operation !== 'CONNECT',
  validate: ({ namespace: name }) => {
    if (reader.find('', 'namespaces', { namespace: '', name }) !== undefined) return;
    throw notFound({ group: '', plural: 'namespaces' }, name);
  },
});
