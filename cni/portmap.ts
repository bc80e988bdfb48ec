/**
 * The portmap plugin: ports of the host that lead into a container, by NAT rules.
 *
 *   PREROUTING, OUTPUT --dst-type LOCAL--> CNI-HOSTPORT-DNAT --(ports of the container)--> CNI-DN-<id> --> SETMARK, DNAT
 *   POSTROUTING --> CNI-HOSTPORT-MASQ --(mark 0x2000)--> MASQUERADE
 *
 * The two shared chains and their names never change. A container's rules are named after it, so that DEL needs nothing
 * but its id: it reads the shared chain, drops the jumps to the container's chain, and the chain.
 */
import { createHash } from 'node:crypto';
import { isExecError, type Exec } from '../machinery/exec/exec.js';
import { CniError, errorCodes } from './cni-error.js';
import { commandTimeoutMs } from './limits.js';
import { writeSysctl } from './network-commands.js';
import { currentVersion, type Plugin, type PluginConfig, type PortMapping } from './types.js';

const dnatChain = 'CNI-HOSTPORT-DNAT';
const markChain = 'CNI-HOSTPORT-SETMARK';
const masqueradeChain = 'CNI-HOSTPORT-MASQ';
const mark = '0x2000/0x2000';

/** The chain of one container's port mappings on one network. */
const portChainName = (network: string, containerId: string): string =>
  `CNI-DN-${createHash('sha512').update(`${network}${containerId}`).digest('hex').slice(0, 21)}`;

function mappingsOf(config: PluginConfig): readonly PortMapping[] {
  const mappings = config.runtimeConfig?.portMappings ?? [];
  for (const { hostPort, containerPort, protocol } of mappings)
    for (const port of [hostPort, containerPort])
      if (!Number.isInteger(port) || port < 1 || port > 65535)
        throw new CniError(
          errorCodes.invalidConfig,
          `portMappings: ${port}/${protocol} is not a port`,
        );
  return mappings;
}

function containerAddress(config: PluginConfig): string {
  const address = config.prevResult?.ips?.[0]?.address.split('/')[0];
  if (address === undefined)
    throw new CniError(
      errorCodes.invalidConfig,
      'portmap must follow a plugin that gives an address',
    );
  return address;
}

const hostMatch = ({ hostIP }: PortMapping): string =>
  hostIP === undefined || hostIP === '' || hostIP === '0.0.0.0' ? '' : ` -d ${hostIP}/32`;

/** The rules of one container, as `iptables-restore` lines. */
function portRules(config: PluginConfig, containerId: string): readonly string[] {
  const chain = portChainName(config.name, containerId);
  const address = containerAddress(config);
  return mappingsOf(config).flatMap((mapping) => {
    const { protocol, hostPort, containerPort } = mapping;
    const match = `${hostMatch(mapping)} -p ${protocol} -m ${protocol} --dport ${hostPort}`;
    return [
      `-A ${dnatChain}${match} -m comment --comment "${config.name} ${containerId.slice(0, 13)}" -j ${chain}`,
      // Connections from the container itself and from the host's loopback need the host's address to come back.
      `-A ${chain} -s ${address}/32${match} -j ${markChain}`,
      `-A ${chain} -s 127.0.0.1/32${match} -j ${markChain}`,
      `-A ${chain}${match} -j DNAT --to-destination ${address}:${containerPort}`,
    ];
  });
}

const natTable = (lines: readonly string[]): string => `*nat\n${lines.join('\n')}\nCOMMIT\n`;

async function restore(exec: Exec, lines: readonly string[]): Promise<void> {
  await exec(['iptables-restore', '--noflush', '-w'], {
    input: natTable(lines),
    timeoutMs: commandTimeoutMs,
  });
}

async function rulesOf(exec: Exec, chain: string): Promise<readonly string[]> {
  try {
    const argv = ['iptables', '-w', '-t', 'nat', '-S', chain];
    const { stdout } = await exec(argv, { timeoutMs: commandTimeoutMs });
    return stdout.split('\n').filter((line) => line.startsWith('-A '));
  } catch (error) {
    if (isExecError(error) && error.exitCode !== undefined) return [];
    throw error;
  }
}

/** Makes the shared chains and the jumps into them; only missing jumps are added. */
async function ensureShared(exec: Exec): Promise<void> {
  const jumps: readonly (readonly [string, string])[] = [
    ['PREROUTING', `-m addrtype --dst-type LOCAL -j ${dnatChain}`],
    ['OUTPUT', `-m addrtype --dst-type LOCAL -j ${dnatChain}`],
    ['POSTROUTING', `-j ${masqueradeChain}`],
  ];
  const missing: string[] = [];
  for (const [chain, rule] of jumps) {
    const target = rule.split(' -j ')[1] ?? '';
    const present = await rulesOf(exec, chain);
    if (!present.some((line) => line.endsWith(`-j ${target}`))) missing.push(`-A ${chain} ${rule}`);
  }
  const shared = await rulesOf(exec, dnatChain);
  await restore(exec, [
    `:${markChain} - [0:0]`,
    `:${masqueradeChain} - [0:0]`,
    ...(shared.length === 0 ? [`:${dnatChain} - [0:0]`] : []),
    `-A ${markChain} -j MARK --set-xmark ${mark}`,
    `-A ${masqueradeChain} -m mark --mark ${mark} -j MASQUERADE`,
    ...missing,
  ]);
}

async function removePorts(exec: Exec, chain: string): Promise<void> {
  const jumps = (await rulesOf(exec, dnatChain)).filter((line) => line.endsWith(`-j ${chain}`));
  if (jumps.length === 0 && (await rulesOf(exec, chain)).length === 0) return;
  await restore(exec, [
    ...jumps.map((line) => line.replace('-A ', '-D ')),
    `:${chain} - [0:0]`,
    `-X ${chain}`,
  ]);
}

async function addPorts(exec: Exec, config: PluginConfig, containerId: string): Promise<void> {
  const chain = portChainName(config.name, containerId);
  await removePorts(exec, chain);
  await ensureShared(exec);
  await writeSysctl('net/ipv4/conf/all/route_localnet', '1');
  await restore(exec, [`:${chain} - [0:0]`, ...portRules(config, containerId)]);
  // Flows of an earlier holder of a UDP port would go on to its address.
  for (const { protocol, hostPort } of mappingsOf(config))
    if (protocol === 'udp')
      await exec(['conntrack', '-D', '-p', 'udp', '--dport', String(hostPort)], {
        timeoutMs: commandTimeoutMs,
      }).catch(() => undefined);
}

/** The portmap plugin over a way to run commands. Without port mappings it changes nothing. */
export function portmapPlugin(exec: Exec): Plugin {
  return {
    add: async (config, call) => {
      if (config.prevResult === undefined)
        throw new CniError(errorCodes.invalidConfig, 'portmap must be called as a chained plugin');
      if (mappingsOf(config).length > 0) await addPorts(exec, config, call.containerId);
      return { ...config.prevResult, cniVersion: currentVersion };
    },
    check: async (config, call) => {
      if (mappingsOf(config).length === 0) return;
      const chain = portChainName(config.name, call.containerId);
      const wanted = portRules(config, call.containerId).filter((line) =>
        line.startsWith(`-A ${chain} `),
      );
      const found = await rulesOf(exec, chain);
      if (found.length !== wanted.length)
        throw new CniError(
          errorCodes.checkFailed,
          `chain ${chain} has ${found.length} rules instead of ${wanted.length}`,
        );
    },
    del: async (config, call) => {
      // A runtime that gives the mappings says so when there are none; without that, only the chain can tell.
      if (config.runtimeConfig !== undefined && mappingsOf(config).length === 0) return;
      await removePorts(exec, portChainName(config.name, call.containerId));
    },
    status: () => Promise.resolve(),
    gc: async (config) => {
      const kept = new Set(
        (config['cni.dev/valid-attachments'] ?? []).map((at) =>
          portChainName(config.name, at.containerID),
        ),
      );
      for (const line of await rulesOf(exec, dnatChain)) {
        const chain = /-j (CNI-DN-[0-9a-f]+)$/.exec(line)?.[1];
        // Chains of other networks carry other comments.
        const ours = line.includes(`--comment "${config.name} `);
        if (chain !== undefined && ours && !kept.has(chain)) await removePorts(exec, chain);
      }
    },
  };
}
