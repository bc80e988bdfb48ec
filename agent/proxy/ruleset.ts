/**
 * Service NAT as a pure function: services and their endpoints in, rules out.
 *
 *   nat     PREROUTING, OUTPUT → KUBE-SERVICES ─┬─ cluster IP ───────────────→ KUBE-SVC-… (or SVL) → KUBE-SEP-… → DNAT
 *                                               ├─ external, balancer IP ───→ (KUBE-FW-… →) KUBE-EXT-… → KUBE-SVC-… or SVL
 *                                               └─ address of the node → KUBE-NODEPORTS → KUBE-EXT-…
 *           POSTROUTING → KUBE-POSTROUTING: masquerades what KUBE-MARK-MASQ marked
 *   filter  INPUT, FORWARD, OUTPUT → KUBE-SERVICES, KUBE-EXTERNAL-SERVICES: refuse ports without endpoints
 *           INPUT, FORWARD, OUTPUT → KUBE-PROXY-FIREWALL: sources a load balancer does not allow
 *           FORWARD → KUBE-FORWARD: accepts masqueraded and established traffic
 *
 * A port's own chains (SVC, SVL, EXT, FW, SEP) hold all that depends on its endpoints. The shared chains hold one rule an
 * address, so a change of endpoints leaves them alone. KUBE-SVC balances over the cluster, KUBE-SVL over this node.
 */
import { endpointChain, serviceChain } from './chain-names.js';
import { servicePortsOf, type ProxyNode, type ServicePort } from './service-port.js';
import type { Service } from '../../api/core/v1/types.js';
import type { EndpointSlice } from '../../api/discovery/v1/types.js';
import { serviceNameLabel } from '../../api/discovery/v1/labels.js';

export type Table = 'nat' | 'filter';

/** Chains many services put rules into, by table. */
export const sharedChains = [
  'nat KUBE-SERVICES',
  'nat KUBE-NODEPORTS',
  'filter KUBE-SERVICES',
  'filter KUBE-EXTERNAL-SERVICES',
  'filter KUBE-PROXY-FIREWALL',
] as const;
export type SharedChain = (typeof sharedChains)[number];

/** A UDP port's ways in and endpoints: what decides which conntrack entries are stale. */
export interface UdpPort {
  readonly addresses: readonly string[];
  readonly nodePort: number | undefined;
  readonly endpoints: readonly string[];
}

/** Everything one service puts into the kernel. Rules are written without the `-A CHAIN` they start with. */
export interface ServiceRules {
  /** The service's own chains, all of them in the nat table. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  readonly shared: ReadonlyMap<SharedChain, readonly string[]>;
  /** By port name. */
  readonly udp: ReadonlyMap<string, UdpPort>;
}

class RuleCollector {
  readonly chains = new Map<string, string[]>();
  readonly shared = new Map<SharedChain, string[]>();

  chain(name: string): string[] {
    const rules = this.chains.get(name) ?? [];
    this.chains.set(name, rules);
    return rules;
  }

  share(chain: SharedChain, rule: string): void {
    const rules = this.shared.get(chain);
    if (rules === undefined) this.shared.set(chain, [rule]);
    else rules.push(rule);
  }
}

const comment = (text: string): string => `-m comment --comment "${text}"`;
const portMatch = (port: ServicePort, number: number): string =>
  `-p ${port.protocol} -m ${port.protocol} --dport ${number}`;
const destination = (port: ServicePort, address: string): string =>
  `-d ${address}/32 ${portMatch(port, port.port)}`;

/** Each endpoint gets an even share: the first of n takes 1/n, the next 1/(n-1) of the rest, the last all of it. */
function balance(
  rules: RuleCollector,
  chain: string,
  port: ServicePort,
  endpoints: readonly string[],
): void {
  const target = rules.chain(chain);
  const named = endpoints.map((endpoint) => ({
    endpoint,
    sep: endpointChain(port.name, port.protocol, endpoint),
  }));
  if (port.affinitySeconds !== undefined)
    for (const { endpoint, sep } of named)
      target.push(
        `${comment(`${port.name} -> ${endpoint}`)} -m recent --name ${sep} --rcheck --seconds ${port.affinitySeconds} --reap -j ${sep}`,
      );
  for (const [at, { endpoint, sep }] of named.entries()) {
    const left = named.length - at;
    const chance =
      left === 1 ? '' : ` -m statistic --mode random --probability ${(1 / left).toFixed(10)}`;
    target.push(`${comment(`${port.name} -> ${endpoint}`)}${chance} -j ${sep}`);
    const remember = port.affinitySeconds === undefined ? '' : ` -m recent --name ${sep} --set`;
    const address = endpoint.slice(0, endpoint.lastIndexOf(':'));
    rules.chains.set(sep, [
      // A pod that reaches itself through its service would see its own address as the source.
      `-s ${address}/32 ${comment(port.name)} -j KUBE-MARK-MASQ`,
      `-p ${port.protocol} ${comment(port.name)}${remember} -m ${port.protocol} -j DNAT --to-destination ${endpoint}`,
    ]);
  }
}

interface PortChains {
  readonly cluster: string;
  readonly local: string;
  readonly external: string;
  readonly firewall: string;
}

const chainsOf = ({ name, protocol }: ServicePort): PortChains => ({
  cluster: serviceChain('SVC', name, protocol),
  local: serviceChain('SVL', name, protocol),
  external: serviceChain('EXT', name, protocol),
  firewall: serviceChain('FW', name, protocol),
});

const isExternal = (port: ServicePort): boolean =>
  port.nodePort !== undefined || port.externalIps.length > 0 || port.loadBalancerIps.length > 0;

function internalRules(rules: RuleCollector, port: ServicePort, node: ProxyNode): void {
  const chains = chainsOf(port);
  const chain = port.internalLocal ? chains.local : chains.cluster;
  const endpoints = port.internalLocal ? port.localEndpoints : port.clusterEndpoints;
  const match = destination(port, port.clusterIp);
  if (endpoints.length > 0) {
    rules.share('nat KUBE-SERVICES', `${match} ${comment(`${port.name} cluster IP`)} -j ${chain}`);
    rules
      .chain(chain)
      .unshift(
        `! -s ${node.podCidr} ${match} ${comment(`${port.name} cluster IP`)} -j KUBE-MARK-MASQ`,
      );
  } else if (port.clusterEndpoints.length === 0)
    rules.share(
      'filter KUBE-SERVICES',
      `${match} ${comment(`${port.name} has no endpoints`)} -j REJECT`,
    );
  else
    rules.share(
      'filter KUBE-SERVICES',
      `${match} ${comment(`${port.name} has no local endpoints`)} -j DROP`,
    );
}

/** The chain traffic from outside enters by: it decides on masquerading, then balances. */
function externalChain(rules: RuleCollector, port: ServicePort, node: ProxyNode): void {
  const { cluster, local, external } = chainsOf(port);
  const target = rules.chain(external);
  const what = `${port.name} external destinations`;
  if (!port.externalLocal) {
    target.push(`${comment(`masquerade traffic for ${what}`)} -j KUBE-MARK-MASQ`, `-j ${cluster}`);
    return;
  }
  // What starts in the cluster or on the node itself may go anywhere: the policy is for keeping clients' addresses.
  if (port.clusterEndpoints.length > 0)
    target.push(
      `-s ${node.podCidr} ${comment(`pod traffic for ${what}`)} -j ${cluster}`,
      `${comment(`masquerade LOCAL traffic for ${what}`)} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`,
      `${comment(`route LOCAL traffic for ${what}`)} -m addrtype --src-type LOCAL -j ${cluster}`,
    );
  if (port.localEndpoints.length > 0) target.push(`-j ${local}`);
}

function externalRules(rules: RuleCollector, port: ServicePort): void {
  const { external, firewall } = chainsOf(port);
  for (const address of port.externalIps)
    rules.share(
      'nat KUBE-SERVICES',
      `${destination(port, address)} ${comment(`${port.name} external IP`)} -j ${external}`,
    );
  const guarded = port.loadBalancerSources.length > 0;
  for (const address of port.loadBalancerIps) {
    const match = destination(port, address);
    const what = comment(`${port.name} loadbalancer IP`);
    rules.share('nat KUBE-SERVICES', `${match} ${what} -j ${guarded ? firewall : external}`);
    if (guarded)
      rules.share(
        'filter KUBE-PROXY-FIREWALL',
        `${match} ${comment(`${port.name} traffic not accepted by ${firewall}`)} -j DROP`,
      );
  }
  if (guarded && port.loadBalancerIps.length > 0)
    rules.chain(firewall).push(
      ...port.loadBalancerSources.map(
        (source) => `-s ${source} ${comment(`${port.name} loadbalancer IP`)} -j ${external}`,
      ),
      // The node itself reaches its balancers whatever the sources say.
      ...port.loadBalancerIps.map(
        (address) => `-s ${address}/32 ${comment(`${port.name} loadbalancer IP`)} -j ${external}`,
      ),
    );
  if (port.nodePort !== undefined)
    rules.share(
      'nat KUBE-NODEPORTS',
      `${portMatch(port, port.nodePort)} ${comment(port.name)} -j ${external}`,
    );
}

/** Refuses what no endpoint can take; drops what only endpoints of other nodes could, so that balancers look elsewhere. */
function externalRefusals(rules: RuleCollector, port: ServicePort): void {
  const none = port.clusterEndpoints.length === 0;
  const what = comment(`${port.name} has no ${none ? '' : 'local '}endpoints`);
  const verdict = none ? 'REJECT' : 'DROP';
  for (const address of [...port.externalIps, ...port.loadBalancerIps])
    rules.share(
      'filter KUBE-EXTERNAL-SERVICES',
      `${destination(port, address)} ${what} -j ${verdict}`,
    );
  if (port.nodePort !== undefined)
    rules.share(
      'filter KUBE-EXTERNAL-SERVICES',
      `${portMatch(port, port.nodePort)} ${what} -m addrtype --dst-type LOCAL -j ${verdict}`,
    );
}

function addPort(rules: RuleCollector, port: ServicePort, node: ProxyNode): void {
  const chains = chainsOf(port);
  const external = isExternal(port);
  const { clusterEndpoints, localEndpoints } = port;
  const usesCluster = !port.internalLocal || external;
  const usesLocal = port.internalLocal || (external && port.externalLocal);
  if (usesCluster && clusterEndpoints.length > 0)
    balance(rules, chains.cluster, port, clusterEndpoints);
  if (usesLocal && localEndpoints.length > 0) balance(rules, chains.local, port, localEndpoints);
  internalRules(rules, port, node);
  if (!external) return;
  const reachable = port.externalLocal ? localEndpoints : clusterEndpoints;
  if (clusterEndpoints.length > 0 || reachable.length > 0) {
    externalChain(rules, port, node);
    externalRules(rules, port);
  }
  if (reachable.length === 0) externalRefusals(rules, port);
}

const udpPortFrom = (port: ServicePort): UdpPort => ({
  addresses: [port.clusterIp, ...port.externalIps, ...port.loadBalancerIps],
  nodePort: port.nodePort,
  endpoints: [...new Set([...port.clusterEndpoints, ...port.localEndpoints])],
});

/** The rules of one service. */
export function serviceRules(
  service: Service,
  slices: readonly EndpointSlice[],
  node: ProxyNode,
): ServiceRules {
  const rules = new RuleCollector();
  const ports = servicePortsOf(service, slices, node);
  for (const port of ports) addPort(rules, port, node);
  const udp = ports.filter(({ protocol }) => protocol === 'udp');
  return {
    chains: rules.chains,
    shared: rules.shared,
    udp: new Map(udp.map((port) => [port.name, udpPortFrom(port)])),
  };
}

/** Jumps from the kernel's own chains into ours. */
export const jumps: Readonly<Record<Table, readonly (readonly [string, string])[]>> = {
  nat: [
    ['PREROUTING', `${comment('kubernetes service portals')} -j KUBE-SERVICES`],
    ['OUTPUT', `${comment('kubernetes service portals')} -j KUBE-SERVICES`],
    ['POSTROUTING', `${comment('kubernetes postrouting rules')} -j KUBE-POSTROUTING`],
  ],
  filter: [
    ...(['INPUT', 'FORWARD', 'OUTPUT'] as const).flatMap((chain) => [
      [
        chain,
        `-m conntrack --ctstate NEW ${comment('kubernetes load balancer firewall')} -j KUBE-PROXY-FIREWALL`,
      ] as const,
    ]),
    ['INPUT', '-j KUBE-FIREWALL'],
    ['OUTPUT', '-j KUBE-FIREWALL'],
    [
      'INPUT',
      `-m conntrack --ctstate NEW ${comment('kubernetes externally-visible service portals')} -j KUBE-EXTERNAL-SERVICES`,
    ],
    ['FORWARD', `${comment('kubernetes forwarding rules')} -j KUBE-FORWARD`],
    ...(['FORWARD', 'OUTPUT'] as const).map(
      (chain) =>
        [
          chain,
          `-m conntrack --ctstate NEW ${comment('kubernetes service portals')} -j KUBE-SERVICES`,
        ] as const,
    ),
    [
      'FORWARD',
      `-m conntrack --ctstate NEW ${comment('kubernetes externally-visible service portals')} -j KUBE-EXTERNAL-SERVICES`,
    ],
  ],
};

/** The last rule of nat KUBE-SERVICES. */
export const nodePortJump = `${comment('kubernetes service nodeports; NOTE: this must be the last rule in this chain')} -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS`;

/** Chains whose rules never change. An empty list is a chain that others fill, or the canary. */
export const fixedChains: Readonly<Record<Table, ReadonlyMap<string, readonly string[]>>> = {
  nat: new Map([
    ['KUBE-MARK-MASQ', ['-j MARK --set-xmark 0x4000/0x4000']],
    [
      'KUBE-POSTROUTING',
      [
        '-m mark ! --mark 0x4000/0x4000 -j RETURN',
        // The mark is taken off, so that a packet routed twice is not masqueraded twice.
        '-j MARK --set-xmark 0x4000/0x0',
        `${comment('kubernetes service traffic requiring SNAT')} -j MASQUERADE --random-fully`,
      ],
    ],
    ['KUBE-PROXY-CANARY', []],
  ]),
  filter: new Map([
    [
      'KUBE-FORWARD',
      [
        `${comment('kubernetes forwarding rules')} -m mark --mark 0x4000/0x4000 -j ACCEPT`,
        `${comment('kubernetes forwarding conntrack rule')} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
      ],
    ],
    [
      'KUBE-FIREWALL',
      [
        // Node ports on 127.0.0.1 need route_localnet, which must not open the loopback address to the network.
        `! -s 127.0.0.0/8 -d 127.0.0.0/8 ${comment('block incoming localnet connections')} -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP`,
      ],
    ],
  ]),
};

/** Keys services by `namespace/name`. */
export const serviceKey = ({ metadata }: Pick<Service, 'metadata'>): string =>
  `${metadata.namespace ?? ''}/${metadata.name}`;

/** The service a slice belongs to; undefined for slices of no service. */
export function serviceKeyOfSlice({
  metadata,
}: Pick<EndpointSlice, 'metadata'>): string | undefined {
  const name = metadata.labels?.[serviceNameLabel];
  return name === undefined ? undefined : `${metadata.namespace ?? ''}/${name}`;
}

/** The rules of every service, by `namespace/name`. */
export function ruleset(
  services: readonly Service[],
  endpointSlices: readonly EndpointSlice[],
  node: ProxyNode,
): ReadonlyMap<string, ServiceRules> {
  const slices = new Map<string, EndpointSlice[]>();
  for (const slice of endpointSlices) {
    const key = serviceKeyOfSlice(slice) ?? '';
    const siblings = slices.get(key);
    if (siblings === undefined) slices.set(key, [slice]);
    else siblings.push(slice);
  }
  return new Map(
    services.map((service) => {
      const key = serviceKey(service);
      return [key, serviceRules(service, slices.get(key) ?? [], node)];
    }),
  );
}
