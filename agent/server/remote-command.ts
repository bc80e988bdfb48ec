/**
 * A command run for a client, whatever protocol carries its streams: joins the process's streams with the client's and ends
 * with a Status that says how the process ended, in the form kubectl reads exit codes from.
 */
import type { Readable, Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { isStatusError } from '../../api/meta/status-error.js';
import type { Status } from '../../api/meta/v1/types.js';
import type { Clock } from '../../machinery/clock/clock.js';
import { drainTimeoutMs } from './limits.js';
import type { ContainerSession, StreamRequest } from './ports.js';
import { errorText } from '../../machinery/error-text.js';

export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

/** The client's side. Streams that were not asked for are absent. */
export interface ClientStreams {
  readonly stdin: Readable | undefined;
  readonly stdout: Writable | undefined;
  readonly stderr: Writable | undefined;
  readonly onResize: (listener: (size: TerminalSize) => void) => void;
  /** Sends the Status and ends the connection in good order. */
  readonly finish: (status: CommandStatus) => Promise<void>;
  /** Aborted when the client has gone. */
  readonly closed: AbortSignal;
}

/** A Status about a process: its reasons are not the API's. */
export interface CommandStatus extends Omit<Status, 'reason' | 'details'> {
  readonly reason?: string | undefined;
  readonly details?: object | undefined;
}

const success: CommandStatus = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
};

/** How a process ended, as clients expect it: exit codes are causes of reason NonZeroExitCode. */
function statusOfExit(exitCode: number): CommandStatus {
  if (exitCode === 0) return success;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

/** What a client is told of a command that could not be run. */
export function statusOfError(error: unknown): CommandStatus {
  if (isStatusError(error)) return error.status;
  const message = errorText(error);
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    reason: 'InternalError',
    message: `error executing command in container: ${message}`,
    code: 500,
  };
}

/** Reads terminal sizes from a stream of JSON objects `{"Width":80,"Height":24}`. */
export function parseTerminalSizes(text: string): {
  readonly sizes: readonly TerminalSize[];
  readonly rest: string;
} {
  const sizes: TerminalSize[] = [];
  let rest = text;
  for (let end = rest.indexOf('}'); end >= 0; end = rest.indexOf('}')) {
    const object = rest.slice(0, end + 1);
    rest = rest.slice(end + 1);
    const width = /"Width"\s*:\s*(\d{1,5})\b/.exec(object)?.[1];
    const height = /"Height"\s*:\s*(\d{1,5})\b/.exec(object)?.[1];
    const size = { width: Number(width), height: Number(height) };
    // Clients without a terminal of their own report one of no size.
    if (size.width > 0 && size.height > 0) sizes.push(size);
  }
  // No object is this long; what is not one must not pile up.
  return { sizes, rest: rest.length > 1024 ? '' : rest };
}

/** Passes output on; a client that has gone must not keep the process from writing. */
async function copyOutput(from: Readable, to: Writable | undefined): Promise<void> {
  if (to === undefined) {
    from.resume();
    await finished(from, { writable: false }).catch(() => undefined);
    return;
  }
  await pipeline(from, to, { end: false }).catch(() => {
    from.resume();
  });
}

/** Runs until the process ends or the client goes. Never rejects. */
export async function runRemoteCommand(
  session: ContainerSession,
  client: ClientStreams,
  { clock, request }: { readonly clock: Clock; readonly request: StreamRequest },
): Promise<void> {
  const { stdin, stdout, stderr } = client;
  const gone = new Promise<never>((_resolve, reject) => {
    client.closed.addEventListener('abort', () => {
      session.close();
      reject(new Error('the client went away'));
    });
  });
  // Whoever waits for it next may come after it happened.
  gone.catch(() => undefined);
  client.onResize((size) => {
    session.resize(size).catch(() => undefined);
  });
  // The process may close its input long before the client does; that is not a failure.
  session.stdin.on('error', () => undefined);
  if (request.stdin && stdin !== undefined)
    void pipeline(stdin, session.stdin).catch(() => {
      session.stdin.end();
    });
  try {
    const output = Promise.all([
      copyOutput(session.stdout, request.stdout ? stdout : undefined),
      copyOutput(session.stderr, request.stderr && !request.tty ? stderr : undefined),
    ]);
    const exitCode = await Promise.race([session.exitCode, gone]);
    // Children that inherited the streams may keep them open after the process itself is gone.
    await Promise.race([output, gone, clock.sleep(drainTimeoutMs)]);
    if (!client.closed.aborted) await client.finish(statusOfExit(exitCode));
  } catch (error) {
    if (!client.closed.aborted) await client.finish(statusOfError(error)).catch(() => undefined);
  } finally {
    session.close();
  }
}
