/** The kernel's networking as this library changes it: `ip -batch` scripts and sysctl files. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { Exec } from '../machinery/exec/exec.js';
import { isExecError } from '../machinery/exec/exec.js';
import { CniError, errorCodes } from './cni-error.js';
import { commandTimeoutMs } from './limits.js';
import { errorText } from '../machinery/error-text.js';

/** Runs every line of an `ip` script in one process, in the host's namespace or the one at `netns`. */
export async function ipBatch(
  exec: Exec,
  lines: readonly string[],
  options: { readonly netns?: string; readonly force?: boolean } = {},
): Promise<void> {
  const inside = options.netns === undefined ? [] : ['nsenter', `--net=${options.netns}`];
  const force = options.force === true ? ['-force'] : [];
  const argv = [...inside, 'ip', ...force, '-batch', '-'];
  try {
    await exec(argv, { input: `${lines.join('\n')}\n`, timeoutMs: commandTimeoutMs });
  } catch (error) {
    const message = errorText(error);
    const details = lines.join('; ');
    throw new CniError(errorCodes.commandFailed, message, { details, cause: error });
  }
}

/** The JSON answer of an `ip` query such as `-j addr show`; undefined when the command failed. */
export async function ipQuery(
  exec: Exec,
  words: readonly string[],
  netns?: string,
): Promise<readonly Readonly<Record<string, unknown>>[] | undefined> {
  const inside = netns === undefined ? [] : ['nsenter', `--net=${netns}`];
  try {
    const { stdout } = await exec([...inside, 'ip', '-j', ...words], {
      timeoutMs: commandTimeoutMs,
    });
    const answer: unknown = JSON.parse(stdout.trim() === '' ? '[]' : stdout);
    return Array.isArray(answer) ? (answer as Readonly<Record<string, unknown>>[]) : [];
  } catch (error) {
    if (isExecError(error) && error.exitCode !== undefined) return undefined;
    throw error;
  }
}

/**
 * Whether the process's own namespace has a link of this name. `/proc/sys/net` follows the namespace of the reader, unlike
 * `/sys/class/net`, which belongs to the one it was mounted in.
 */
export const linkExists = (name: string): boolean =>
  name !== '' && existsSync(`/proc/sys/net/ipv4/conf/${name}`);

/** Sets a sysctl of the process's own network namespace: `net/ipv4/ip_forward`. */
export async function writeSysctl(name: string, value: string): Promise<void> {
  try {
    await writeFile(`/proc/sys/${name}`, value);
  } catch (error) {
    throw new CniError(errorCodes.ioFailure, `cannot set sysctl ${name} to ${value}`, {
      cause: error,
    });
  }
}

/** As `writeSysctl`, for settings that older or smaller kernels do not have. */
export async function writeSysctlIfPresent(name: string, value: string): Promise<void> {
  if (existsSync(`/proc/sys/${name}`)) await writeSysctl(name, value);
}
