/**
 * `pintle reset`: takes away what Pintle made on this machine, found by its labels, names and folders: containers, links, routes,
 * firewall chains, mounts, data. Leaves everything else, images and a private Docker engine included. Refuses while Pintle runs.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { bridgeName } from '../agent/network/default-network.js';
import { routeProtocol } from '../agent/network/routes.js';
import { ConfigError } from '../machinery/config/config.js';
import { errorText } from '../machinery/error-text.js';
import { type Exec, systemExec } from '../machinery/exec/exec.js';

export interface ResetOptions {
  readonly dataDir: string;
  readonly dockerHost: string;
}

/** What `npm start` keeps in the data folder for a private engine. */
const keptFolders: ReadonlySet<string> = new Set(['docker']);

/** Every container of ours carries this label, whatever else is on the engine. */
const ownLabel = 'io.pintle.attempt';

const ownChain = /^(KUBE|PINTLE|CNI)-/;

async function removeContainers(exec: Exec, dockerHost: string): Promise<number> {
  const docker = ['docker', '-H', dockerHost];
  const list = [...docker, 'ps', '--all', '--quiet', '--filter', `label=${ownLabel}`];
  const { stdout } = await exec(list).catch((error: unknown) => {
    throw new ConfigError(
      `the Docker engine at ${dockerHost} does not answer, so its containers cannot be removed: ` +
        `start it, or name another with --docker-host. Nothing was removed yet. It says: ${errorText(error)}`,
      { cause: error },
    );
  });
  const ids = stdout.split('\n').filter((id) => id !== '');
  if (ids.length > 0)
    await exec([...docker, 'rm', '--force', '--volumes', ...ids], { timeoutMs: 120_000 });
  return ids.length;
}

async function removeLinks(exec: Exec): Promise<number> {
  const { stdout } = await exec(['ip', '-json', 'link', 'show']);
  const links = JSON.parse(stdout) as { ifname: string; master?: string }[];
  const ours = links.filter(({ ifname, master }) => ifname === bridgeName || master === bridgeName);
  for (const { ifname } of ours) await exec(['ip', 'link', 'delete', ifname]);
  return ours.length;
}

/** The `iptables-restore --noflush` input that takes our chains, and the rules that jump to them, out of a saved ruleset. */
export function rulesWithoutOurs(saved: string): string {
  const tables: string[] = [];
  for (const table of saved.split(/^COMMIT$/m)) {
    const lines = table.split('\n');
    const name = lines.find((line) => line.startsWith('*'));
    const chains = lines
      .filter((line) => line.startsWith(':'))
      .map((line) => line.slice(1).split(' ')[0] ?? '')
      .filter((chain) => ownChain.test(chain));
    if (name === undefined || chains.length === 0) continue;
    const jumps = lines.filter((line) => {
      const [, chain = '', target = ''] = /^-A (\S+) .*-[jg] (\S+)/.exec(line) ?? [];
      return ownChain.test(target) && !ownChain.test(chain);
    });
    tables.push(
      [
        name,
        ...jumps.map((line) => line.replace('-A', '-D')),
        ...chains.map((chain) => `-F ${chain}`),
        ...chains.map((chain) => `-X ${chain}`),
        'COMMIT',
        '',
      ].join('\n'),
    );
  }
  return tables.join('');
}

async function removeRules(exec: Exec): Promise<number> {
  const { stdout } = await exec(['iptables-save']);
  const input = rulesWithoutOurs(stdout);
  if (input !== '') await exec(['iptables-restore', '--noflush', '--wait'], { input });
  return input.split('\n').filter((line) => line.startsWith('-X')).length;
}

async function removeMounts(exec: Exec, dataDir: string): Promise<number> {
  const kept = [...keptFolders].map((name) => `${path.join(dataDir, name)}/`);
  const targets = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((target) => target.startsWith(`${dataDir}/`))
    .filter((target) => !kept.some((folder) => target.startsWith(folder)))
    .reverse();
  for (const target of targets) await exec(['umount', target]);
  return targets.length;
}

async function removeFiles(dataDir: string): Promise<number> {
  const names = existsSync(dataDir)
    ? readdirSync(dataDir).filter((name) => !keptFolders.has(name))
    : [];
  for (const name of names) await rm(path.join(dataDir, name), { recursive: true });
  return names.length;
}

const runningPintle = (): string | undefined =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .find((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return (words[1] ?? '').endsWith('/pintle') && /^(up|master|agent)$/.test(words[2] ?? '');
      } catch {
        // The process ended while we looked.
        return false;
      }
    });

/** Does it, and returns a line for each kind of thing it removed. Harmless when there is nothing. */
export async function resetMachine(
  { dataDir, dockerHost }: ResetOptions,
  exec: Exec = systemExec,
): Promise<readonly string[]> {
  const running = runningPintle();
  if (running !== undefined) {
    throw new ConfigError(`pintle runs here as process ${running}; end it first`);
  }
  const containers = await removeContainers(exec, dockerHost);
  const links = await removeLinks(exec);
  await exec(['ip', 'route', 'flush', 'proto', String(routeProtocol)]);
  const chains = await removeRules(exec);
  const mounts = await removeMounts(exec, dataDir);
  const files = await removeFiles(dataDir);
  return [
    `containers removed: ${String(containers)}`,
    `links removed: ${String(links)}`,
    `firewall chains removed: ${String(chains)}`,
    `mounts removed: ${String(mounts)}`,
    `entries of ${dataDir} removed: ${String(files)}`,
  ];
}
