/** NamespaceLifecycle: nothing is created in a namespace that is missing or going, and the namespaces the cluster needs stay. */
import { failure, forbiddenRequest, notFound } from '../../api/meta/status-error.js';
import type { AdmissionAttributes, AdmissionPlugin, AdmissionReader } from './admission.js';

const undeletable = new Set(['default', 'kube-system', 'kube-public']);
const namespaces = { group: '', plural: 'namespaces' };

function refuseTerminating({ resource, namespace, object, name }: AdmissionAttributes): Error {
  const target = name === '' ? (object?.metadata.generateName ?? '') : name;
  const forbidden = forbiddenRequest(
    resource,
    target,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  );
  return failure({
    code: 403,
    reason: 'Forbidden',
    message: forbidden.message,
    details: {
      ...forbidden.status.details,
      // The API's list of cause reasons is open, which the generated type does not say.
      causes: [
        {
          reason: 'NamespaceTerminating' as never,
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    },
  });
}

export const namespaceLifecycle = (reader: AdmissionReader): AdmissionPlugin => ({
  name: 'NamespaceLifecycle',
  mutate: (attributes) => {
    const { operation, resource, namespace, name } = attributes;
    const isNamespace = resource.group === '' && resource.plural === 'namespaces';
    if (isNamespace) {
      if (operation === 'DELETE' && undeletable.has(name)) {
        throw forbiddenRequest(namespaces, name, 'this namespace may not be deleted');
      }
      return;
    }
    if (operation !== 'CREATE' || resource.scope !== 'Namespaced') return;
    const found = reader.find('', 'namespaces', { namespace: '', name: namespace });
    if (found === undefined) throw notFound(namespaces, namespace);
    if (found.metadata.deletionTimestamp !== undefined) throw refuseTerminating(attributes);
  },
});
