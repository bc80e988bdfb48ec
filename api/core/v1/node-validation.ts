/** What is allowed in a Node, and what may change of it. Called by the `nodes` resource. */
import { partOf } from '../../meta/part.js';
import { jsonEqual } from '../../patch/json-value.js';
import { legacyCidrErrors, parseCidr } from '../../validation/addresses.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  duplicate,
  forbidden,
  index,
  invalid,
  invalidBecause,
} from '../../validation/field-error.js';
import { resourceAmountErrors } from './pod/validate-resources.js';
import { eachOf } from './pod/validate-values.js';
import { validateTaints } from './taints.js';
import type { Node, NodeSpec, NodeStatus } from './types.js';

/** Kubernetes reports taints under metadata, where they once were an annotation. */
const taintsField = 'metadata.taints';

/** The spec and status of a node that may have been sent without them. */
export const specOf = (node: Node): NodeSpec => partOf(node.spec);
/** The status of a node that may have been sent without one. */
export const statusOf = (node: Node): NodeStatus => partOf(node.status);

/** Amounts are reported by their names behind a dot, unlike those of anything else. */
const validateAmounts = (
  amounts: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] =>
  Object.entries(amounts ?? {}).flatMap(([name, amount]) =>
    resourceAmountErrors(name, amount, child(field, name)),
  );

function validatePodCidrs(podCidrs: readonly string[] | undefined, field: string): FieldError[] {
  if (podCidrs === undefined || podCidrs.length === 0) return [];
  const errors = eachOf(field, podCidrs, (text, path) =>
    invalidBecause(path, text, legacyCidrErrors(text)),
  );
  const families = new Set(podCidrs.map((text) => parseCidr(text)?.family));
  return podCidrs.length > 2 || families.size < podCidrs.length
    ? [...errors, invalid(field, podCidrs, 'may specify no more than one CIDR for each IP family')]
    : errors;
}

const featureName = /^[A-Z][A-Za-z0-9]*(\/[A-Za-z0-9]+)*$/;
const maxFeatureNameLength = 253;

function featureErrors(name: string): string[] {
  const wrong = `invalid feature name ${JSON.stringify(name)}: must`;
  if (name.length > maxFeatureNameLength) return [`${wrong} be no more than 253 characters`];
  return featureName.test(name)
    ? []
    : [
        `${wrong} start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes`,
      ];
}

/** What an agent can do, sorted and each once. */
const validateFeatures = (features: readonly string[] | undefined): FieldError[] =>
  eachOf('status.declaredFeatures', features, (name, path, position) => {
    const errors = invalidBecause(path, name, featureErrors(name));
    const before = position === 0 ? undefined : features?.[position - 1];
    if (before === name) errors.push(duplicate(path, name));
    else if (before !== undefined && before > name) {
      errors.push(invalid(path, name, 'list must be sorted alphabetically'));
    }
    return errors;
  });

const validateReported = (status: NodeStatus): FieldError[] => [
  ...validateAmounts(status.capacity, 'status.capacity'),
  ...validateAmounts(status.allocatable, 'status.allocatable'),
  ...validateFeatures(status.declaredFeatures),
];

/** Checks a node on creation and, through the update rules, on change. */
export function validateNode(node: Node): FieldError[] {
  const [spec, status] = [specOf(node), statusOf(node)];
  const swap = status.nodeInfo?.swap?.capacity;
  return [
    ...validateTaints(spec.taints, taintsField),
    ...validateReported(status),
    ...(swap !== undefined && swap <= 0
      ? [invalid('metadata.nodeSwapStatus.capacity', swap, 'must be greater than zero')]
      : []),
    ...validatePodCidrs(spec.podCIDRs, 'spec.podCIDRs'),
  ];
}

function validateAddresses(node: Node): FieldError[] {
  const seen: unknown[] = [];
  return (statusOf(node).addresses ?? []).flatMap((address, position) => {
    const twice = seen.some((other) => jsonEqual(other, address));
    seen.push(address);
    // Kubernetes shows the address in the names it has inside.
    const shown = { Type: address.type, Address: address.address };
    return twice ? [duplicate(index('status.addresses', position), shown)] : [];
  });
}

const oneWayMessage = (name: string): string =>
  `node updates may not change ${name} except from "" to valid`;

/** Fields of the spec that a client may set once or never again. */
export function validateNodeUpdate(node: Node, stored: Node): FieldError[] {
  const errors: FieldError[] = [];
  const [spec, before] = [specOf(node), specOf(stored)];
  if ((before.podCIDRs ?? []).length > 0 && !jsonEqual(spec.podCIDRs ?? [], before.podCIDRs)) {
    errors.push(forbidden('spec.podCIDRs', oneWayMessage('podCIDR')));
  }
  if ((before.providerID ?? '') !== '' && spec.providerID !== before.providerID) {
    errors.push(forbidden('spec.providerID', oneWayMessage('providerID')));
  }
  if ((before.externalID ?? '') !== (spec.externalID ?? '')) {
    errors.push(forbidden('spec.externalID', 'may not be updated'));
  }
  // Kubernetes checks taints as for a new node and then once more, and names what it finds as often.
  return [...errors, ...validateTaints(spec.taints, taintsField), ...validateAddresses(node)];
}

/** What the agent reports has to be well formed too. */
export const validateNodeStatusUpdate = (node: Node): FieldError[] => [
  ...validateReported(statusOf(node)),
  ...validateAddresses(node),
];
