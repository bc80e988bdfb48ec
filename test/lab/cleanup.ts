/**
 * Takes a lab apart from what the kernel shows, so that it works after a crash too: processes in the lab's namespaces,
 * cgroups or folders, then mounts, namespaces, cgroups and files. Nothing outside the lab's own names is touched.
 */
import {
  existsSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  rmdirSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { type Exec, systemExec } from '../../machinery/exec/exec.js';
import { eventually } from '../../testing/eventually.js';

/** Every lab keeps its files in a folder of its own below this one. */
export const labsRoot = '/tmp/pintle-lab';

/** The cgroup parent of a lab's containers. */
export const labCgroup = (labId: string): string => `/pintle-lab-${labId}`;

const readOr = <T>(read: () => T, fallback: T): T => {
  try {
    return read();
  } catch {
    // Processes come and go while /proc is read.
    return fallback;
  }
};

function namespacesOf(labId: string): readonly string[] {
  return readOr(() => readdirSync('/run/netns'), []).filter((name) =>
    name.startsWith(`pintle-lab-${labId}-`),
  );
}

function processesOf(labId: string): readonly number[] {
  const folder = `${path.join(labsRoot, labId)}/`;
  const cgroup = labCgroup(labId);
  const inodes = new Set(
    namespacesOf(labId).map((name) => readOr(() => statSync(`/run/netns/${name}`).ino, -1)),
  );
  const isOurs = (pid: string): boolean => {
    const netns = /\[(\d+)\]/.exec(readOr(() => readlinkSync(`/proc/${pid}/ns/net`), ''))?.[1];
    return (
      inodes.has(Number(netns ?? NaN)) ||
      readOr(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'), '').includes(folder) ||
      readOr(() => readFileSync(`/proc/${pid}/cgroup`, 'utf8'), '').includes(cgroup)
    );
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && isOurs(name))
    .map(Number);
}

async function endProcesses(labId: string): Promise<void> {
  await eventually(
    () => {
      const left = processesOf(labId);
      for (const pid of left) readOr(() => process.kill(pid, 'SIGKILL'), true);
      if (left.length > 0) throw new Error(`still running: ${left.join(', ')}`);
    },
    { what: 'the end of the lab’s processes', timeoutMs: 30_000, intervalMs: 50 },
  );
}

function mountsBelow(folder: string): readonly string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((target) => target.startsWith(`${folder}/`))
    .reverse();
}

/** Mounts go away by themselves too, with the processes that made them; what counts is that none is left. */
async function unmountAll(exec: Exec, folder: string): Promise<void> {
  await eventually(
    async () => {
      for (const target of mountsBelow(folder)) await exec(['umount', '--lazy', target]);
      const left = mountsBelow(folder);
      if (left.length > 0) throw new Error(`still mounted: ${left.join(', ')}`);
    },
    { what: 'unmounting of the lab’s file systems', timeoutMs: 20_000, intervalMs: 50 },
  );
}

function removeCgroups(labId: string): void {
  const removeTree = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) removeTree(path.join(folder, entry.name));
    }
    rmdirSync(folder);
  };
  for (const controller of readdirSync('/sys/fs/cgroup')) {
    const folder = path.join('/sys/fs/cgroup', controller, labCgroup(labId));
    if (existsSync(folder)) removeTree(folder);
  }
}

/** Removes everything a lab made. Harmless when it is already gone. */
export async function removeLab(labId: string, exec: Exec = systemExec): Promise<void> {
  await endProcesses(labId);
  await unmountAll(exec, path.join(labsRoot, labId));
  for (const name of namespacesOf(labId)) await exec(['ip', 'netns', 'delete', name]);
  await eventually(
    () => {
      removeCgroups(labId);
    },
    { what: 'removal of the lab’s cgroups' },
  );
  rmSync(path.join(labsRoot, labId), { recursive: true, force: true });
}

/** Removes labs whose owner process is gone: what a crash left behind. */
export async function removeAbandonedLabs(): Promise<void> {
  for (const labId of readOr(() => readdirSync(labsRoot), [])) {
    const owner = readOr(() => readFileSync(path.join(labsRoot, labId, 'owner'), 'utf8'), '');
    if (owner === '' || !existsSync(`/proc/${owner}`)) await removeLab(labId);
  }
}
