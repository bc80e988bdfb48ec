/** What the API tells the writer of a pod about its containers in `Warning` headers. Called by `warnings.ts`. Pure. */
import { quantityMilliValue } from '../../../quantity.js';
import { child, index, key } from '../../../validation/field-error.js';
import type { ContainerPort, PodSpec } from '../types.js';
import { placedContainers, type AnyContainer } from './containers.js';

type Amounts = Readonly<Record<string, string>> | undefined;

const byteResources = ['memory', 'ephemeral-storage'] as const;

/** Amounts as nearly everybody writes them; the others take longer to look at. */
const plainAmount = /^[0-9]+(?:[kMGTPE]i?)?$/;

const isWhole = (amount: string): boolean =>
  plainAmount.test(amount) || quantityMilliValue(amount) % 1000 === 0;

/** Amounts of bytes that are no whole number: `100m` is a tenth of a byte, and hardly meant. */
export const fractionalBytes = (
  amounts: Amounts,
  field: string,
  names: readonly string[] = byteResources,
): string[] => {
  const warnings: string[] = [];
  if (amounts === undefined) return warnings;
  for (const name of names) {
    const amount = amounts[name];
    if (amount === undefined || isWhole(amount)) continue;
    warnings.push(
      `${key(field, name)}: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`,
    );
  }
  return warnings;
};

/** A variable may be built upon an earlier one of its name; else it hides it. */
function envWarnings({ env = [] }: AnyContainer, field: string): string[] {
  if (env.length < 2) return [];
  const seen = new Set<string>();
  return env.flatMap(({ name, value = '', valueFrom }, position) => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    const reference = `$(${name})`;
    const isBuiltUpon = valueFrom === undefined && value !== reference && value.includes(reference);
    return isBuiltUpon
      ? []
      : [
          `${index(child(field, 'env'), position)}: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`,
        ];
  });
}

interface PlacedPort {
  readonly port: ContainerPort;
  readonly path: string;
}

const hostPortOf = ({ hostPort = 0 }: ContainerPort): number => hostPort;
const hostIpOf = ({ hostIP = '' }: ContainerPort): string => hostIP;

/** How two definitions of one container port get into each other's way; undefined where they do not. */
function clash(one: ContainerPort, other: ContainerPort): string | undefined {
  const samePort = hostPortOf(one) === hostPortOf(other);
  if (samePort && hostIpOf(one) === hostIpOf(other)) return 'duplicate';
  if (hostPortOf(one) === 0 || hostPortOf(other) === 0) return 'overlapping';
  const oneIsEverywhere = (hostIpOf(one) === '') !== (hostIpOf(other) === '');
  return samePort && oneIsEverywhere ? 'dangerously ambiguous' : undefined;
}

function portWarnings(ports: readonly PlacedPort[]): string[] {
  const warnings: string[] = [];
  const seen = new Map<string, PlacedPort[]>();
  for (const placed of ports) {
    const { port, path } = placed;
    const { protocol = 'TCP', containerPort, name = '' } = port;
    if (hostIpOf(port) !== '' && hostPortOf(port) === 0) {
      const shown = `{Name:${name} HostPort:0 ContainerPort:${String(containerPort)} Protocol:${protocol} HostIP:${hostIpOf(port)}}`;
      warnings.push(`${path}: hostIP set without hostPort: ${shown}`);
    }
    const identity = `${String(containerPort)}/${protocol}`;
    const others = seen.get(identity) ?? [];
    for (const other of others) {
      const kind = clash(port, other.port);
      if (kind !== undefined) warnings.push(`${path}: ${kind} port definition with ${other.path}`);
    }
    others.push(placed);
    seen.set(identity, others);
  }
  return warnings;
}

/** The warnings for the containers of the spec at `field`; of each, those of `others` come first. */
export function containerWarnings(
  spec: PodSpec,
  field: string,
  others: (container: AnyContainer) => readonly string[],
): string[] {
  const containers = placedContainers(spec, field);
  const warnings = containers.flatMap(({ container, path }) => {
    const { limits, requests } = container.resources ?? {};
    const [limitsField, requestsField] = [
      child(path, 'resources', 'limits'),
      child(path, 'resources', 'requests'),
    ];
    return [
      ...others(container),
      ...byteResources.flatMap((name) => [
        ...fractionalBytes(limits, limitsField, [name]),
        ...fractionalBytes(requests, requestsField, [name]),
      ]),
      ...envWarnings(container, path),
    ];
  });
  const ports = containers.flatMap(({ container, path }) =>
    (container.ports ?? []).map((port, position) => ({
      port,
      path: index(child(path, 'ports'), position),
    })),
  );
  return ports.length === 0 ? warnings : [...warnings, ...portWarnings(ports)];
}
