/** The streams of a command over SPDY: the client opens one each for error, stdin, stdout, stderr and terminal sizes. */
import type { Clock } from '../../../machinery/clock/clock.js';
import { streamCreationTimeoutMs } from '../limits.js';
import type { StreamRequest } from '../ports.js';
import {
  parseTerminalSizes,
  type ClientStreams,
  type CommandStatus,
  type TerminalSize,
} from '../remote-command.js';
import type { SpdyConnection, SpdyStream } from './connection.js';

function expectedTypes(request: StreamRequest): readonly string[] {
  return [
    'error',
    ...(request.stdin ? ['stdin'] : []),
    ...(request.stdout ? ['stdout'] : []),
    ...(request.stderr ? ['stderr'] : []),
    ...(request.tty ? ['resize'] : []),
  ];
}

/** Resolves when the client has opened every stream; rejects when it goes or takes too long. */
function collect(
  connection: SpdyConnection,
  expected: readonly string[],
  clock: Clock,
): Promise<ReadonlyMap<string, SpdyStream>> {
  return new Promise((resolve, reject) => {
    const streams = new Map<string, SpdyStream>();
    const cancel = clock.after(streamCreationTimeoutMs, () => {
      connection.close();
      reject(new Error('the client did not open its streams in time'));
    });
    connection.closed.addEventListener('abort', () => {
      cancel();
      reject(new Error('the client went away'));
    });
    connection.onStream((stream) => {
      const type = stream.headers.get('streamtype') ?? '';
      if (!expected.includes(type) || streams.has(type)) {
        stream.destroy();
        return;
      }
      streams.set(type, stream);
      if (streams.size < expected.length) return;
      cancel();
      resolve(streams);
    });
  });
}

const written = (stream: SpdyStream, text: string): Promise<void> =>
  new Promise((resolve) => {
    stream.end(text, () => {
      resolve();
    });
    stream.on('close', () => {
      resolve();
    });
  });

/** Waits for the client to open its streams. */
export async function spdyCommandStreams(
  connection: SpdyConnection,
  request: StreamRequest,
  clock: Clock,
): Promise<ClientStreams> {
  const streams = await collect(connection, expectedTypes(request), clock);
  let listener: (size: TerminalSize) => void = () => undefined;
  let sizes = '';
  streams.get('resize')?.on('data', (chunk: Buffer) => {
    const parsed = parseTerminalSizes(sizes + chunk.toString('utf8'));
    sizes = parsed.rest;
    parsed.sizes.forEach((size) => {
      listener(size);
    });
  });
  // Streams that only we write to are read all the same, so that their end is seen.
  for (const type of ['error', 'stdout', 'stderr']) streams.get(type)?.resume();
  return {
    stdin: streams.get('stdin'),
    stdout: streams.get('stdout'),
    stderr: streams.get('stderr'),
    onResize: (told) => {
      listener = told;
    },
    finish: async (status: CommandStatus) => {
      const error = streams.get('error');
      if (error !== undefined) await written(error, JSON.stringify(status));
      await Promise.all(
        ['stdout', 'stderr'].map(async (type) => {
          const stream = streams.get(type);
          if (stream !== undefined) await written(stream, '');
        }),
      );
      connection.finish();
    },
    closed: connection.closed,
  };
}
