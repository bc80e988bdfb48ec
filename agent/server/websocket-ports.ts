/**
 * Port forwarding over the channels of one WebSocket, as client libraries other than kubectl ask for it: each port named in the
 * query has two channels, one for data and one for what went wrong, and both begin with the port's number.
 */
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { WebSocket } from 'ws';
import { badRequest } from '../../api/meta/status-error.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Logger } from '../../machinery/log/log.js';
import { maxForwardedPorts } from './limits.js';
import { forwardingFailure, type Connect } from './port-forward.js';
import { bytesOf, keepAlive, outputChannel, sendOn } from './websocket-channels.js';

/** The protocol of these channels. */
export const portChannelsProtocol = 'v4.channel.k8s.io';

const largestPort = 65_535;

function portFrom(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > largestPort)
    throw badRequest(`unable to parse ${JSON.stringify(text)} as a port`);
  if (port === 0) throw badRequest(`port ${JSON.stringify(text)} must be > 0`);
  return port;
}

/** The ports a request names, in the order of their channels; throws a 400 Status where it names none, or what is no port. */
export function forwardedPorts(query: URLSearchParams): readonly number[] {
  const texts = query.getAll('port').flatMap((value) => value.split(','));
  if (texts.length === 0) throw badRequest('query parameter "port" is required');
  if (texts.length > maxForwardedPorts)
    throw badRequest(`no more than ${String(maxForwardedPorts)} ports are forwarded at once`);
  return texts.map(portFrom);
}

function greeting(port: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(port);
  return bytes;
}

interface ForwardedPort {
  readonly port: number;
  readonly data: number;
  readonly error: number;
}

/** Hands what the client says on its data channels to the ports, holding it back while one of them does not take it. */
class Incoming {
  private readonly socket: WebSocket;
  private readonly targets = new Map<number, Duplex>();
  /** What came before its port was reached. */
  private readonly early = new Map<number, Buffer[]>();

  constructor(socket: WebSocket, channels: readonly number[]) {
    this.socket = socket;
    for (const channel of channels) this.early.set(channel, []);
    socket.on('message', (message) => {
      const bytes = bytesOf(message);
      this.hand(bytes[0] ?? -1, bytes.subarray(1));
    });
    socket.on('close', () => {
      for (const target of this.targets.values()) target.destroy();
    });
  }

  private hand(channel: number, payload: Buffer): void {
    const waiting = this.early.get(channel);
    if (waiting !== undefined) {
      waiting.push(payload);
      // Nothing says how long a connection takes to be made.
      this.socket.pause();
      return;
    }
    const target = this.targets.get(channel);
    if (target?.writable !== true || target.write(payload)) return;
    this.socket.pause();
    const readOn = (): void => {
      this.socket.resume();
    };
    target.once('drain', readOn).once('close', readOn);
  }

  /** From now on the channel's bytes go there; undefined when the port cannot be reached. */
  connected(channel: number, target: Duplex | undefined): void {
    const waiting = this.early.get(channel) ?? [];
    this.early.delete(channel);
    this.socket.resume();
    if (target === undefined) return;
    if (this.socket.readyState !== this.socket.OPEN) {
      target.destroy();
      return;
    }
    target.on('error', () => undefined);
    this.targets.set(channel, target);
    for (const payload of waiting) this.hand(channel, payload);
  }
}

export interface PortChannelsOptions {
  readonly connect: Connect;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Serves an open WebSocket until its client has gone or every port has said its last. Never rejects. */
export async function forwardOverChannels(
  socket: WebSocket,
  ports: readonly number[],
  { connect, clock, logger }: PortChannelsOptions,
): Promise<void> {
  keepAlive(socket, clock);
  socket.on('error', () => {
    socket.terminate();
  });
  const forwarded = ports.map((port, position): ForwardedPort => ({
    port,
    data: 2 * position,
    error: 2 * position + 1,
  }));
  const incoming = new Incoming(
    socket,
    forwarded.map(({ data }) => data),
  );
  const forwardOne = async ({ port, data, error }: ForwardedPort): Promise<void> => {
    for (const channel of [data, error]) await sendOn(socket, channel, greeting(port));
    let target: Duplex | undefined;
    try {
      target = await connect(port);
      incoming.connected(data, target);
      await pipeline(target, outputChannel(socket, data));
    } catch (cause) {
      incoming.connected(data, undefined);
      logger.debug('forwarded port went away or cannot be reached', { port, error: cause });
      await sendOn(socket, error, Buffer.from(forwardingFailure(port, cause)));
    } finally {
      target?.destroy();
    }
  };
  await Promise.all(forwarded.map((one) => forwardOne(one).catch(() => undefined)));
  socket.close(1000);
}
