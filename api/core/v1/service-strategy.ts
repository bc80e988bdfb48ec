/**
 * How a Service's fields move between its versions: what a client leaves out stays, what a new type has no use for goes.
 * Addresses and node ports that are absent afterwards are the server's to allocate.
 */
import { jsonEqual } from '../../patch/json-value.js';
import type { Strategy } from '../../schema/resource.js';
import { cidrWarnings, ipWarnings } from '../../validation/addresses.js';
import { index } from '../../validation/field-error.js';
import { fillFamilies } from './service-families.js';
import {
  getsNodePorts,
  hintsAnnotation,
  isExternallyAccessible,
  isHeadless,
  modeAnnotation,
  needsClusterIP,
  needsHealthCheckPort,
  portsOf,
  usesNodePorts,
} from './service-facts.js';
import type { Service, ServiceSpec } from './types.js';

/** `clusterIP` and the first of `clusterIPs` say the same; a client may send either. */
function alignClusterIPs(spec: ServiceSpec, stored: ServiceSpec | undefined): void {
  const [ip, ips] = [spec.clusterIP ?? '', spec.clusterIPs ?? []];
  if (stored === undefined) {
    if (ip !== '' && ips.length === 0) spec.clusterIPs = [ip];
    return;
  }
  const isChanged = ip !== (stored.clusterIP ?? '');
  if (!isChanged || !jsonEqual(ips, stored.clusterIPs ?? [])) return;
  if (ip === '') delete spec.clusterIPs;
  else spec.clusterIPs = [ip];
}

/** Keeps allocated values that the client did not send again. */
function keepAllocated(spec: ServiceSpec, stored: ServiceSpec): void {
  if (needsClusterIP(spec) && needsClusterIP(stored)) {
    if ((spec.clusterIP ?? '') === '') spec.clusterIP = stored.clusterIP;
    if ((spec.clusterIPs ?? []).length === 0 && stored.clusterIPs !== undefined) {
      spec.clusterIPs = [...stored.clusterIPs];
    }
  }
  if (getsNodePorts(spec) && usesNodePorts(stored)) keepNodePorts(spec, stored);
  if (needsHealthCheckPort(spec) && needsHealthCheckPort(stored)) {
    if ((spec.healthCheckNodePort ?? 0) === 0) {
      spec.healthCheckNodePort = stored.healthCheckNodePort;
    }
  }
}

/** A port is the same while it has the same name: its number may change without another node port. */
function keepNodePorts(spec: ServiceSpec, stored: ServiceSpec): void {
  const used = new Set(portsOf(spec).map(({ nodePort }) => nodePort ?? 0));
  const before = new Map(portsOf(stored).map(({ name = '', nodePort }) => [name, nodePort]));
  for (const port of portsOf(spec)) {
    const last = before.get(port.name ?? '');
    if ((port.nodePort ?? 0) === 0 && last !== undefined && !used.has(last)) port.nodePort = last;
  }
}

/** Wipes what the new type has no use for, where the client merely sent it back unchanged. */
function dropUnneeded(spec: ServiceSpec, stored: ServiceSpec): void {
  const same = (name: keyof ServiceSpec): boolean => jsonEqual(spec[name], stored[name]);
  const drop = (...names: readonly (keyof ServiceSpec)[]): void => {
    for (const name of names) if (same(name)) Reflect.deleteProperty(spec, name);
  };
  if (needsClusterIP(stored) && !needsClusterIP(spec)) {
    drop('clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy');
  }
  if (usesNodePorts(stored) && !usesNodePorts(spec)) dropNodePorts(spec, stored);
  if (needsHealthCheckPort(stored) && !needsHealthCheckPort(spec)) drop('healthCheckNodePort');
  if (isExternallyAccessible(stored) && !isExternallyAccessible(spec)) {
    drop('externalTrafficPolicy');
  }
  if (stored.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    drop('allocateLoadBalancerNodePorts', 'loadBalancerClass');
  }
}

function dropNodePorts(spec: ServiceSpec, stored: ServiceSpec): void {
  const before = new Set(portsOf(stored).map(({ nodePort }) => nodePort));
  const unchanged = portsOf(spec).every(
    ({ nodePort }) => (nodePort ?? 0) === 0 || before.has(nodePort),
  );
  if (!unchanged) return;
  for (const port of portsOf(spec)) delete port.nodePort;
}

function prepareForUpdate(draft: Service, stored: Service): void {
  const { spec } = draft;
  dropUnneeded(spec, stored.spec);
  keepAllocated(spec, stored.spec);
  alignClusterIPs(spec, stored.spec);
  fillFamilies(spec, stored.spec);
  // Nobody balances the load of such a Service any longer, even if it takes a while to be put down.
  if (spec.type !== 'LoadBalancer') draft.status = { ...draft.status, loadBalancer: {} };
}

/** Addresses and ranges spelled as nobody should. */
function spellingWarnings(spec: ServiceSpec): string[] {
  const addresses = isHeadless(spec) ? [] : (spec.clusterIPs ?? []);
  return [
    ...addresses.flatMap((ip, at) => ipWarnings(ip, index('spec.clusterIPs', at))),
    ...(spec.externalIPs ?? []).flatMap((ip, at) => ipWarnings(ip, index('spec.externalIPs', at))),
    ...ipWarnings(spec.loadBalancerIP ?? '', 'spec.loadBalancerIP'),
    ...(spec.loadBalancerSourceRanges ?? []).flatMap((range, at) =>
      cidrWarnings(range.trim(), index('spec.loadBalancerSourceRanges', at)),
    ),
  ];
}

function headlessWarnings(spec: ServiceSpec): string[] {
  const ignored = [
    ['spec.loadBalancerIP', (spec.loadBalancerIP ?? '') !== ''],
    ['spec.externalIPs', (spec.externalIPs ?? []).length > 0],
    ['spec.SessionAffinity', spec.sessionAffinity === 'ClientIP'],
  ] as const;
  return ignored.flatMap(([field, isGiven]) =>
    isGiven ? [`${field} is ignored for headless services`] : [],
  );
}

function serviceWarnings({ metadata, spec }: Service): string[] {
  const warnings: string[] = [];
  const isAlias = spec.type === 'ExternalName';
  const isPlainHeadless = spec.type === 'ClusterIP' && isHeadless(spec);
  if (metadata.annotations?.[hintsAnnotation] !== undefined) {
    warnings.push(
      `annotation ${hintsAnnotation} is deprecated, please use ${modeAnnotation} instead`,
    );
  }
  if (isPlainHeadless) warnings.push(...headlessWarnings(spec));
  if ((spec.externalIPs ?? []).length > 0) {
    if (isAlias) warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
    else if (!isPlainHeadless) {
      warnings.push(
        'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
      );
    }
  }
  if (!isAlias && (spec.externalName ?? '') !== '') {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  }
  if (spec.trafficDistribution === 'PreferClose') {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  }
  return [...warnings, ...spellingWarnings(spec)];
}

export const serviceStrategy: Strategy<Service> = {
  prepareForCreate: (draft) => {
    draft.status = { loadBalancer: {} };
    alignClusterIPs(draft.spec, undefined);
    fillFamilies(draft.spec);
  },
  prepareForUpdate,
  warnings: serviceWarnings,
};
