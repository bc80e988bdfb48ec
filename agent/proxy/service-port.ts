/** A service port with the endpoints that may serve it: what the rules of one port are made from. Pure. */
import type { Service, ServicePort as ApiServicePort } from '../../api/core/v1/types.js';
import type { Endpoint, EndpointSlice } from '../../api/discovery/v1/types.js';
import { defaultAffinitySeconds } from './limits.js';

/** What the rules need to know of the node they are for. */
export interface ProxyNode {
  readonly name: string;
  readonly zone?: string | undefined;
  /** The pods' range of the whole cluster: sources in it are not masqueraded. */
  readonly podCidr: string;
}

export interface ServicePort {
  /** `namespace/name:port`, or `namespace/name` for a port without a name. */
  readonly name: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly clusterIp: string;
  readonly port: number;
  readonly nodePort: number | undefined;
  readonly externalIps: readonly string[];
  readonly loadBalancerIps: readonly string[];
  readonly loadBalancerSources: readonly string[];
  readonly externalLocal: boolean;
  readonly internalLocal: boolean;
  /** Undefined without session affinity. */
  readonly affinitySeconds: number | undefined;
  /** `address:port` of the endpoints traffic to the whole cluster goes to. */
  readonly clusterEndpoints: readonly string[];
  /** Those on this node. */
  readonly localEndpoints: readonly string[];
}

/** Labels by which a service or slice says that someone else proxies it. */
const otherProxyLabel = 'service.kubernetes.io/service-proxy-name';

const isIpv4 = (text: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(text);

/** Whether a service is proxied at all: it has a cluster address of our family and no other proxy claims it. */
function clusterIpOf(service: Service): string | undefined {
  const { spec } = service;
  if (spec.type === 'ExternalName') return undefined;
  if (service.metadata.labels?.[otherProxyLabel] !== undefined) return undefined;
  return (spec.clusterIPs ?? [spec.clusterIP ?? '']).find(isIpv4);
}

interface Candidate {
  readonly target: string;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly local: boolean;
  readonly zones: readonly string[];
  readonly nodes: readonly string[];
}

function candidateFrom(endpoint: Endpoint, port: number, node: ProxyNode): Candidate {
  const conditions = endpoint.conditions ?? {};
  const ready = conditions.ready ?? true;
  return {
    target: `${endpoint.addresses[0] ?? ''}:${port}`,
    ready,
    serving: conditions.serving ?? ready,
    terminating: conditions.terminating ?? false,
    local: endpoint.nodeName === node.name,
    zones: (endpoint.hints?.forZones ?? []).map((zone) => zone.name),
    nodes: (endpoint.hints?.forNodes ?? []).map((hint) => hint.name),
  };
}

function candidatesOf(
  slices: readonly EndpointSlice[],
  portName: string,
  protocol: string,
  node: ProxyNode,
): readonly Candidate[] {
  const byTarget = new Map<string, Candidate>();
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue;
    for (const port of slice.ports ?? []) {
      if ((port.name ?? '') !== portName || (port.protocol ?? 'TCP') !== protocol) continue;
      if (port.port === undefined) continue;
      for (const endpoint of slice.endpoints ?? []) {
        const candidate = candidateFrom(endpoint, port.port, node);
        // A pod moving between slices is in both for a moment; the better word counts.
        if (byTarget.get(candidate.target)?.ready !== true)
          byTarget.set(candidate.target, candidate);
      }
    }
  }
  return [...byTarget.values()].sort((a, b) => (a.target < b.target ? -1 : 1));
}

/** Ready endpoints; where there are none, those still serving while they terminate. */
function usable(candidates: readonly Candidate[]): readonly Candidate[] {
  const ready = candidates.filter((candidate) => candidate.ready);
  if (ready.length > 0) return ready;
  return candidates.filter(({ serving, terminating }) => serving && terminating);
}

/** Keeps to the hinted endpoints where every ready one has a hint and some hint names this node or its zone. */
function nearest(candidates: readonly Candidate[], node: ProxyNode): readonly Candidate[] {
  const hinted = (hints: (candidate: Candidate) => readonly string[], here: string | undefined) => {
    if (here === undefined || candidates.some((one) => hints(one).length === 0)) return [];
    return candidates.filter((one) => hints(one).includes(here));
  };
  const onNode = hinted((one) => one.nodes, node.name);
  if (onNode.length > 0) return onNode;
  const inZone = hinted((one) => one.zones, node.zone);
  return inZone.length > 0 ? inZone : candidates;
}

function affinityOf(service: Service): number | undefined {
  if (service.spec.sessionAffinity !== 'ClientIP') return undefined;
  return service.spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? defaultAffinitySeconds;
}

function servicePortFrom(
  service: Service,
  port: ApiServicePort,
  {
    slices,
    node,
    clusterIp,
  }: { slices: readonly EndpointSlice[]; node: ProxyNode; clusterIp: string },
): ServicePort {
  const { spec } = service;
  const { namespace = '', name } = service.metadata;
  const apiProtocol = port.protocol ?? 'TCP';
  const candidates = candidatesOf(slices, port.name ?? '', apiProtocol, node);
  const ingress = service.status.loadBalancer?.ingress ?? [];
  const suffix = port.name === undefined || port.name === '' ? '' : `:${port.name}`;
  const nodePort = spec.type === 'NodePort' || spec.type === 'LoadBalancer' ? port.nodePort : 0;
  return {
    name: `${namespace}/${name}${suffix}`,
    protocol: apiProtocol.toLowerCase() as ServicePort['protocol'],
    clusterIp,
    port: port.port,
    nodePort: nodePort === 0 ? undefined : nodePort,
    externalIps: (spec.externalIPs ?? []).filter(isIpv4),
    loadBalancerIps:
      spec.type === 'LoadBalancer'
        ? ingress.flatMap(({ ip, ipMode }) =>
            ip !== undefined && isIpv4(ip) && ipMode !== 'Proxy' ? [ip] : [],
          )
        : [],
    loadBalancerSources: (spec.loadBalancerSourceRanges ?? [])
      .map((range) => range.trim())
      .filter((range) => !range.includes(':')),
    externalLocal: spec.externalTrafficPolicy === 'Local',
    internalLocal: spec.internalTrafficPolicy === 'Local',
    affinitySeconds: affinityOf(service),
    clusterEndpoints: nearest(usable(candidates), node).map(({ target }) => target),
    localEndpoints: usable(candidates.filter(({ local }) => local)).map(({ target }) => target),
  };
}

/** The ports of a service, with the endpoints in its slices; none for services that are not proxied. */
export function servicePortsOf(
  service: Service,
  slices: readonly EndpointSlice[],
  node: ProxyNode,
): readonly ServicePort[] {
  const clusterIp = clusterIpOf(service);
  if (clusterIp === undefined) return [];
  return (service.spec.ports ?? []).map((port) =>
    servicePortFrom(service, port, { slices, node, clusterIp }),
  );
}
