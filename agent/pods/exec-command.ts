/** Runs a command in a container to its end, for exec probes and hooks. */
import type { Readable } from 'node:stream';
import type { Runtime } from '../runtime/runtime.js';
import { isRuntimeError } from '../runtime/runtime-error.js';
import { execHookOutputBytes } from './limits.js';
import { errorText } from '../../machinery/error-text.js';

export interface CommandResult {
  readonly success: boolean;
  /** What the command wrote, both streams together, cut at a limit. */
  readonly message: string;
  /** Set when the engine could not be asked, which says nothing about the container. */
  readonly inconclusive?: boolean;
}

/** Never rejects: a command that cannot be run has failed. */
export async function execCommand(
  runtime: Runtime,
  target: { readonly containerId: string; readonly command: readonly string[] },
  signal: AbortSignal,
): Promise<CommandResult> {
  try {
    const session = await runtime.exec(target.containerId, { command: target.command });
    signal.addEventListener('abort', session.close);
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    const collect = (stream: Readable): void => {
      stream.on('data', (chunk: Buffer) => {
        if (sizeBytes < execHookOutputBytes) chunks.push(chunk);
        sizeBytes += chunk.length;
      });
    };
    collect(session.stdout);
    collect(session.stderr);
    const exitCode = await session.exitCode;
    signal.removeEventListener('abort', session.close);
    const output = Buffer.concat(chunks).toString('utf8');
    if (exitCode === 0) return { success: true, message: output };
    const message = output === '' ? `command terminated with exit code ${exitCode}` : output;
    return { success: false, message };
  } catch (error) {
    const message = errorText(error);
    return { success: false, message, inconclusive: isRuntimeError(error, 'unavailable') };
  }
}
