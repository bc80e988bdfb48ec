/** What is allowed in a NetworkPolicy. Called by the `networkPolicies` resource. */
import { cidrErrors, cidrWarnings, isStrictSubset, parseCidr } from '../../validation/addresses.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  invalidBecause,
  forbidden,
  index,
  invalid,
  notSupported,
  required,
} from '../../validation/field-error.js';
import { validateLabelSelector } from '../../validation/label-selector.js';
import { portNameErrors, portNumberErrors } from '../../validation/names.js';
import { maxPolicyTypes } from './limits.js';
import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from './types.js';

// Not sorted: Kubernetes prints these in the order it was written with.
const protocols = ['TCP', 'UDP', 'SCTP'] as const;
const policyTypes = ['Ingress', 'Egress'] as const;

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const [portPath, endPath] = [child(field, 'port'), child(field, 'endPort')];
  if (protocol !== undefined && !protocols.some((known) => known === protocol)) {
    errors.push(notSupported(child(field, 'protocol'), protocol, protocols));
  }
  if (typeof port === 'number') {
    errors.push(...invalidBecause(portPath, port, portNumberErrors(port)));
    if (endPort === undefined) return errors;
    if (endPort < port) {
      // Kubernetes shows the port and not its end.
      errors.push(invalid(endPath, port, 'must be greater than or equal to `port`'));
    }
    return [...errors, ...invalidBecause(endPath, endPort, portNumberErrors(endPort))];
  }
  if (endPort !== undefined) {
    const why = port === undefined ? 'is not specified' : 'is non-numeric';
    errors.push(invalid(endPath, endPort, `may not be specified when \`port\` ${why}`));
  }
  return port === undefined
    ? errors
    : [...errors, ...invalidBecause(portPath, port, portNameErrors(port))];
}

function validateBlock({ cidr, except = [] }: IPBlock, field: string): FieldError[] {
  const path = child(field, 'cidr');
  if (cidr === '') return [required(path)];
  const outer = parseCidr(cidr);
  if (outer === undefined) return invalidBecause(path, cidr, cidrErrors(cidr));
  return except.flatMap((range, at) => {
    const exceptPath = index(child(field, 'except'), at);
    const inner = parseCidr(range);
    if (inner === undefined) return invalidBecause(exceptPath, range, cidrErrors(range));
    return isStrictSubset(inner, outer)
      ? []
      : [invalid(exceptPath, range, 'must be a strict subset of `cidr`')];
  });
}

function validatePeer(peer: NetworkPolicyPeer, field: string): FieldError[] {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  const errors = [
    ...validateLabelSelector(podSelector, child(field, 'podSelector')),
    ...validateLabelSelector(namespaceSelector, child(field, 'namespaceSelector')),
    ...(ipBlock === undefined ? [] : validateBlock(ipBlock, child(field, 'ipBlock'))),
  ];
  const selects = podSelector !== undefined || namespaceSelector !== undefined;
  if (!selects && ipBlock === undefined) errors.push(required(field, 'must specify a peer'));
  if (selects && ipBlock !== undefined) {
    errors.push(forbidden(field, 'may not specify both ipBlock and another peer'));
  }
  return errors;
}

interface Rule {
  readonly path: string;
  readonly peersName: 'from' | 'to';
  readonly ports: readonly NetworkPolicyPort[];
  readonly peers: readonly NetworkPolicyPeer[];
}

/** The rules of both directions alike. */
const rulesOf = ({ ingress = [], egress = [] }: NetworkPolicySpec): Rule[] => [
  ...ingress.map(({ ports = [], from = [] }, at) => ({
    path: index('spec.ingress', at),
    peersName: 'from' as const,
    ports,
    peers: from,
  })),
  ...egress.map(({ ports = [], to = [] }, at) => ({
    path: index('spec.egress', at),
    peersName: 'to' as const,
    ports,
    peers: to,
  })),
];

function validatePolicyTypes(given: readonly string[]): FieldError[] {
  const field = 'spec.policyTypes';
  if (given.length > maxPolicyTypes) {
    return [invalid(field, given, 'may not specify more than two policyTypes')];
  }
  return given.flatMap((type, at) =>
    policyTypes.some((known) => known === type)
      ? []
      : [notSupported(index(field, at), type, policyTypes)],
  );
}

/** Checks selectors, rules and directions. */
export function validateNetworkPolicy(policy: NetworkPolicy): FieldError[] {
  const { spec } = policy;
  return [
    ...validateLabelSelector(spec.podSelector, 'spec.podSelector'),
    ...rulesOf(spec).flatMap(({ path, peersName, ports, peers }) => [
      ...ports.flatMap((port, at) => validatePort(port, index(child(path, 'ports'), at))),
      ...peers.flatMap((peer, at) => validatePeer(peer, index(child(path, peersName), at))),
    ]),
    ...validatePolicyTypes(spec.policyTypes ?? []),
  ];
}

/** Warns of ranges with bits beyond their length and of unusual spellings. */
export const warnOfRanges = (policy: NetworkPolicy): string[] =>
  rulesOf(policy.spec).flatMap(({ path, peersName, peers }) =>
    peers.flatMap(({ ipBlock }, at) => {
      if (ipBlock === undefined) return [];
      const field = child(index(child(path, peersName), at), 'ipBlock');
      return [
        ...cidrWarnings(ipBlock.cidr, child(field, 'cidr')),
        ...(ipBlock.except ?? []).flatMap((range, position) =>
          cidrWarnings(range, index(child(field, 'except'), position)),
        ),
      ];
    }),
  );
