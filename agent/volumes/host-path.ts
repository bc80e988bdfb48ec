/** Checks a hostPath against its type, making what is to be made. */
import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Stats } from 'node:fs';
import type { HostPathVolumeSource } from '../../api/core/v1/types.js';
import { VolumeError } from './sources.js';

const checks: Readonly<
  Record<string, { readonly is: (stats: Stats) => boolean; readonly what: string }>
> = {
  Directory: { is: (stats) => stats.isDirectory(), what: 'directory' },
  DirectoryOrCreate: { is: (stats) => stats.isDirectory(), what: 'directory' },
  File: { is: (stats) => stats.isFile(), what: 'file' },
  FileOrCreate: { is: (stats) => stats.isFile(), what: 'file' },
  Socket: { is: (stats) => stats.isSocket(), what: 'socket file' },
  CharDevice: { is: (stats) => stats.isCharacterDevice(), what: 'character device' },
  BlockDevice: { is: (stats) => stats.isBlockDevice(), what: 'block device' },
};

/** Without a type the path need not exist: like Docker, a directory is made of it. */
export async function ensureHostPath({
  path: hostPath,
  type = '',
}: HostPathVolumeSource): Promise<void> {
  let stats = await stat(hostPath).catch(() => undefined);
  if (stats === undefined && (type === 'DirectoryOrCreate' || type === '')) {
    await mkdir(hostPath, { recursive: true, mode: 0o755 });
    stats = await stat(hostPath);
  }
  if (stats === undefined && type === 'FileOrCreate') {
    await mkdir(path.dirname(hostPath), { recursive: true });
    await writeFile(hostPath, '', { mode: 0o644, flag: 'a' });
    stats = await stat(hostPath);
  }
  const check = checks[type];
  if (check === undefined) return;
  if (stats === undefined) {
    throw new VolumeError(`hostPath type check failed: ${hostPath} does not exist`);
  }
  if (!check.is(stats)) {
    throw new VolumeError(`hostPath type check failed: ${hostPath} is not a ${check.what}`);
  }
}
