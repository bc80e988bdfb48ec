/** Exec and attach connections to the engine as `StreamSession`s. */
import { type Duplex, PassThrough } from 'node:stream';
import type { Clock } from '../../../machinery/clock/clock.js';
import { execInspectAttempts, execInspectIntervalMs } from '../limits.js';
import { RuntimeError } from '../runtime-error.js';
import { FrameReader } from './log-frames.js';

/** Splits the connection's output; with a terminal it is not framed and all of it is standard output. */
export function splitStreams(
  connection: Duplex,
  tty: boolean,
): { readonly stdout: PassThrough; readonly stderr: PassThrough } {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const reader = new FrameReader();
  const lagging = new Set<PassThrough>();
  const forward = (target: PassThrough, bytes: Buffer): void => {
    if (target.write(bytes) || lagging.has(target)) return;
    lagging.add(target);
    connection.pause();
    target.once('drain', () => {
      lagging.delete(target);
      if (lagging.size === 0) connection.resume();
    });
  };
  connection.on('data', (chunk: Buffer) => {
    if (tty) {
      forward(stdout, chunk);
      return;
    }
    for (const { stream, payload } of reader.push(chunk)) {
      forward(stream === 'stderr' ? stderr : stdout, payload);
    }
  });
  const end = (): void => {
    stdout.end();
    stderr.end();
  };
  connection.on('end', end);
  connection.on('close', end);
  connection.on('error', end);
  return { stdout, stderr };
}

/** Resolves when the connection has ended, however it did. */
export const connectionEnd = (connection: Duplex): Promise<void> =>
  new Promise((resolve) => {
    for (const name of ['end', 'close', 'error']) {
      connection.once(name, () => {
        resolve();
      });
    }
  });

export interface ExecState {
  readonly Running: boolean;
  readonly ExitCode: number | null;
}

/** The engine closes the streams a moment before it knows the exit code. */
export async function execExitCode(
  clock: Clock,
  inspect: () => Promise<ExecState>,
): Promise<number> {
  for (let attempt = 0; attempt < execInspectAttempts; attempt += 1) {
    const { Running: running, ExitCode: exitCode } = await inspect();
    if (!running && exitCode !== null) return exitCode;
    await clock.sleep(execInspectIntervalMs);
  }
  throw new RuntimeError('failed', 'the command’s streams have ended but the command still runs');
}
