/** The pods a node may make: those that show what it runs on its own, owned by it, reaching for nothing. Part of NodeRestriction. */
import { apiReferenceOf } from '../../../api/core/v1/pod/api-references.js';
import { isMirrorPod, mirrorAnnotation } from '../../../api/core/v1/pod/mirror-pod.js';
import type { Pod } from '../../../api/core/v1/types.js';
import { notFound } from '../../../api/meta/status-error.js';
import type { AdmissionAttributes } from '../admission.js';
import { refusal } from '../refusals.js';
import { quoted } from './node-check.js';
import type { AskingNode } from './node-check.js';

/** Why the owners of a pod are not just the node, as who runs it; undefined where they are. */
function ownerProblem({ metadata }: Pod, node: AskingNode): string | undefined {
  const who = `node ${quoted(node.name)}`;
  const [owner, ...others] = metadata.ownerReferences ?? [];
  if (others.length > 0) {
    return `${who} can only create pods with a single owner reference set to itself`;
  }
  if (owner?.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node.name) {
    return `${who} can only create pods with an owner reference set to itself`;
  }
  if (owner.controller !== true) {
    return `${who} can only create pods with a controller owner reference set to itself`;
  }
  if (owner.blockOwnerDeletion === true) {
    return `${who} must not set blockOwnerDeletion on an owner reference`;
  }
  const { uid } = ownNode(node).metadata;
  return owner.uid === uid
    ? undefined
    : `node ${node.name} UID mismatch: expected ${owner.uid} got ${uid}`;
}

function ownNode({ reader, name }: AskingNode) {
  const found = reader.find('', 'nodes', { namespace: '', name });
  if (found === undefined) throw notFound({ group: '', plural: 'nodes' }, name);
  return found;
}

/** Throws a 403 for a new pod that a node may not make. */
export function checkNewPod(attributes: AdmissionAttributes, node: AskingNode): void {
  const pod = attributes.object as Pod;
  const who = `node ${quoted(node.name)}`;
  if (!isMirrorPod(pod)) {
    throw refusal(
      attributes,
      `pod does not have ${quoted(mirrorAnnotation)} annotation, ${who} can only create mirror pods`,
    );
  }
  if (pod.spec.nodeName !== node.name) {
    throw refusal(attributes, `${who} can only create pods with spec.nodeName set to itself`);
  }
  const problem = ownerProblem(pod, node);
  if (problem !== undefined) throw refusal(attributes, problem);
  const reference = apiReferenceOf(pod.spec);
  if (reference === undefined) return;
  throw refusal(attributes, `${who} can not create pods that reference ${reference}`);
}
