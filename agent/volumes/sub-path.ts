/**
 * A subPath of a volume, pinned: a container can change what is inside its volumes, links included, so the path is opened
 * part by part without following links and what was opened is bind-mounted to a place of our own. The container gets that
 * place, which nothing in the volume can redirect to the host.
 */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Exec } from '../../machinery/exec/exec.js';
import { mountsBelow } from './mounts.js';
import { VolumeError } from './sources.js';
import { isMissing } from '../../machinery/files/file-errors.js';

/** O_PATH, which Node does not name. */
const openPath = 0o10000000;

const within = (handle: FileHandle, name: string): string => `/proc/self/fd/${handle.fd}/${name}`;

async function openPart(parent: FileHandle, name: string, readOnly: boolean): Promise<FileHandle> {
  const target = within(parent, name);
  try {
    return await open(target, openPath | constants.O_NOFOLLOW);
  } catch (error) {
    if (!isMissing(error) || readOnly) throw error;
    await mkdir(target, { mode: 0o755 });
    return open(target, openPath | constants.O_NOFOLLOW);
  }
}

/** The real path of what a handle is open on. */
const realPathOf = (handle: FileHandle): Promise<string> => readlink(`/proc/self/fd/${handle.fd}`);

/** Volumes of our own making contain links (`..data`) that lead within the volume; those are followed. */
async function resolveLinks(volume: string, subPath: string): Promise<string> {
  let current = subPath;
  for (let depth = 0; depth < 8; depth += 1) {
    const link = await readlink(path.join(volume, current)).catch(() => undefined);
    const first = current.split('/')[0] ?? '';
    const firstLink =
      link === undefined
        ? await readlink(path.join(volume, first)).catch(() => undefined)
        : undefined;
    if (link !== undefined) current = path.join(path.dirname(current), link);
    else if (firstLink !== undefined)
      current = path.join(firstLink, current.slice(first.length + 1));
    else return current;
  }
  throw new VolumeError(`subPath ${subPath}: too many links`);
}

export interface SubPathOptions {
  readonly volume: string;
  readonly subPath: string;
  /** Where to mount what was found. */
  readonly target: string;
  /** Whether the volume's links were written by us. */
  readonly trusted: boolean;
  readonly readOnly: boolean;
}

/** Creates missing directories on the way, as Kubernetes does. */
export async function pinSubPath(exec: Exec, options: SubPathOptions): Promise<void> {
  const { volume, subPath, target, trusted, readOnly } = options;
  const relative = path.normalize(trusted ? await resolveLinks(volume, subPath) : subPath);
  if (path.isAbsolute(relative) || relative.split('/').includes('..')) {
    throw new VolumeError(`subPath ${subPath} leads out of its volume`);
  }
  if ((await mountsBelow(target)).includes(target)) return;
  let handle = await open(volume, openPath);
  try {
    for (const part of relative.split('/').filter((name) => name !== '' && name !== '.')) {
      const next = await openPart(handle, part, readOnly);
      await handle.close();
      handle = next;
    }
    const real = await realPathOf(handle);
    const stats = await handle.stat();
    if (stats.isSymbolicLink()) throw new VolumeError(`subPath ${subPath} is a link`);
    await mkdir(path.dirname(target), { recursive: true });
    if (stats.isDirectory()) await mkdir(target, { recursive: true });
    else await writeFile(target, '', { flag: 'a' });
    await exec(['mount', '--bind', `/proc/${process.pid}/fd/${handle.fd}`, target]);
    if (!real.startsWith('/')) throw new VolumeError(`subPath ${subPath} cannot be resolved`);
  } finally {
    await handle.close();
  }
}
