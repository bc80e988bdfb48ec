/**
 * Streams of a command over one WebSocket: each binary message begins with a byte that names its channel. Protocols
 * `v4.channel.k8s.io` and `v5.channel.k8s.io`; the latter adds channel 255, by which a client closes another channel.
 */
import { PassThrough, Writable } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../../machinery/clock/clock.js';
import { maxFrameBytes, pingIntervalMs } from './limits.js';
import type { StreamRequest } from './ports.js';
import {
  parseTerminalSizes,
  type ClientStreams,
  type CommandStatus,
  type TerminalSize,
} from './remote-command.js';

/** The protocols understood, best first. */
export const channelProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const;

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** A message's bytes, however they were received. */
export const bytesOf = (message: RawData): Buffer =>
  Buffer.isBuffer(message)
    ? message
    : Array.isArray(message)
      ? Buffer.concat(message)
      : Buffer.from(message);

/** Sends one message on a channel; resolves when the connection has taken it. */
export const sendOn = (socket: WebSocket, number: number, payload: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.send(Buffer.concat([Buffer.from([number]), payload]), { binary: true }, (error) => {
      // Its declared type leaves out the null that a socket's success comes with.
      if (error instanceof Error) reject(error);
      else resolve();
    });
  });

async function sendInFrames(socket: WebSocket, number: number, chunk: Buffer): Promise<void> {
  for (let at = 0; at < chunk.length; at += maxFrameBytes)
    await sendOn(socket, number, chunk.subarray(at, at + maxFrameBytes));
}

/** What is written goes out on a channel. It fails when the client goes, and whoever writes may have turned away by then. */
export function outputChannel(socket: WebSocket, number: number): Writable {
  const channelOut = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      sendInFrames(socket, number, chunk).then(() => {
        done();
      }, done);
    },
  });
  return channelOut.on('error', () => undefined);
}

/** Resolves when everything written has gone out, or can go no more. */
const sentOut = (output: Writable): Promise<void> =>
  new Promise((resolve) => {
    output.once('close', resolve);
    output.end();
  });

/** Pings a socket until it closes; proxies between drop connections that say nothing. */
export function keepAlive(socket: WebSocket, clock: Clock): void {
  let cancel = (): void => undefined;
  const ping = (): void => {
    cancel = clock.after(pingIntervalMs, () => {
      if (socket.readyState === socket.OPEN) socket.ping();
      ping();
    });
  };
  ping();
  socket.on('close', () => {
    cancel();
  });
}

/** Says how the command ended and closes in good order. */
export async function finishWebSocket(socket: WebSocket, status: CommandStatus): Promise<void> {
  await sendOn(socket, channel.error, Buffer.from(JSON.stringify(status)));
  socket.close(1000);
}

/** The client's streams over an open WebSocket. */
export function webSocketStreams(
  socket: WebSocket,
  request: StreamRequest,
  clock: Clock,
): ClientStreams {
  const stdin = new PassThrough();
  const closed = new AbortController();
  let listener: (size: TerminalSize) => void = () => undefined;
  let sizes = '';
  keepAlive(socket, clock);
  stdin.on('drain', () => {
    socket.resume();
  });
  stdin.on('error', () => undefined);
  socket.on('message', (message) => {
    const bytes = bytesOf(message);
    const payload = bytes.subarray(1);
    switch (bytes[0]) {
      case channel.stdin:
        if (request.stdin && !stdin.writableEnded && !stdin.destroyed && !stdin.write(payload))
          socket.pause();
        break;
      case channel.resize: {
        const parsed = parseTerminalSizes(sizes + payload.toString('utf8'));
        sizes = parsed.rest;
        parsed.sizes.forEach((size) => {
          listener(size);
        });
        break;
      }
      case channel.close:
        if (socket.protocol === channelProtocols[0] && payload[0] === channel.stdin) stdin.end();
        break;
      default:
    }
  });
  // The process may stop reading at any time; what the client still sends is then thrown away.
  stdin.on('close', () => {
    socket.resume();
  });
  socket.on('close', () => {
    stdin.end();
    closed.abort();
  });
  socket.on('error', () => {
    socket.terminate();
  });
  const stdout = request.stdout ? outputChannel(socket, channel.stdout) : undefined;
  const stderr = request.stderr ? outputChannel(socket, channel.stderr) : undefined;
  return {
    stdin: request.stdin ? stdin : undefined,
    stdout,
    stderr,
    onResize: (told) => {
      listener = told;
    },
    finish: async (status) => {
      // The status ends the connection: what a slow client has still to be told goes before it.
      await Promise.all([stdout, stderr].filter((output) => output !== undefined).map(sentOut));
      await finishWebSocket(socket, status);
    },
    closed: closed.signal,
  };
}
