/**
 * `pintle check`: looks whether this machine can be a master or a node, one line a point, each failure with its remedy. Changes
 * nothing.
 */
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { timestamp } from '../api/meta/timestamp.js';
import { expiryMs } from '../machinery/certificates/certificates.js';
import { systemClock } from '../machinery/clock/clock.js';
import { type Exec, systemExec } from '../machinery/exec/exec.js';

export interface CheckResult {
  readonly name: string;
  readonly verdict: 'ok' | 'warning' | 'failed';
  readonly found: string;
  /** What to do about it; empty when all is well. */
  readonly remedy: string;
}

export interface CheckOptions {
  readonly dataDir: string;
  readonly dockerSocket: string;
  readonly ports: readonly number[];
  readonly exec?: Exec;
}

type Probe = (options: CheckOptions, exec: Exec) => Promise<Omit<CheckResult, 'name'>>;

const ok = (found: string): Omit<CheckResult, 'name'> => ({ verdict: 'ok', found, remedy: '' });
const failed = (found: string, remedy: string): Omit<CheckResult, 'name'> => ({
  verdict: 'failed',
  found,
  remedy,
});
const warning = (found: string, remedy: string): Omit<CheckResult, 'name'> => ({
  verdict: 'warning',
  found,
  remedy,
});

const runs = async (exec: Exec, argv: readonly string[]): Promise<string | undefined> => {
  try {
    return (await exec(argv)).stdout.trim();
  } catch {
    // That a command fails is the finding; its text is of no use to the person.
    return undefined;
  }
};

const user: Probe = () =>
  Promise.resolve(
    process.getuid?.() === 0
      ? ok('root')
      : failed(`user ${String(process.getuid?.())}`, 'Run as root: sudo pintle check'),
  );

const nodeVersion: Probe = () => {
  const major = Number(process.versions.node.split('.')[0]);
  return Promise.resolve(
    major >= 20 ? ok(process.version) : failed(process.version, 'Install Node.js 20 or newer'),
  );
};

/** Makes and removes a link of each kind, in a namespace that goes with the command. */
const kernelLinks: Probe = async (_options, exec) => {
  const missing: string[] = [];
  for (const kind of ['veth', 'bridge', 'vxlan id 1 dstport 4789']) {
    const link = ['ip', 'link', 'add', 'pintlecheck', 'type', ...kind.split(' ')];
    if ((await runs(exec, ['unshare', '--net', ...link])) === undefined)
      missing.push(kind.split(' ')[0] ?? '');
  }
  if (missing.length === 0) return ok('veth, bridge, vxlan');
  const remedy = `Load the kernel modules: modprobe ${missing.join(' ')}`;
  return missing.every((kind) => kind === 'vxlan')
    ? warning('no vxlan: nodes must share a link', remedy)
    : failed(`no ${missing.join(', ')}`, remedy);
};

const cgroups: Probe = () => {
  if (existsSync('/sys/fs/cgroup/cgroup.controllers')) return Promise.resolve(ok('version 2'));
  const missing = ['cpu', 'memory', 'pids'].filter((name) => !existsSync(`/sys/fs/cgroup/${name}`));
  return Promise.resolve(
    missing.length === 0
      ? ok('version 1')
      : failed(
          `no ${missing.join(', ')} controller`,
          'Mount cgroups, or boot with cgroup_enable=memory on a Raspberry Pi',
        ),
  );
};

const docker: Probe = async ({ dockerSocket }, exec) => {
  const version = await runs(exec, [
    'docker',
    '-H',
    `unix://${dockerSocket}`,
    'version',
    '--format',
    '{{.Server.Version}}',
  ]);
  if (version !== undefined && version !== '') return ok(version);
  return existsSync(dockerSocket)
    ? failed(
        `${dockerSocket} does not answer`,
        'Start it: systemctl start docker; see journalctl -u docker',
      )
    : failed(
        `no ${dockerSocket}`,
        'Install docker.io and start it, or name its socket with --docker-host',
      );
};

const iptables: Probe = async (_options, exec) => {
  const version = await runs(exec, ['iptables', '--version']);
  if (version === undefined) return failed('no iptables', 'Install it: apt-get install iptables');
  const legacy = await runs(exec, ['iptables-legacy-save']);
  const isMixed = version.includes('nf_tables') && (legacy ?? '').includes('-A ');
  return isMixed
    ? warning(
        `${version}, but iptables-legacy holds rules too`,
        'Rules of both kinds are in force; choose one with update-alternatives --config iptables and reboot',
      )
    : ok(version);
};

const commands: Probe = async (_options, exec) => {
  const wanted = ['ip', 'iptables-restore', 'conntrack', 'nsenter', 'mount'];
  const missing: string[] = [];
  for (const command of wanted) {
    if ((await runs(exec, ['sh', '-c', `command -v ${command}`])) === undefined)
      missing.push(command);
  }
  return missing.length === 0
    ? ok(wanted.join(', '))
    : failed(
        `no ${missing.join(', ')}`,
        'Install them: apt-get install iproute2 iptables conntrack util-linux',
      );
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });

const ports: Probe = async (options) => {
  const taken: number[] = [];
  for (const port of options.ports) if (!(await isFree(port))) taken.push(port);
  return taken.length === 0
    ? ok(options.ports.join(', '))
    : failed(
        `taken: ${taken.join(', ')}`,
        'Stop what listens there (ss -ltnp shows it), or choose others with --listen and --agent-port',
      );
};

const leastFreeBytes = 1024 ** 3;

const disk: Probe = ({ dataDir }) => {
  const parts = dataDir.split('/');
  let folder = dataDir;
  while (!existsSync(folder) && parts.length > 1) {
    parts.pop();
    folder = parts.join('/') || '/';
  }
  const { bavail, bsize } = statfsSync(folder);
  const free = `${((bavail * bsize) / 1024 ** 3).toFixed(1)} GiB free in ${folder}`;
  return Promise.resolve(
    bavail * bsize >= leastFreeBytes
      ? ok(free)
      : failed(free, 'Free at least 1 GiB, or choose another place with --data-dir'),
  );
};

/** A year that only a clock that was never set would show: certificates would be issued in the past. */
const earliestSaneYear = 2026;

const clock: Probe = async (_options, exec) => {
  const now = (await runs(exec, ['date', '-u', '+%Y-%m-%dT%H:%M:%SZ'])) ?? '';
  return Number(now.slice(0, 4)) >= earliestSaneYear
    ? ok(now)
    : failed(now, 'Set the clock: certificates made now would be worthless once it is right');
};

const forwarding: Probe = () => {
  const value = readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim();
  return Promise.resolve(value === '1' ? ok('on') : ok('off; the agent turns it on'));
};

/** How long before its end the cluster's authority is worth a warning: replacing it takes a visit to every node. */
const authorityNoticeMs = 365 * 24 * 3_600_000;

const authority: Probe = ({ dataDir }) => {
  const file = path.join(dataDir, 'pki/ca.crt');
  if (!existsSync(file)) return Promise.resolve(ok('none yet'));
  const endMs = expiryMs(readFileSync(file, 'utf8'));
  const found = `${file}, good until ${timestamp(endMs)}`;
  const remedy = 'Replace it in time: see "Renewal" in docs/authentication.md';
  const leftMs = endMs - systemClock.now();
  if (leftMs <= 0) return Promise.resolve(failed(found, remedy));
  return Promise.resolve(leftMs < authorityNoticeMs ? warning(found, remedy) : ok(found));
};

const probes: Readonly<Record<string, Probe>> = {
  user,
  'Node.js': nodeVersion,
  'kernel links': kernelLinks,
  cgroups,
  'Docker engine': docker,
  iptables,
  commands,
  ports,
  disk,
  clock,
  authority,
  'IP forwarding': forwarding,
};

/** Every point in order; never throws for what it finds. */
export async function checkMachine(options: CheckOptions): Promise<readonly CheckResult[]> {
  const exec = options.exec ?? systemExec;
  const results: CheckResult[] = [];
  for (const [name, probe] of Object.entries(probes)) {
    results.push({ name, ...(await probe(options, exec)) });
  }
  return results;
}

/** The results as text, with remedies below what failed. */
export function checkReport(results: readonly CheckResult[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  const marks = { ok: 'ok     ', warning: 'WARNING', failed: 'FAILED ' };
  return results
    .map(({ name, verdict, found, remedy }) => {
      const line = `${marks[verdict]}  ${name.padEnd(width)}  ${found}`;
      return remedy === '' ? line : `${line}\n         → ${remedy}`;
    })
    .join('\n');
}
