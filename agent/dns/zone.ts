/**
 * The cluster's zone: answers about services and pods, after Kubernetes' DNS specification 1.1. Pure over a view of the
 * cluster. A name that exists without records of the type asked for is told from one that does not exist.
 */
import type { Answer } from 'dns-packet';
import type { Service } from '../../api/core/v1/types.js';
import type { Endpoint, EndpointSlice } from '../../api/discovery/v1/types.js';
import { clusterTtlSeconds, maxAnswers } from './limits.js';
import { serviceNameLabel } from '../../api/discovery/v1/labels.js';

/** Reads of caches; lookups by index, so that an answer does not cost more in a larger cluster. */
export interface ClusterView {
  readonly service: (namespace: string, name: string) => Service | undefined;
  readonly slices: (namespace: string, service: string) => readonly EndpointSlice[];
  readonly namespaceExists: (name: string) => boolean;
  readonly servicesByIp: (ip: string) => readonly Service[];
  readonly slicesByIp: (ip: string) => readonly EndpointSlice[];
}

export interface ZoneOptions {
  /** `cluster.local`. */
  readonly domain: string;
  readonly view: ClusterView;
  /** The address the server answers on, for the name `ns.dns`. */
  readonly serverAddress: string;
}

/** What is asked: `type` is the text dns-packet gives, which has more values than its declarations say. */
export interface ZoneQuestion {
  readonly name: string;
  readonly type: string;
}

export type ZoneAnswer =
  | {
      readonly kind: 'answer';
      readonly answers: readonly Answer[];
      readonly additionals: readonly Answer[];
    }
  /** A CNAME out of the zone; its target is to be resolved elsewhere. */
  | { readonly kind: 'alias'; readonly answers: readonly Answer[]; readonly target: string }
  | { readonly kind: 'noData' }
  | { readonly kind: 'noName' };

const ttl = clusterTtlSeconds;
const noData: ZoneAnswer = { kind: 'noData' };
const noName: ZoneAnswer = { kind: 'noName' };

const familyOf = (type: string): 'IPv4' | 'IPv6' => (type === 'AAAA' ? 'IPv6' : 'IPv4');
const isV6 = (address: string): boolean => address.includes(':');

/** Endpoints' names under a headless service: their hostname, else their address with dashes. */
const endpointLabel = (endpoint: Endpoint): string =>
  endpoint.hostname !== undefined && endpoint.hostname !== ''
    ? endpoint.hostname.toLowerCase()
    : (endpoint.addresses[0] ?? '').replaceAll(/[.:]/g, '-');

const isHeadless = ({ spec }: Service): boolean =>
  spec.clusterIP === 'None' || (spec.clusterIPs ?? []).includes('None');

const clusterIps = ({ spec }: Service): readonly string[] =>
  (spec.clusterIPs ?? [spec.clusterIP ?? '']).filter((ip) => ip !== '' && ip !== 'None');

const addressRecord = (name: string, address: string): Answer => ({
  name,
  type: isV6(address) ? 'AAAA' : 'A',
  class: 'IN',
  ttl,
  data: address,
});

const wantsAddresses = (type: string): boolean => type === 'A' || type === 'AAAA' || type === 'ANY';

/** Distinct address records of the type asked for; no data when the name has none of it. */
function addressAnswer({ name, type }: ZoneQuestion, addresses: Iterable<string>): ZoneAnswer {
  if (!wantsAddresses(type)) return noData;
  const fitting = [...new Set(addresses)].filter(
    (one) => isV6(one) === (familyOf(type) === 'IPv6'),
  );
  if (fitting.length === 0) return noData;
  const answers = fitting.slice(0, maxAnswers).map((address) => addressRecord(name, address));
  return { kind: 'answer', answers, additionals: [] };
}

interface NamedEndpoint {
  readonly endpoint: Endpoint;
  readonly slice: EndpointSlice;
}

function readyEndpoints(slices: readonly EndpointSlice[]): readonly NamedEndpoint[] {
  return slices
    .filter((slice) => slice.addressType !== 'FQDN')
    .flatMap((slice) =>
      (slice.endpoints ?? [])
        .filter((endpoint) => endpoint.conditions?.ready ?? true)
        .map((endpoint) => ({ endpoint, slice })),
    );
}

interface SrvTarget {
  readonly target: string;
  readonly port: number;
  readonly addresses: readonly string[];
}

function srvAnswer({ name, type }: ZoneQuestion, targets: readonly SrvTarget[]): ZoneAnswer {
  if (targets.length === 0) return noName;
  if (type !== 'SRV' && type !== 'ANY') return noData;
  const distinct = [...new Map(targets.map((one) => [`${one.target}:${one.port}`, one])).values()];
  const kept = distinct.slice(0, maxAnswers);
  const weight = Math.max(Math.floor(100 / kept.length), 1);
  const addresses = new Map(
    kept.flatMap(({ target, addresses: own }) =>
      own.map((address) => [`${target} ${address}`, addressRecord(target, address)] as const),
    ),
  );
  return {
    kind: 'answer',
    answers: kept.map(({ target, port }) => ({
      name,
      type: 'SRV',
      class: 'IN',
      ttl,
      data: { priority: 0, weight, port, target },
    })),
    additionals: [...addresses.values()],
  };
}

const matches = (pattern: string, value: string): boolean => pattern === value.toLowerCase();

export class ClusterZone {
  private readonly options: ZoneOptions;

  constructor(options: ZoneOptions) {
    this.options = { ...options, domain: options.domain.toLowerCase() };
  }

  /** Whether a name, in lower case and without the last dot, is ours to answer. */
  owns(name: string): boolean {
    const { domain } = this.options;
    return name === domain || name.endsWith(`.${domain}`);
  }

  /** Answers about a name `owns` is true for. */
  resolve(question: ZoneQuestion): ZoneAnswer {
    const { domain, view } = this.options;
    const name = question.name.toLowerCase();
    if (name === domain) return noData;
    const labels = name
      .slice(0, -domain.length - 1)
      .split('.')
      .reverse();
    const [kind, namespace, ...rest] = labels;
    if (kind === 'dns-version' && namespace === undefined) return this.version(question);
    if (kind === 'dns' && namespace === 'ns' && rest.length === 0)
      return addressAnswer(question, [this.options.serverAddress]);
    if (kind !== 'svc' && kind !== 'pod') return noName;
    if (namespace === undefined) return noData;
    if (!view.namespaceExists(namespace)) return noName;
    if (rest.length === 0) return noData;
    return kind === 'pod'
      ? podAnswer(question, rest)
      : this.serviceAnswer(question, namespace, rest);
  }

  /** Names of an address: of the services that have it and of the endpoints of headless ones. */
  reverse(ip: string): readonly string[] {
    const { domain, view } = this.options;
    const services = view
      .servicesByIp(ip)
      .map(({ metadata }) => `${metadata.name}.${metadata.namespace ?? ''}.svc.${domain}`);
    if (services.length > 0) return services;
    const endpoints = view.slicesByIp(ip).flatMap((slice) => {
      const service = slice.metadata.labels?.[serviceNameLabel];
      if (service === undefined) return [];
      const { namespace = '' } = slice.metadata;
      return (slice.endpoints ?? [])
        .filter((endpoint) => endpoint.addresses.includes(ip))
        .filter((endpoint) => (endpoint.hostname ?? '') !== '')
        .map((endpoint) => `${endpointLabel(endpoint)}.${service}.${namespace}.svc.${domain}`);
    });
    return [...new Set(endpoints)];
  }

  private version(question: ZoneQuestion): ZoneAnswer {
    if (question.type !== 'TXT') return noData;
    const answer: Answer = { name: question.name, type: 'TXT', class: 'IN', ttl, data: '1.1.0' };
    return { kind: 'answer', answers: [answer], additionals: [] };
  }

  /** `rest` is what stands before the namespace, the service first. */
  private serviceAnswer(
    question: ZoneQuestion,
    namespace: string,
    rest: readonly string[],
  ): ZoneAnswer {
    const { view } = this.options;
    const [serviceName = '', ...below] = rest;
    const service = view.service(namespace, serviceName);
    if (service === undefined) return noName;
    if (service.spec.type === 'ExternalName') return externalName(question, service, below);
    const slices = view.slices(namespace, serviceName);
    const own = `${serviceName}.${namespace}.svc.${this.options.domain}`;
    if (below.length === 0) {
      if (!isHeadless(service)) {
        if (question.type === 'SRV')
          return srvAnswer(question, this.targets(service, slices, own, {}));
        return addressAnswer(question, clusterIps(service));
      }
      const endpoints = readyEndpoints(slices);
      if (endpoints.length === 0) return noName;
      if (question.type === 'SRV')
        return srvAnswer(question, this.targets(service, slices, own, {}));
      return addressAnswer(
        question,
        endpoints.flatMap(({ endpoint }) => endpoint.addresses),
      );
    }
    const [first = '', second] = below;
    if (below.length === 1) return endpointAnswer(question, service, slices, first);
    if (below.length !== 2 || second === undefined) return noName;
    // `_port._protocol.service`, read from the right.
    if (!first.startsWith('_') || !second.startsWith('_')) return noName;
    const wanted = { port: second.slice(1), protocol: first.slice(1) };
    return srvAnswer(question, this.targets(service, slices, own, wanted));
  }

  /** The ports of a service, or of every endpoint of a headless one, that fit what is asked for. */
  private targets(
    service: Service,
    slices: readonly EndpointSlice[],
    own: string,
    wanted: { readonly port?: string; readonly protocol?: string },
  ): readonly SrvTarget[] {
    const fits = (port: { name?: string | undefined; protocol?: string | undefined }): boolean =>
      (wanted.port === undefined || matches(wanted.port, port.name ?? '')) &&
      (wanted.protocol === undefined || matches(wanted.protocol, port.protocol ?? 'TCP'));
    if (!isHeadless(service))
      return (service.spec.ports ?? [])
        .filter(fits)
        .map(({ port }) => ({ target: own, port, addresses: clusterIps(service) }));
    return readyEndpoints(slices).flatMap(({ endpoint, slice }) =>
      (slice.ports ?? []).filter(fits).flatMap(({ port }) =>
        port === undefined
          ? []
          : [
              {
                target: `${endpointLabel(endpoint)}.${own}`,
                port,
                addresses: endpoint.addresses,
              },
            ],
      ),
    );
  }
}

function externalName(
  question: ZoneQuestion,
  service: Service,
  below: readonly string[],
): ZoneAnswer {
  if (below.length > 0) return noName;
  const target = (service.spec.externalName ?? '').replace(/\.$/, '');
  const alias: Answer = { name: question.name, type: 'CNAME', class: 'IN', ttl, data: target };
  if (question.type === 'CNAME') return { kind: 'answer', answers: [alias], additionals: [] };
  if (!wantsAddresses(question.type)) return noData;
  return { kind: 'alias', answers: [alias], target };
}

function endpointAnswer(
  question: ZoneQuestion,
  service: Service,
  slices: readonly EndpointSlice[],
  label: string,
): ZoneAnswer {
  // `_tcp.web` alone is an empty non-terminal of the ports below it.
  if (label.startsWith('_')) {
    const known = (service.spec.ports ?? []).some((port) =>
      matches(label.slice(1), port.protocol ?? 'TCP'),
    );
    return known ? noData : noName;
  }
  if (!isHeadless(service)) return noName;
  const found = readyEndpoints(slices).filter(({ endpoint }) => endpointLabel(endpoint) === label);
  if (found.length === 0) return noName;
  return addressAnswer(
    question,
    found.flatMap(({ endpoint }) => endpoint.addresses),
  );
}

/** `10-244-1-7.default.pod`: the address is in the name itself. */
function podAnswer(question: ZoneQuestion, rest: readonly string[]): ZoneAnswer {
  const [label = ''] = rest;
  if (rest.length !== 1) return noName;
  const octets = /^(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})$/.exec(label)?.slice(1).map(Number);
  if (octets?.every((octet) => octet <= 255) === true)
    return addressAnswer(question, [octets.join('.')]);
  const v6 = label.replaceAll('-', ':');
  return /^[0-9a-f:]+$/.test(v6) && v6.split(':').length >= 3
    ? addressAnswer(question, [v6])
    : noName;
}

/** The address a name under in-addr.arpa or ip6.arpa asks about; undefined for any other name. */
export function addressOfReverseName(name: string): string | undefined {
  const v4 = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(name);
  if (v4 !== null) return v4.slice(1).reverse().join('.');
  const v6 = /^((?:[0-9a-f]\.){32})ip6\.arpa$/.exec(name)?.[1];
  if (v6 === undefined) return undefined;
  const digits = v6.split('.').slice(0, 32).reverse().join('');
  return digits.match(/.{4}/g)?.join(':');
}
