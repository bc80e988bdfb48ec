/**
 * The bridge plugin: a veth pair a container, its host end a port of a bridge that holds the gateway address. Takes the
 * configuration of the reference plugin of that name, and one field more:
 *
 * `routeThroughGateway` gives containers a /32 address with the gateway as their only neighbour. Traffic between two
 * containers of a node then passes the host's IP stack, so service NAT and network policy see it – whether or not the
 * kernel has br_netfilter.
 *
 * Names are derived from the container's id: whatever step an ADD was cut off at, a repeated ADD or a DEL finds the pieces.
 */
import { createHash } from 'node:crypto';
import type { Exec } from '../machinery/exec/exec.js';
import { CniError, errorCodes } from './cni-error.js';
import { hostLocal } from './host-local.js';
import { macOfIp, parseIp } from './ip.js';
import {
  ipBatch,
  ipQuery,
  linkExists,
  writeSysctl,
  writeSysctlIfPresent,
} from './network-commands.js';
import type { CniCall, CniIp, CniResult, CniRoute, Plugin, PluginConfig } from './types.js';
import { currentVersion } from './types.js';

interface BridgeConfig extends PluginConfig {
  readonly bridge?: string;
  readonly isGateway?: boolean;
  readonly isDefaultGateway?: boolean;
  readonly hairpinMode?: boolean;
  readonly mtu?: number;
  readonly routeThroughGateway?: boolean;
  readonly ipam?: { readonly type?: string };
}

/** Where addresses come from; `undefined` for a configuration without `ipam`. */
export type IpamLookup = (type: string, call: CniCall) => Plugin;

export interface BridgeDependencies {
  readonly exec: Exec;
  readonly ipam?: IpamLookup;
}

const maxLinkName = 15;

/** The host end of a container's veth pair. */
export const hostLinkName = (containerId: string, ifName: string): string =>
  `veth${createHash('sha256').update(`${containerId}/${ifName}`).digest('hex').slice(0, 8)}`;

function configFrom(config: PluginConfig): BridgeConfig & { readonly bridge: string } {
  const bridge = (config as BridgeConfig).bridge ?? 'cni0';
  if (!/^[^\s/:]+$/.test(bridge) || bridge.length > maxLinkName)
    throw new CniError(errorCodes.invalidConfig, `bridge: ${bridge} is not a link name`);
  return { ...(config as BridgeConfig), bridge };
}

const isGateway = (config: BridgeConfig): boolean =>
  config.isGateway === true || config.isDefaultGateway === true;

const addressOf = (ip: CniIp): string => ip.address.split('/')[0] ?? '';
const prefixOf = (ip: CniIp): string => ip.address.split('/')[1] ?? '32';

/** Makes the bridge, and its gateway addresses where it is to be the gateway. */
async function ensureBridge(
  exec: Exec,
  config: BridgeConfig & { readonly bridge: string },
  ips: readonly CniIp[],
): Promise<void> {
  const { bridge } = config;
  const gateways = isGateway(config)
    ? ips.flatMap((ip) => (ip.gateway === undefined ? [] : [`${ip.gateway}/${prefixOf(ip)}`]))
    : [];
  if (!linkExists(bridge)) {
    const first = parseIp(gateways[0]?.split('/')[0] ?? '');
    // A fixed address keeps the bridge from taking on that of whichever port is lowest.
    const mac = first === undefined ? '' : ` address ${macOfIp(first)}`;
    const mtu = config.mtu === undefined ? '' : ` mtu ${config.mtu}`;
    await ipBatch(exec, [`link add name ${bridge}${mac}${mtu} type bridge`]).catch(
      (error: unknown) => {
        // Another process may have made it first.
        if (!linkExists(bridge)) throw error;
      },
    );
  }
  await ipBatch(exec, [
    ...gateways.map((gateway) => `addr replace ${gateway} dev ${bridge}`),
    `link set dev ${bridge} up`,
  ]);
  if (!isGateway(config)) return;
  await writeSysctl('net/ipv4/ip_forward', '1');
  // Containers reached through the bridge they came in by must not be told to talk past the host.
  await writeSysctl(`net/ipv4/conf/${bridge}/send_redirects`, '0');
  await writeSysctl('net/ipv4/conf/all/send_redirects', '0');
  await writeSysctlIfPresent('net/bridge/bridge-nf-call-iptables', '1');
}

function insideLines(config: BridgeConfig, call: CniCall, ipam: CniResult): readonly string[] {
  const dev = call.ifName;
  const ips = ipam.ips ?? [];
  const gateway = ips.find((ip) => ip.gateway !== undefined)?.gateway;
  const direct = config.routeThroughGateway === true;
  const defaults: readonly CniRoute[] =
    config.isDefaultGateway === true && gateway !== undefined ? [{ dst: '0.0.0.0/0' }] : [];
  const routes = [...defaults, ...(ipam.routes ?? [])].map((route) => {
    const via = route.gw ?? gateway;
    return `route replace ${route.dst}${via === undefined ? '' : ` via ${via}`} dev ${dev}`;
  });
  return [
    'link set dev lo up',
    ...ips.map((ip) => `addr replace ${addressOf(ip)}/${direct ? '32' : prefixOf(ip)} dev ${dev}`),
    `link set dev ${dev} up`,
    ...(direct && gateway !== undefined ? [`route replace ${gateway} dev ${dev} scope link`] : []),
    ...routes,
  ];
}

/** Two processes wire a container: one for the host's side, one for the inside. */
async function connect(
  exec: Exec,
  config: BridgeConfig & { readonly bridge: string },
  { call, netns, ipam }: { call: CniCall; netns: string; ipam: CniResult },
): Promise<void> {
  const host = hostLinkName(call.containerId, call.ifName);
  const address = parseIp(addressOf(ipam.ips?.[0] ?? { address: '' }));
  const mac = address === undefined ? '' : ` address ${macOfIp(address)}`;
  const mtu = config.mtu === undefined ? '' : ` mtu ${config.mtu}`;
  // A pair left by an ADD that was cut off may be half configured, so it is made anew.
  const stale = linkExists(host) ? [`link del dev ${host}`] : [];
  const hairpin = config.hairpinMode === false ? 'off' : 'on';
  await ipBatch(exec, [
    ...stale,
    `link add name ${host}${mtu} type veth peer name ${call.ifName}${mac}${mtu} netns ${netns}`,
    `link set dev ${host} master ${config.bridge} up`,
    `link set dev ${host} type bridge_slave hairpin ${hairpin}`,
  ]);
  await ipBatch(exec, insideLines(config, call, ipam), { netns });
}

function resultOf(
  config: BridgeConfig & { readonly bridge: string },
  { call, netns, ipam }: { call: CniCall; netns: string; ipam: CniResult },
): CniResult {
  const host = hostLinkName(call.containerId, call.ifName);
  const address = parseIp(addressOf(ipam.ips?.[0] ?? { address: '' }));
  const mac = address === undefined ? {} : { mac: macOfIp(address) };
  const dns = ipam.dns ?? (config.dns as CniResult['dns']);
  return {
    cniVersion: currentVersion,
    interfaces: [
      { name: config.bridge },
      { name: host },
      { name: call.ifName, ...mac, sandbox: netns },
    ],
    ips: (ipam.ips ?? []).map((ip) => ({ ...ip, interface: 2 })),
    ...(ipam.routes === undefined ? {} : { routes: ipam.routes }),
    ...(dns === undefined ? {} : { dns }),
  };
}

function requireNetns(call: CniCall): string {
  if (call.netns === undefined || call.netns === '')
    throw new CniError(errorCodes.invalidEnvironment, 'CNI_NETNS is needed');
  return call.netns;
}

const defaultIpam: IpamLookup = (type) => {
  if (type === 'host-local') return hostLocal;
  throw new CniError(errorCodes.invalidConfig, `ipam.type: there is no plugin ${type}`);
};

async function checkLinks(exec: Exec, config: BridgeConfig, call: CniCall): Promise<void> {
  const netns = requireNetns(call);
  const host = hostLinkName(call.containerId, call.ifName);
  if (!linkExists(host)) throw new CniError(errorCodes.checkFailed, `link ${host} is gone`);
  const links = await ipQuery(exec, ['addr', 'show', 'dev', call.ifName], netns);
  const link = links?.[0];
  if (link === undefined)
    throw new CniError(errorCodes.checkFailed, `the container has no link ${call.ifName}`);
  const held = (link.addr_info as { local?: string }[] | undefined) ?? [];
  const wanted = (config.prevResult?.ips ?? []).map(addressOf);
  const missing = wanted.filter((address) => !held.some(({ local }) => local === address));
  if (missing.length > 0)
    throw new CniError(
      errorCodes.checkFailed,
      `${call.ifName} does not hold ${missing.join(' and ')}`,
    );
}

async function addContainer(
  { exec, ipam: lookup = defaultIpam }: BridgeDependencies,
  given: PluginConfig,
  call: CniCall,
): Promise<CniResult> {
  const config = configFrom(given);
  const netns = requireNetns(call);
  const ipamPlugin = config.ipam?.type === undefined ? undefined : lookup(config.ipam.type, call);
  const ipam = (await ipamPlugin?.add(given, call)) ?? { cniVersion: currentVersion };
  try {
    // The bridge outlives containers: commands are spent on it only when it is not there.
    if (!linkExists(config.bridge)) await ensureBridge(exec, config, ipam.ips ?? []);
    await connect(exec, config, { call, netns, ipam });
  } catch (error) {
    await ipamPlugin?.del(given, call);
    throw error;
  }
  return resultOf(config, { call, netns, ipam });
}

/** The bridge plugin over a way to run commands. */
export function bridgePlugin(dependencies: BridgeDependencies): Plugin {
  const { exec, ipam: lookup = defaultIpam } = dependencies;
  const ipamOf = (config: PluginConfig, call: CniCall): Plugin | undefined => {
    const type = (config as BridgeConfig).ipam?.type;
    return type === undefined ? undefined : lookup(type, call);
  };
  const noCall: CniCall = { containerId: '', ifName: '', path: [] };
  return {
    add: (config, call) => addContainer(dependencies, config, call),
    check: async (config, call) => {
      await ipamOf(config, call)?.check(config, call);
      await checkLinks(exec, configFrom(config), call);
    },
    del: async (config, call) => {
      const host = hostLinkName(call.containerId, call.ifName);
      if (linkExists(host))
        await ipBatch(exec, [`link del dev ${host}`]).catch((error: unknown) => {
          // The link also goes with the container's namespace, perhaps this very moment.
          if (linkExists(host)) throw error;
        });
      // Last, so that nobody gets the address while the container could still use it.
      await ipamOf(config, call)?.del(config, call);
    },
    status: async (config) => {
      configFrom(config);
      await ipamOf(config, noCall)?.status(config);
    },
    gc: async (config) => {
      await ipamOf(config, noCall)?.gc(config);
      const { bridge } = configFrom(config);
      const kept = new Set(
        (config['cni.dev/valid-attachments'] ?? []).map((at) =>
          hostLinkName(at.containerID, at.ifname),
        ),
      );
      const ports = (await ipQuery(exec, ['link', 'show', 'master', bridge])) ?? [];
      const leaked = ports
        .map((port) => String(port.ifname))
        .filter((name) => /^veth[0-9a-f]{8}$/.test(name) && !kept.has(name));
      await ipBatch(
        exec,
        leaked.map((name) => `link del dev ${name}`),
        { force: true },
      ).catch((error: unknown) => {
        if (leaked.some(linkExists)) throw error;
      });
    },
  };
}
