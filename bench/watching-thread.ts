/**
 * The watchers of the fan-out benchmark, in a thread of their own: who writes does not wait until they have read. Told how many
 * events each of them is to get, it answers, once all have got them, with how long each took to arrive.
 */
import type { OnReadOpts } from 'node:net';
import { connect } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { parentPort, workerData } from 'node:worker_threads';
import type { ServerConnection } from '../machinery/client/https-transport.js';
import { EventReader, sharedMicroseconds } from './event-reader.js';

/** What the thread is to follow. */
export interface WatchOrder {
  readonly connection: ServerConnection;
  readonly path: string;
  readonly watchers: number;
}

/** What has arrived, an entry an event of a watcher. */
export interface Arrivals {
  readonly delaysMs: Float64Array;
  readonly lastUs: number;
}

/** As much as a TLS record holds, and some more. */
const readBytes = 64 * 1024;

const order = workerData as WatchOrder;
const memory = Buffer.alloc(readBytes);
const counts = new Uint32Array(order.watchers);
let expected = { each: 0, delaysMs: new Float64Array(0) };
let arrived = 0;

function note(watcher: number, sentUs: number): void {
  const nowUs = sharedMicroseconds();
  const { each, delaysMs } = expected;
  const count = (counts[watcher] ?? 0) + 1;
  if (count > each) throw new Error(`watcher ${String(watcher)} got an event too many`);
  counts[watcher] = count;
  delaysMs[arrived++] = (nowUs - sentUs) / 1000;
  if (arrived === delaysMs.length) {
    const arrivals: Arrivals = { delaysMs, lastUs: nowUs };
    parentPort?.postMessage(arrivals, [delaysMs.buffer]);
  }
}

/** Resolves once the answer has begun. */
function follow(watcher: number): Promise<void> {
  const { serverUrl, caPem, certificatePem, keyPem } = order.connection;
  const { hostname, port } = new URL(serverUrl);
  const reader = new EventReader((sentUs) => {
    note(watcher, sentUs);
  });
  return new Promise((resolve, reject) => {
    const options: ConnectionOptions & { readonly onread: OnReadOpts } = {
      host: hostname,
      port: Number(port),
      ca: caPem,
      cert: certificatePem,
      key: keyPem,
      onread: {
        buffer: memory,
        callback: (length) => {
          reader.read(memory.subarray(0, length));
          resolve();
          return true;
        },
      },
    };
    const socket = connect(options, () => {
      socket.write(`GET ${order.path} HTTP/1.1\r\nHost: bench\r\n\r\n`);
    });
    socket.once('error', reject);
    socket.once('close', () => {
      throw new Error(`watch ${String(watcher)} ended`);
    });
  });
}

for (let watcher = 0; watcher < order.watchers; watcher++) await follow(watcher);
parentPort?.on('message', (each: number) => {
  counts.fill(0);
  arrived = 0;
  expected = { each, delaysMs: new Float64Array(order.watchers * each) };
  parentPort?.postMessage('ready');
});
parentPort?.postMessage('ready');
