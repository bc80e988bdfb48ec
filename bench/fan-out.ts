/** One event to a hundred watchers, again and again; delivery is timed from before the write to the line at the watcher. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ServerConnection } from '../machinery/client/https-transport.js';
import { sentAnnotation, sharedMicroseconds } from './event-reader.js';
import type { LoadConnection } from './load-client.js';
import { inParallel, quantile } from './statistics.js';
import type { Arrivals, WatchOrder } from './watching-thread.js';

const watchers = 100;
const warmUpWrites = 1_000;
const writes = 3_000;
const writersAtOnce = 8;
const deliveryTimeoutMs = 60_000;

export interface FanOutFigures {
  readonly perSecond: number;
  readonly p99Ms: number;
}

/** The connections write to `names`, ConfigMaps of the collection. */
export interface FanOutOptions {
  readonly connection: ServerConnection;
  readonly connections: readonly LoadConnection[];
  readonly collection: string;
  readonly resourceVersion: string;
  readonly names: readonly string[];
}

/** The next message of the thread; rejects with what it failed of, or when it says nothing for long. */
async function messageOf(thread: Worker): Promise<unknown> {
  const [message] = (await once(thread, 'message', {
    signal: AbortSignal.timeout(deliveryTimeoutMs),
  })) as unknown[];
  return message;
}

async function writeAll(options: FanOutOptions, count: number): Promise<void> {
  const { connections, collection, names } = options;
  const turns = Array.from({ length: count }, (_, turn) => turn);
  const free = [...connections];
  await inParallel(turns, writersAtOnce, async (turn) => {
    const connection = free.pop();
    if (connection === undefined) throw new Error('more writers than connections');
    const sent = String(sharedMicroseconds());
    const { status } = await connection.ask({
      method: 'PATCH',
      path: `${collection}/${names[turn % names.length] ?? ''}`,
      contentType: 'application/merge-patch+json',
      body: `{"metadata":{"annotations":{"${sentAnnotation}":"${sent}"}}}`,
    });
    if (status !== 200) throw new Error(`a patch was answered with ${String(status)}`);
    free.push(connection);
  });
}

/** Writes so often, and tells when every watcher has got every event. */
async function deliver(options: FanOutOptions, thread: Worker, count: number) {
  thread.postMessage(count);
  await messageOf(thread);
  const startedUs = sharedMicroseconds();
  const [message] = await Promise.all([messageOf(thread), writeAll(options, count)]);
  const { delaysMs, lastUs } = message as Arrivals;
  return { delaysMs, seconds: (lastUs - startedUs) / 1e6 };
}

/** Warms up, then measures; throws where an event is missing, out of order or too many. */
export async function measureFanOut(options: FanOutOptions): Promise<FanOutFigures> {
  const { connection, collection, resourceVersion } = options;
  const order: WatchOrder = {
    connection,
    path: `${collection}?watch=1&resourceVersion=${resourceVersion}`,
    watchers,
  };
  const thread = new Worker(new URL('./watching-thread.js', import.meta.url), {
    workerData: order,
  });
  try {
    await messageOf(thread);
    await deliver(options, thread, warmUpWrites);
    const { delaysMs, seconds } = await deliver(options, thread, writes);
    return { perSecond: delaysMs.length / seconds, p99Ms: quantile(delaysMs, 0.99) };
  } finally {
    await thread.terminate();
  }
}
