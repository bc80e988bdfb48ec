/** Requests a second over TLS with 32 connections, 1 KB objects; lists and watches. The floor is a bare node:https echo. */
import { setMaxListeners } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { configMaps } from '../api/core/v1/config-map.js';
import { namespaces } from '../api/core/v1/namespace.js';
import { createClient } from '../machinery/client/api-client.js';
import type { Client } from '../machinery/client/client.js';
import {
  type HttpsTransport,
  type ServerConnection,
  createHttpsTransport,
} from '../machinery/client/https-transport.js';
import { inParallel } from './statistics.js';

const namespace = 'bench-api';
const connections = 32;
const filler = 'x'.repeat(900);

const names = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `object-${String(index)}`);

async function perSecond(
  items: readonly string[],
  work: (item: string) => Promise<unknown>,
): Promise<number> {
  const startedMs = performance.now();
  await inParallel(items, connections, async (item) => {
    await work(item);
  });
  return items.length / ((performance.now() - startedMs) / 1000);
}

export interface ApiFigures {
  readonly echo: number;
  readonly create: number;
  readonly get: number;
  readonly patch: number;
  readonly list: number;
  readonly fanOut: number;
  readonly fanOutP99Ms: number;
}

/** What the same client gets out of a server that only answers. */
async function measureEcho(
  connection: ServerConnection,
  pair: { cert: string; key: string },
): Promise<number> {
  const answer = JSON.stringify({ kind: 'ConfigMap', data: { filler } });
  const server = createServer(pair, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const transport = createHttpsTransport({
    ...connection,
    serverUrl: `https://127.0.0.1:${String(port)}`,
  });
  try {
    return await perSecond(names(10_000), () => transport.request({ method: 'GET', path: '/' }));
  } finally {
    transport.close();
    server.close();
    server.closeAllConnections();
  }
}

/** One event to every watcher, again and again; delivery is timed from the write's answer. */
async function measureFanOut(
  connection: ServerConnection,
  client: Client,
): Promise<Pick<ApiFigures, 'fanOut' | 'fanOutP99Ms'>> {
  const watchers = 100;
  const writes = 300;
  const over = new AbortController();
  setMaxListeners(0, over.signal);
  const transports: HttpsTransport[] = [];
  const delays: number[] = [];
  let delivered = 0;
  let finished: () => void = () => undefined;
  const all = new Promise<void>((resolve) => {
    finished = resolve;
  });
  const follow = async (watcher: Client, resourceVersion: string): Promise<void> => {
    try {
      const options = { namespace, resourceVersion, signal: over.signal };
      for await (const { object } of watcher.watch(configMaps, options)) {
        const sentMs = Number(object.metadata.annotations?.sent);
        delays.push(performance.now() - sentMs);
        delivered++;
        if (delivered === watchers * writes) finished();
      }
    } catch (error) {
      if (!over.signal.aborted) throw error;
    }
  };
  const { metadata } = await client.list(configMaps, { namespace, limit: 1 });
  for (let index = 0; index < watchers; index++) {
    const transport = createHttpsTransport(connection);
    transports.push(transport);
    void follow(createClient(transport), metadata.resourceVersion ?? '');
  }
  const startedMs = performance.now();
  await inParallel(names(writes), 8, async (name) => {
    await client.patch(
      configMaps,
      { namespace, name },
      {
        type: 'merge',
        body: { metadata: { annotations: { sent: String(performance.now()) } } },
      },
    );
  });
  await all;
  const seconds = (performance.now() - startedMs) / 1000;
  over.abort();
  for (const transport of transports) transport.close();
  delays.sort((a, b) => a - b);
  return {
    fanOut: delivered / seconds,
    fanOutP99Ms: delays[Math.floor(delays.length * 0.99)] ?? NaN,
  };
}

export async function measureApi(
  connection: ServerConnection,
  echoPair: { cert: string; key: string },
): Promise<ApiFigures> {
  const transport = createHttpsTransport(connection);
  const client = createClient(transport);
  await client.create(namespaces, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
    spec: {},
  });
  const echo = await measureEcho(connection, echoPair);
  const all = names(2000);
  const create = await perSecond(all, (name) =>
    client.create(configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace, name },
      data: { filler },
    }),
  );
  const many = [...all, ...all, ...all, ...all, ...all];
  const get = await perSecond(many, (name) => client.get(configMaps, { namespace, name }));
  const patch = await perSecond([...all, ...all], (name) =>
    client.patch(
      configMaps,
      { namespace, name },
      { type: 'merge', body: { data: { turn: String(performance.now()) } } },
    ),
  );
  const list = await perSecond(names(100), () =>
    transport.request({ method: 'GET', path: `/api/v1/namespaces/${namespace}/configmaps` }),
  );
  const fanOut = await measureFanOut(connection, client);
  transport.close();
  return { echo, create, get, patch, list, ...fanOut };
}
