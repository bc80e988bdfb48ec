/** NamespaceLifecycle: nothing is created in a namespace that is missing or going, and the namespaces the cluster needs stay. */
import { failure, forbiddenRequest, notFound } from '../../../api/meta/status-error.js';
import type { ResourceDefinition } from '../../../api/schema/resource.js';
import type { AdmissionAttributes, AdmissionPlugin, AdmissionReader } from '../admission.js';

const undeletable = new Set(['default', 'kube-system', 'kube-public']);
const namespaces = { group: '', plural: 'namespaces' };

const isNamespaces = ({ group, plural }: ResourceDefinition): boolean =>
  group === '' && plural === 'namespaces';
/** Whether somebody may do something in a namespace can be asked whatever becomes of it. */
const isReview = ({ group, plural }: ResourceDefinition): boolean =>
  group === 'authorization.k8s.io' && plural === 'localsubjectaccessreviews';

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
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    },
  });
}

export const namespaceLifecycle = (reader: AdmissionReader): AdmissionPlugin => ({
  name: 'NamespaceLifecycle',
  concerns: ({ operation, resource }) =>
    isNamespaces(resource)
      ? operation === 'DELETE'
      : operation === 'CREATE' && resource.scope === 'Namespaced' && !isReview(resource),
  mutate: (attributes) => {
    const { operation, namespace, name } = attributes;
    if (operation === 'DELETE') {
      if (!undeletable.has(name)) return;
      throw forbiddenRequest(namespaces, name, 'this namespace may not be deleted');
    }
    const found = reader.find('', 'namespaces', { namespace: '', name: namespace });
    if (found === undefined) throw notFound(namespaces, namespace);
    if (found.metadata.deletionTimestamp !== undefined) throw refuseTerminating(attributes);
  },
});
