/** Kernel mounts below the agent's own folders. */
import { readFile } from 'node:fs/promises';
import type { Exec } from '../../machinery/exec/exec.js';

/** Octal escapes of /proc/self/mountinfo. */
const unescapeMount = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_match, digits: string) =>
    String.fromCharCode(parseInt(digits, 8)),
  );

/** Mount points at or below a folder, deepest last. */
export async function mountsBelow(folder: string): Promise<readonly string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  return lines
    .map((line) => unescapeMount(line.split(' ')[4] ?? ''))
    .filter((point) => point === folder || point.startsWith(`${folder}/`))
    .sort();
}

/** Mounts a file system in memory on a folder. */
export async function mountTmpfs(exec: Exec, folder: string, options: string): Promise<void> {
  await exec(['mount', '-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
}

/** Takes down every mount at or below a folder. A busy one is detached: it goes when its last user does. */
export async function unmountBelow(exec: Exec, folder: string): Promise<void> {
  const points = await mountsBelow(folder);
  for (const point of [...points].reverse()) await exec(['umount', '--lazy', point]);
}
