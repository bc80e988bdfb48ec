/**
 * Port forwarding over SPDY: for each connection it carries, the client opens an error and a data stream with one request id.
 * What cannot be reached is said on the error stream, and the other connections go on.
 */
import type { Duplex } from 'node:stream';
import type { Logger } from '../../machinery/log/log.js';
import type { SpdyConnection, SpdyStream } from './spdy/connection.js';
import { errorText } from '../../machinery/error-text.js';

/** The protocol a client has to ask for. */
export const portForwardProtocol = 'portforward.k8s.io';

export type Connect = (port: number) => Promise<Duplex>;

interface Pair {
  error?: SpdyStream;
  data?: SpdyStream;
}

/** Sends on what one side says until it has said everything or one of them has gone. */
function flow(from: Duplex, to: Duplex): Promise<void> {
  from.pipe(to);
  return new Promise((resolve, reject) => {
    from.once('error', reject);
    to.once('error', reject);
    from.once('close', () => to.end());
    to.once('finish', resolve);
    to.once('close', resolve);
  });
}

/** Carries what both sides say until both have ended, or either has gone away, which ends the other. */
async function join(data: SpdyStream, target: Duplex, logger: Logger): Promise<void> {
  try {
    await Promise.all([flow(data, target), flow(target, data)]);
  } catch (error) {
    // kubectl resets the data stream when its own connection is over; and it gives up all forwarding over a word on the error
    // stream, so that one of its connections going away must not be one.
    logger.debug('forwarded connection went away', { error });
    data.destroy();
  } finally {
    target.destroy();
  }
}

/** What a client is told of a port. */
export const forwardingFailure = (port: number, cause: unknown): string =>
  `error forwarding port ${port}: ${errorText(cause)}`;

async function forwardOne(pair: Required<Pair>, connect: Connect, logger: Logger): Promise<void> {
  const { error, data } = pair;
  const port = Number(data.headers.get('port'));
  error.resume();
  try {
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw new Error(`${data.headers.get('port') ?? ''} is not a port`);
    await join(data, await connect(port), logger);
    error.end();
  } catch (cause) {
    logger.debug('forwarded port cannot be reached', { port, error: cause });
    error.end(forwardingFailure(port, cause));
    data.destroy();
  }
}

/** Serves a connection until the client ends it. */
export async function forwardPorts(
  connection: SpdyConnection,
  connect: Connect,
  logger: Logger,
): Promise<void> {
  const pairs = new Map<string, Pair>();
  connection.onStream((stream) => {
    // Clients from before request ids open the data stream next after the error stream.
    const ownId = stream.id - (stream.headers.get('streamtype') === 'data' ? 2 : 0);
    const requestId = stream.headers.get('requestid') ?? `stream-${ownId}`;
    const type = stream.headers.get('streamtype');
    if (type !== 'error' && type !== 'data') {
      stream.destroy();
      return;
    }
    const pair = pairs.get(requestId) ?? {};
    pair[type] = stream;
    pairs.set(requestId, pair);
    // One that goes before its other half came is waited for no longer, or they would pile up.
    stream.once('close', () => {
      if (pairs.get(requestId) === pair) pairs.delete(requestId);
    });
    const { error, data } = pair;
    if (error === undefined || data === undefined) return;
    pairs.delete(requestId);
    void forwardOne({ error, data }, connect, logger);
  });
  if (connection.closed.aborted) return;
  await new Promise<void>((resolve) => {
    connection.closed.addEventListener('abort', () => {
      resolve();
    });
  });
}
