/** One event to a hundred watchers, again and again; delivery is timed from before the write to the line at the watcher. */
import { connect } from 'node:tls';
import type { ServerConnection } from '../machinery/client/https-transport.js';
import type { LoadConnection } from './load-client.js';
import { inParallel, quantile } from './statistics.js';

const watchers = 100;
const writes = 1_500;
const writersAtOnce = 8;

const newline = 10;
const marker = Buffer.from('"sent":"');

/** Follows a path and tells when each event's write began. */
function follow(
  { serverUrl, caPem, certificatePem, keyPem }: ServerConnection,
  path: string,
  onEvent: (sentMs: number) => void,
): Promise<() => void> {
  const { hostname, port } = new URL(serverUrl);
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: hostname,
      port: Number(port),
      ca: caPem,
      cert: certificatePem,
      key: keyPem,
    });
    let pending: Buffer = Buffer.alloc(0);
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`);
    });
    socket.once('data', () => {
      resolve(() => socket.destroy());
    });
    socket.on('data', (data: Buffer) => {
      const known = pending.length === 0 ? data : Buffer.concat([pending, data]);
      const end = known.lastIndexOf(newline) + 1;
      for (let at = known.indexOf(marker); at !== -1 && at < end; at = known.indexOf(marker, at)) {
        at += marker.length;
        onEvent(Number(known.toString('latin1', at, known.indexOf('"', at))));
      }
      pending = known.subarray(end);
    });
  });
}

export interface FanOutFigures {
  readonly perSecond: number;
  readonly p99Ms: number;
}

/** The connections write to `names`, ConfigMaps of the collection. */
export async function measureFanOut(options: {
  readonly connection: ServerConnection;
  readonly connections: readonly LoadConnection[];
  readonly collection: string;
  readonly resourceVersion: string;
  readonly names: readonly string[];
}): Promise<FanOutFigures> {
  const { connections, collection, names } = options;
  const delays: number[] = [];
  let finished: () => void = () => undefined;
  const all = new Promise<void>((resolve) => {
    finished = resolve;
  });
  const path = `${collection}?watch=1&resourceVersion=${options.resourceVersion}`;
  const onEvent = (sentMs: number): void => {
    delays.push(performance.now() - sentMs);
    if (delays.length === watchers * writes) finished();
  };
  const stops: (() => void)[] = [];
  for (let index = 0; index < watchers; index++) {
    stops.push(await follow(options.connection, path, onEvent));
  }
  const startedMs = performance.now();
  const turns = Array.from({ length: writes }, (_, turn) => turn);
  const free = [...connections];
  await inParallel(turns, writersAtOnce, async (turn) => {
    const connection = free.pop();
    if (connection === undefined) throw new Error('more writers than connections');
    await connection.ask({
      method: 'PATCH',
      path: `${collection}/${names[turn % names.length] ?? ''}`,
      contentType: 'application/merge-patch+json',
      body: `{"metadata":{"annotations":{"sent":"${String(performance.now())}"}}}`,
    });
    free.push(connection);
  });
  await all;
  const seconds = (performance.now() - startedMs) / 1000;
  for (const stop of stops) stop();
  return { perSecond: delays.length / seconds, p99Ms: quantile(delays, 0.99) };
}
