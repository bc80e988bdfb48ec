/**
 * NodeRestriction: what a node's own credentials may write. A node changes itself, its lease and the pods bound to it, makes
 * mirror pods, and asks for tokens of the accounts its pods run as; nothing of another node's.
 */
import type { Node, Pod } from '../../../api/core/v1/types.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type {
  AdmissionAttributes,
  AdmissionPlugin,
  AdmissionReader,
  RequestSort,
} from '../admission.js';
import { refusal } from '../refusals.js';
import { checkNodeChange, checkNodeCreation } from './node-self-changes.js';
import { secretNames } from './mountable-secrets.js';
import { isMirrorPod, mirrorAnnotation } from '../../../api/core/v1/pod/mirror-pod.js';
import type { Requester } from '../../../api/schema/resource.js';

const userPrefix = 'system:node:';

/** The node a user is; empty for a node's user that does not say which, undefined for everybody else. */
function nodeOf({ username, groups }: Requester): string | undefined {
  if (!groups.includes('system:nodes')) return undefined;
  return username.startsWith(userPrefix) ? username.slice(userPrefix.length) : '';
}

type Check = (attributes: AdmissionAttributes, nodeName: string, reader: AdmissionReader) => void;

const onlyOf = (attributes: AdmissionAttributes, nodeName: string, pod: Pod): void => {
  if (pod.spec.nodeName === nodeName) return;
  throw refusal(
    attributes,
    `node ${JSON.stringify(nodeName)} can only ${attributes.operation.toLowerCase()} pods with spec.nodeName set to itself`,
  );
};

function checkMirrorOwner(attributes: AdmissionAttributes, nodeName: string, pod: Pod): void {
  const owners = pod.metadata.ownerReferences ?? [];
  const who = `node ${JSON.stringify(nodeName)}`;
  const [owner, ...others] = owners;
  if (owner === undefined) {
    throw refusal(attributes, `${who} can only create pods with an owner reference set to itself`);
  }
  if (others.length > 0) {
    throw refusal(
      attributes,
      `${who} can only create pods with a single owner reference set to itself`,
    );
  }
  if (owner.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== nodeName) {
    throw refusal(attributes, `${who} can only create pods with an owner reference set to itself`);
  }
  if (owner.controller === undefined || !owner.controller) {
    throw refusal(
      attributes,
      `${who} can only create pods with a controller owner reference set to itself`,
    );
  }
  if (owner.blockOwnerDeletion === true) {
    throw refusal(attributes, `${who} must not set blockOwnerDeletion on an owner reference`);
  }
}

function checkMirrorUse(attributes: AdmissionAttributes, nodeName: string, pod: Pod): void {
  const { spec } = pod;
  const refuse = (what: string): Error =>
    refusal(
      attributes,
      `node ${JSON.stringify(nodeName)} can not create pods that reference ${what}`,
    );
  if ((spec.serviceAccountName ?? '') !== '') throw refuse('a service account');
  if (secretNames(spec).length > 0) throw refuse('secrets');
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  const configured = containers.some(
    ({ env = [], envFrom = [] }) =>
      env.some(({ valueFrom }) => valueFrom?.configMapKeyRef !== undefined) ||
      envFrom.some(({ configMapRef }) => configMapRef !== undefined),
  );
  const volumes = spec.volumes ?? [];
  if (configured || volumes.some(({ configMap }) => configMap !== undefined)) {
    throw refuse('configmaps');
  }
  if (volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim !== undefined)) {
    throw refuse('persistentvolumeclaims');
  }
  if ((spec.resourceClaims ?? []).length > 0) throw refuse('resourceclaims');
}

const checkPod: Check = (attributes, nodeName, reader) => {
  const { operation, stored, namespace, name } = attributes;
  if (operation === 'DELETE') {
    const pod = stored ?? reader.find('', 'pods', { namespace, name });
    if (pod !== undefined) onlyOf(attributes, nodeName, pod as Pod);
    return;
  }
  if (operation !== 'CREATE') {
    throw refusal(
      attributes,
      `unexpected operation ${JSON.stringify(operation)}, node ${JSON.stringify(nodeName)} can only create and delete mirror pods`,
    );
  }
  const pod = attributes.object as Pod;
  if (!isMirrorPod(pod)) {
    throw refusal(
      attributes,
      `pod does not have ${JSON.stringify(mirrorAnnotation)} annotation, node ${JSON.stringify(nodeName)} can only create mirror pods`,
    );
  }
  onlyOf(attributes, nodeName, pod);
  checkMirrorOwner(attributes, nodeName, pod);
  checkMirrorUse(attributes, nodeName, pod);
};

const checkPodStatus: Check = (attributes, nodeName) => {
  const { operation, object, stored } = attributes;
  const quoted = JSON.stringify(nodeName);
  if (operation !== 'UPDATE') {
    throw refusal(attributes, `unexpected operation ${JSON.stringify(operation)}`);
  }
  if ((stored as Pod).spec.nodeName !== nodeName) {
    throw refusal(
      attributes,
      `node ${quoted} can only update pod status for pods with spec.nodeName set to itself`,
    );
  }
  const labels = ({ metadata }: KubeObject): string =>
    JSON.stringify(Object.entries(metadata.labels ?? {}).sort());
  if (object !== undefined && stored !== undefined && labels(object) !== labels(stored)) {
    throw refusal(attributes, `node ${quoted} cannot update labels through pod status`);
  }
};

const checkEviction: Check = (attributes, nodeName, reader) => {
  const { namespace, name } = attributes;
  const pod = reader.find('', 'pods', { namespace, name }) as Pod | undefined;
  if (pod === undefined || pod.spec.nodeName === nodeName) return;
  throw refusal(
    attributes,
    `node ${nodeName} can only evict pods with spec.nodeName set to itself`,
  );
};

const checkNode: Check = (attributes, nodeName) => {
  const quoted = JSON.stringify(nodeName);
  const { operation, object, stored, name } = attributes;
  if (operation === 'CREATE') {
    checkNodeCreation(attributes, nodeName, object as Node);
  }
  const asked = name === '' ? (object?.metadata.name ?? '') : name;
  if (asked !== nodeName) {
    const text = operation === 'DELETE' ? 'delete' : 'modify';
    throw refusal(
      attributes,
      `node ${quoted} is not allowed to ${text} node ${JSON.stringify(asked)}`,
    );
  }
  if (operation === 'UPDATE') {
    checkNodeChange(attributes, nodeName, { node: object as Node, before: stored as Node });
  }
};

/** Leases and CSINodes carry the name of the node they belong to. */
const checkOwnName =
  (what: string, inNamespace: string): Check =>
  (attributes, nodeName) => {
    const { namespace, object } = attributes;
    const name = attributes.name === '' ? (object?.metadata.name ?? '') : attributes.name;
    if (inNamespace !== '' && namespace !== inNamespace) {
      throw refusal(
        attributes,
        `can only access leases in the ${JSON.stringify(inNamespace)} system namespace`,
      );
    }
    if (name === nodeName) return;
    throw refusal(attributes, `can only access ${what} with the same name as the requesting node`);
  };

interface TokenRequest {
  readonly spec?: {
    readonly boundObjectRef?: {
      readonly kind?: string;
      readonly apiVersion?: string;
      readonly name?: string;
      readonly uid?: string;
    };
  };
}

const checkToken: Check = (attributes, nodeName, reader) => {
  const { object, namespace, name: accountName } = attributes;
  const bound = (object as unknown as TokenRequest).spec?.boundObjectRef;
  if (bound?.kind !== 'Pod' || bound.apiVersion !== 'v1' || (bound.name ?? '') === '') {
    throw refusal(attributes, 'node requested token not bound to a pod');
  }
  if ((bound.uid ?? '') === '') {
    throw refusal(attributes, 'node requested token with a pod binding without a uid');
  }
  const { name = '', uid = '' } = bound;
  const pod = reader.find('', 'pods', { namespace, name }) as Pod | undefined;
  if (pod === undefined) throw refusal(attributes, `pod ${JSON.stringify(name)} not found`);
  if (pod.metadata.uid !== uid) {
    throw refusal(
      attributes,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  if (pod.spec.nodeName !== nodeName) {
    throw refusal(attributes, 'node requested token bound to a pod scheduled on a different node');
  }
  if (pod.spec.serviceAccountName !== accountName) {
    throw refusal(
      attributes,
      `node requested token for a service account (${accountName}) that its pod does not run as`,
    );
  }
};

const checks: Readonly<Record<string, Check>> = {
  '/pods': checkPod,
  '/pods/status': checkPodStatus,
  '/pods/eviction': checkEviction,
  '/nodes': checkNode,
  '/nodes/status': checkNode,
  '/serviceaccounts/token': checkToken,
  'coordination.k8s.io/leases': checkOwnName('leases', 'kube-node-lease'),
  'storage.k8s.io/csinodes': checkOwnName('CSINode', ''),
};

const nameOf = ({ resource, subresource }: RequestSort): string =>
  `${resource.group}/${resource.plural}${subresource === '' ? '' : `/${subresource}`}`;

const isOwnPods = ({ resource }: RequestSort): boolean =>
  resource.group === '' && resource.plural === 'pods';

export const nodeRestriction = (reader: AdmissionReader): AdmissionPlugin => ({
  name: 'NodeRestriction',
  concerns: (sort) =>
    sort.operation !== 'CONNECT' &&
    (checks[nameOf(sort)] !== undefined || (isOwnPods(sort) && sort.subresource !== 'binding')),
  // Before anything else may change: what a node asks for is judged as it asked.
  mutate: (attributes) => {
    const nodeName = nodeOf(attributes.user);
    if (nodeName === undefined) return;
    const name = nameOf(attributes);
    const check = checks[name];
    if (nodeName === '') {
      throw refusal(
        attributes,
        `could not determine node from user ${JSON.stringify(attributes.user.username)}`,
      );
    }
    if (check === undefined) {
      throw refusal(
        attributes,
        `unexpected pod subresource ${JSON.stringify(attributes.subresource)}, only 'status' and 'eviction' are allowed`,
      );
    }
    check(attributes, nodeName, reader);
  },
});
