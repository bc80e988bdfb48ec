/** What a node may say about itself: not its taints once it exists, and no labels that scheduling trusts. Part of NodeRestriction. */
import { jsonEqual } from '../../../api/patch/json-value.js';
import type { Node } from '../../../api/core/v1/types.js';
import type { AdmissionAttributes } from '../admission.js';
import { refusal } from '../refusals.js';

/** Labels of Kubernetes' domains that nodes set themselves. */
const ownLabels = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/arch',
  'kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/instance-type',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
]);

const isIn = (domain: string, name: string): boolean =>
  name === domain || name.endsWith(`.${domain}`);

const reserved = 'node-restriction.kubernetes.io';

/** Why a node may not set a label of its own; undefined where it may. */
function isForbidden(label: string): boolean {
  const slash = label.indexOf('/');
  const domain = slash === -1 ? '' : label.slice(0, slash);
  if (isIn(reserved, domain)) return true;
  if (!isIn('kubernetes.io', domain) && !isIn('k8s.io', domain)) return false;
  return !(
    ownLabels.has(label) ||
    isIn('kubelet.kubernetes.io', domain) ||
    isIn('node.kubernetes.io', domain)
  );
}

function changedLabels(node: Node, before: Node | undefined): readonly string[] {
  const [now, was] = [node.metadata.labels ?? {}, before?.metadata.labels ?? {}];
  const names = new Set([...Object.keys(now), ...Object.keys(was)]);
  return [...names].filter((name) => now[name] !== was[name]).sort();
}

/** A new node may not label itself as trusted. */
export function checkNodeCreation(
  attributes: AdmissionAttributes,
  nodeName: string,
  node: Node,
): void {
  const spec = (node as Partial<Node>).spec;
  const who = `node ${JSON.stringify(nodeName)}`;
  if (spec?.configSource !== undefined) {
    throw refusal(attributes, `${who} is not allowed to create pods with a non-nil configSource`);
  }
  const labels = changedLabels(node, undefined).filter(isForbidden);
  if (labels.length > 0) {
    throw refusal(
      attributes,
      `${who} is not allowed to set the following labels: ${labels.join(', ')}`,
    );
  }
}

/** Throws a 403 where a node changes of itself what it may not. */
export function checkNodeChange(
  attributes: AdmissionAttributes,
  nodeName: string,
  change: { readonly node: Node; readonly before: Node },
): void {
  const { node, before } = change;
  const who = `node ${JSON.stringify(nodeName)}`;
  // An empty list is none.
  const same = (left: unknown, right: unknown): boolean => jsonEqual(left ?? [], right ?? []);
  const [now, was] = [(node as Partial<Node>).spec, (before as Partial<Node>).spec];
  if (now?.configSource !== undefined && !same(now.configSource, was?.configSource)) {
    throw refusal(
      attributes,
      `${who} is not allowed to update configSource to a new non-nil configSource`,
    );
  }
  if (!same(now?.taints, was?.taints)) {
    throw refusal(attributes, `${who} is not allowed to modify taints`);
  }
  if (!same(node.metadata.ownerReferences, before.metadata.ownerReferences)) {
    throw refusal(attributes, `${who} is not allowed to modify ownerReferences`);
  }
  const labels = changedLabels(node, before).filter(isForbidden);
  if (labels.length > 0) {
    throw refusal(attributes, `is not allowed to modify labels: ${labels.join(', ')}`);
  }
}
