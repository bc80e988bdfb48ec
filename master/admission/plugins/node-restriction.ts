/**
 * NodeRestriction: what a node's own credentials may write. A node changes itself, its lease, the devices it offers and the pods
 * bound to it, makes mirror pods, and asks for tokens and certificates of itself and of its pods; nothing of another node's.
 */
import { nodeLeaseNamespace } from '../../../api/core/v1/system-namespaces.js';
import { jsonEqual } from '../../../api/patch/json-value.js';
import type { Node, PersistentVolumeClaim, Pod } from '../../../api/core/v1/types.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { ResourceSlice } from '../../../api/resource/v1/types.js';
import { nodeNameOf } from '../../../api/user-names.js';
import type {
  AdmissionAttributes,
  AdmissionAuthorizer,
  AdmissionPlugin,
  AdmissionReader,
  RequestSort,
} from '../admission.js';
import { refusal } from '../refusals.js';
import { checkCertificateRequest, checkPodCertificateRequest } from './node-certificates.js';
import { quoted, storedPod } from './node-check.js';
import type { NodeCheck } from './node-check.js';
import { checkNewPod } from './node-mirror-pods.js';
import { checkNodeChange, checkNodeCreation } from './node-self-changes.js';
import { checkToken } from './node-tokens.js';

const checkPod: NodeCheck = (attributes, node) => {
  const { operation, stored, namespace, name } = attributes;
  if (operation === 'CREATE') {
    checkNewPod(attributes, node);
    return;
  }
  if (operation !== 'DELETE') {
    throw refusal(
      attributes,
      `unexpected operation ${quoted(operation)}, node ${quoted(node.name)} can only create and delete mirror pods`,
    );
  }
  const pod = (stored as Pod | undefined) ?? storedPod(node, { namespace, name });
  if (pod.spec.nodeName === node.name) return;
  throw refusal(
    attributes,
    `node ${quoted(node.name)} can only delete pods with spec.nodeName set to itself`,
  );
};

/** What the status of a pod says of the devices the pod may use, which is not for its node to say. */
const claimsIn = ({ status }: Partial<Pick<Pod, 'status'>>): unknown =>
  (status?.resourceClaimStatuses ?? []).map(({ name, resourceClaimName }) => [
    name,
    resourceClaimName ?? null,
  ]);

const checkPodStatus: NodeCheck = (attributes, node) => {
  const { operation } = attributes;
  const who = `node ${quoted(node.name)}`;
  if (operation !== 'UPDATE') {
    throw refusal(attributes, `unexpected operation ${quoted(operation)}`);
  }
  const [pod, before] = [attributes.object as Pod, attributes.stored as Pod];
  if (before.spec.nodeName !== node.name) {
    throw refusal(
      attributes,
      `${who} can only update pod status for pods with spec.nodeName set to itself`,
    );
  }
  if (!jsonEqual(pod.metadata.labels ?? {}, before.metadata.labels ?? {})) {
    throw refusal(attributes, `${who} cannot update labels through pod status`);
  }
  if (!jsonEqual(claimsIn(pod), claimsIn(before))) {
    throw refusal(attributes, `${who} cannot update resource claim statues`);
  }
  const extended = ({ status }: Partial<Pick<Pod, 'status'>>): unknown =>
    status?.extendedResourceClaimStatus;
  if (jsonEqual(extended(pod), extended(before))) return;
  throw refusal(attributes, `${who} cannot update extended resource claim status`);
};

const checkEviction: NodeCheck = (attributes, node) => {
  const { namespace, name } = attributes;
  if (storedPod(node, { namespace, name }).spec.nodeName === node.name) return;
  throw refusal(
    attributes,
    `node ${node.name} can only evict pods with spec.nodeName set to itself`,
  );
};

const checkNode: NodeCheck = (attributes, node) => {
  const { operation, object, stored } = attributes;
  const name = nameIn(attributes);
  if (name !== node.name) {
    throw refusal(
      attributes,
      `node ${quoted(node.name)} is not allowed to modify node ${quoted(name)}`,
    );
  }
  if (operation === 'CREATE') checkNodeCreation(attributes, node.name, object as Node);
  if (operation === 'UPDATE') {
    checkNodeChange(attributes, node.name, { node: object as Node, before: stored as Node });
  }
};

/** The name of what a request is about, also where it is only in the body. */
const nameIn = ({ name, object }: AdmissionAttributes): string =>
  name === '' ? (object?.metadata.name ?? '') : name;

const checkLease: NodeCheck = (attributes, node) => {
  if (attributes.namespace !== nodeLeaseNamespace) {
    throw refusal(
      attributes,
      `can only access leases in the ${quoted(nodeLeaseNamespace)} system namespace`,
    );
  }
  if (nameIn(attributes) === node.name) return;
  throw refusal(attributes, 'can only access node lease with the same name as the requesting node');
};

const checkCsiNode: NodeCheck = (attributes, node) => {
  if (nameIn(attributes) === node.name) return;
  throw refusal(attributes, 'can only access CSINode with the same name as the requesting node');
};

/** What is changed or deleted by name, the node authoriser has looked at; what is in a body or one of many, it cannot. */
const checkResourceSlice: NodeCheck = (attributes, node) => {
  const { operation, object, stored } = attributes;
  if (operation === 'UPDATE') return;
  const slice = (operation === 'CREATE' ? object : stored) as ResourceSlice | undefined;
  if (slice?.spec.nodeName === node.name) return;
  throw refusal(
    attributes,
    `can only ${operation.toLowerCase()} ResourceSlice with the same NodeName as the requesting node`,
  );
};

/** A claim without what a node may say of it: how large its volume is, and how growing it goes. */
function withoutSize(claim: KubeObject): object {
  const { metadata, status, ...rest } = claim as PersistentVolumeClaim;
  const { resourceVersion: _revision, managedFields: _owners, ...named } = metadata;
  const {
    capacity: _size,
    conditions: _conditions,
    allocatedResources: _target,
    allocatedResourceStatuses: _progress,
    ...said
  } = status;
  return { ...rest, metadata: named, status: said };
}

const checkClaimStatus: NodeCheck = (attributes, node) => {
  const { operation, object, stored } = attributes;
  if (operation !== 'UPDATE' || object === undefined || stored === undefined) {
    throw refusal(attributes, `unexpected operation ${quoted(operation)}`);
  }
  if (jsonEqual(withoutSize(object), withoutSize(stored))) return;
  throw refusal(
    attributes,
    `node ${quoted(node.name)} is not allowed to update fields other than status.quantity and status.conditions`,
  );
};

const checkClaim: NodeCheck = (attributes) => {
  throw refusal(attributes, 'may only update PVC status');
};

const checks: Readonly<Record<string, NodeCheck>> = {
  '/pods': checkPod,
  '/pods/status': checkPodStatus,
  '/pods/eviction': checkEviction,
  '/nodes': checkNode,
  '/nodes/status': checkNode,
  '/persistentvolumeclaims': checkClaim,
  '/persistentvolumeclaims/status': checkClaimStatus,
  '/serviceaccounts/token': checkToken,
  'coordination.k8s.io/leases': checkLease,
  'storage.k8s.io/csinodes': checkCsiNode,
  'resource.k8s.io/resourceslices': checkResourceSlice,
  'certificates.k8s.io/certificatesigningrequests': checkCertificateRequest,
  'certificates.k8s.io/podcertificaterequests': checkPodCertificateRequest,
  'certificates.k8s.io/podcertificaterequests/status': checkPodCertificateRequest,
};

const nameOf = ({ resource, subresource }: RequestSort): string =>
  `${resource.group}/${resource.plural}${subresource === '' ? '' : `/${subresource}`}`;

const isOfPods = ({ resource }: RequestSort): boolean =>
  resource.group === '' && resource.plural === 'pods';

export const nodeRestriction = (
  reader: AdmissionReader,
  authorize: AdmissionAuthorizer,
): AdmissionPlugin => ({
  name: 'NodeRestriction',
  concerns: (sort) =>
    sort.operation !== 'CONNECT' && (checks[nameOf(sort)] !== undefined || isOfPods(sort)),
  // Before anything else may change: what a node asks for is judged as it asked.
  mutate: (attributes) => {
    const name = nodeNameOf(attributes.user);
    if (name === undefined) return undefined;
    if (name === '') {
      throw refusal(
        attributes,
        `could not determine node from user ${quoted(attributes.user.username)}`,
      );
    }
    const check = checks[nameOf(attributes)];
    if (check === undefined) {
      throw refusal(
        attributes,
        `unexpected pod subresource ${quoted(attributes.subresource)}, only 'status' and 'eviction' are allowed`,
      );
    }
    return check(attributes, { name, reader, authorize });
  },
});
