/**
 * Files of a projected volume, replaced all at once: they live in a dated directory that the link `..data` points to, and
 * each visible name links through `..data`. Swapping that one link changes every file at the same instant, which is what
 * programs that watch mounted configuration rely on.
 */
import {
  chmod,
  chown,
  lchown,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';

export interface PayloadFile {
  readonly content: Buffer;
  readonly mode: number;
}

/** By path relative to the volume. */
export type Payload = ReadonlyMap<string, PayloadFile>;

const dataLink = '..data';

export interface WriteOptions {
  /** Names the dated directory. */
  readonly nowMs: number;
  readonly groupId?: number | undefined;
}

async function currentFolder(volume: string): Promise<string | undefined> {
  return readlink(path.join(volume, dataLink)).catch(() => undefined);
}

async function isUpToDate(folder: string, payload: Payload): Promise<boolean> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  if (files.length !== payload.size) return false;
  for (const [name, { content }] of payload) {
    const stored = await readFile(path.join(folder, name)).catch(() => undefined);
    if (stored?.equals(content) !== true) return false;
  }
  return true;
}

async function writeFolder(
  folder: string,
  payload: Payload,
  groupId: number | undefined,
): Promise<void> {
  await mkdir(folder, { mode: 0o755 });
  await chmod(folder, 0o755);
  for (const [name, { content, mode }] of payload) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o755 });
    await writeFile(file, content);
    if (groupId !== undefined) await chown(file, 0, groupId);
    // The group must be able to read what is made for it.
    await chmod(file, groupId === undefined ? mode : mode | 0o040);
  }
  if (groupId !== undefined) await chown(folder, 0, groupId);
}

/** Links the first part of each path through `..data` and removes links whose files are gone. */
async function linkNames(volume: string, payload: Payload): Promise<void> {
  const names = new Set([...payload.keys()].map((name) => name.split('/')[0] ?? name));
  const present = new Set(await readdir(volume));
  for (const name of names) {
    if (!present.has(name)) await symlink(path.join(dataLink, name), path.join(volume, name));
  }
  for (const name of present) {
    if (!name.startsWith('..') && !names.has(name))
      await rm(path.join(volume, name), { force: true });
  }
}

/** Makes the volume show exactly the payload; does nothing when it does already. */
export async function writePayload(
  volume: string,
  payload: Payload,
  { nowMs, groupId }: WriteOptions,
): Promise<void> {
  await mkdir(volume, { recursive: true });
  await chmod(volume, groupId === undefined ? 0o777 : 0o2777);
  if (groupId !== undefined) await chown(volume, 0, groupId);
  const before = await currentFolder(volume);
  if (before !== undefined && (await isUpToDate(path.join(volume, before), payload))) {
    await linkNames(volume, payload);
    return;
  }
  const stamp = new Date(nowMs)
    .toISOString()
    .replace(/[-:]/g, '_')
    .replace('T', '_')
    .replace('Z', '');
  let name = `..${stamp}`;
  if (name === before) name = `${name}.1`;
  await rm(path.join(volume, name), { recursive: true, force: true });
  await writeFolder(path.join(volume, name), payload, groupId);
  const temporary = path.join(volume, '..data_tmp');
  await rm(temporary, { force: true });
  await symlink(name, temporary);
  if (groupId !== undefined) await lchown(temporary, 0, groupId);
  await rename(temporary, path.join(volume, dataLink));
  await linkNames(volume, payload);
  for (const stale of await readdir(volume)) {
    if (/^\.\.\d{4}_/.test(stale) && stale !== name) {
      await rm(path.join(volume, stale), { recursive: true, force: true });
    }
  }
}
