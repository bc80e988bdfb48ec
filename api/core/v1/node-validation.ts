/** What is allowed in a Node, and what may change of it. Called by the `nodes` resource. */
import { partOf } from '../../meta/part.js';
import { jsonEqual } from '../../patch/json-value.js';
import { compareQuantities, isQuantity } from '../../quantity.js';
import { parseCidr } from '../../validation/addresses.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  duplicate,
  forbidden,
  index,
  invalid,
  key,
  tooMany,
} from '../../validation/field-error.js';
import { qualifiedNameErrors } from '../../validation/names.js';
import { validateTaints } from './taints.js';
import type { Node, NodeSpec, NodeStatus } from './types.js';

/** Kubernetes reports taints under metadata, where they once were an annotation. */
const taintsField = 'metadata.taints';

/** The spec and status of a node that may have been sent without them. */
export const specOf = (node: Node): NodeSpec => partOf(node.spec);
/** The status of a node that may have been sent without one. */
export const statusOf = (node: Node): NodeStatus => partOf(node.status);

function validateResourceList(
  resources: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] {
  return Object.entries(resources ?? {}).flatMap(([name, amount]) => {
    const path = key(field, name);
    const details = qualifiedNameErrors(name);
    const errors = details.map((detail) => invalid(path, name, detail));
    if (isQuantity(amount) && compareQuantities(amount, '0') < 0) {
      errors.push(invalid(path, amount, 'must be greater than or equal to 0'));
    }
    return errors;
  });
}

function validatePodCidrs(podCidrs: readonly string[], field: string): FieldError[] {
  const errors: FieldError[] = [];
  podCidrs.forEach((text, position) => {
    if (parseCidr(text) === undefined) {
      errors.push(invalid(index(field, position), text, 'must be valid CIDR'));
    }
  });
  const families = podCidrs.map((text) => parseCidr(text)?.family);
  if (podCidrs.length > 2) errors.push(tooMany(field, podCidrs.length, 2));
  else if (podCidrs.length === 2 && families[0] === families[1]) {
    errors.push(invalid(field, podCidrs, 'may specify no more than one CIDR for each IP family'));
  }
  return errors;
}

/** Checks a node on creation and, through the update rules, on change. */
export function validateNode(node: Node): FieldError[] {
  const spec = specOf(node);
  return [
    ...validateTaints(spec.taints, taintsField),
    ...validateResourceList(statusOf(node).capacity, 'status.capacity'),
    ...validateResourceList(statusOf(node).allocatable, 'status.allocatable'),
    ...validatePodCidrs(spec.podCIDRs ?? [], 'spec.podCIDRs'),
  ];
}

function validateAddresses(node: Node): FieldError[] {
  const seen: unknown[] = [];
  return (statusOf(node).addresses ?? []).flatMap((address, position) => {
    const twice = seen.some((other) => jsonEqual(other, address));
    seen.push(address);
    return twice ? [duplicate(index('status.addresses', position), address)] : [];
  });
}

const oneWayMessage = (name: string): string =>
  `node updates may not change ${name} except from "" to valid`;

/** Fields of the spec that a client may set once or never again. */
export function validateNodeUpdate(node: Node, stored: Node): FieldError[] {
  const errors: FieldError[] = [];
  const [spec, before] = [specOf(node), specOf(stored)];
  const frozen = structuredClone(before);
  if ((before.podCIDRs ?? []).length > 0 && !jsonEqual(spec.podCIDRs, before.podCIDRs)) {
    errors.push(forbidden('spec.podCIDRs', oneWayMessage('podCIDR')));
  } else {
    frozen.podCIDR = spec.podCIDR;
    frozen.podCIDRs = spec.podCIDRs;
  }
  if ((before.providerID ?? '') !== '' && spec.providerID !== before.providerID) {
    errors.push(forbidden('spec.providerID', oneWayMessage('providerID')));
  } else frozen.providerID = spec.providerID;
  frozen.taints = spec.taints;
  frozen.unschedulable = spec.unschedulable;
  const names = new Set([...Object.keys(frozen), ...Object.keys(spec)] as (keyof NodeSpec)[]);
  const differs = [...names].some((name) => !jsonEqual(frozen[name], spec[name]));
  if (differs) {
    errors.push(forbidden('[]', 'node updates may only change labels, taints, or capacity'));
  }
  // Kubernetes checks taints as for a new node and then once more, and names what it finds as often.
  return [...errors, ...validateTaints(spec.taints, taintsField), ...validateAddresses(node)];
}

/** What the agent reports has to be well formed too. */
export const validateNodeStatusUpdate = (node: Node): FieldError[] => [
  ...validateResourceList(statusOf(node).capacity, 'status.capacity'),
  ...validateResourceList(statusOf(node).allocatable, 'status.allocatable'),
  ...validateAddresses(node),
  ...Object.entries(statusOf(node).capacity ?? {}).flatMap(([name, amount]) =>
    isQuantity(amount)
      ? []
      : [invalid(child('status', key('capacity', name)), amount, 'must be a valid quantity')],
  ),
];
