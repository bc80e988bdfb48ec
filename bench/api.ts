/**
 * Requests a second over TLS with 32 connections, 1 KB objects; lists and watches. The floors are a bare node:https server
 * asked by the same client, and what LMDB commits on the same disk.
 */
import { Worker } from 'node:worker_threads';
import { configMaps } from '../api/core/v1/config-map.js';
import { namespaces } from '../api/core/v1/namespace.js';
import { serviceAccounts } from '../api/core/v1/service-account.js';
import { createClient } from '../machinery/client/api-client.js';
import type { Client } from '../machinery/client/client.js';
import { createHttpsTransport } from '../machinery/client/https-transport.js';
import type { ServerConnection } from '../machinery/client/https-transport.js';
import { eventually } from '../testing/eventually.js';
import { measureCommits } from './commit-floor.js';
import { measureFanOut } from './fan-out.js';
import { LoadConnection } from './load-client.js';
import type { LoadRequest } from './load-client.js';

const namespace = 'bench-api';
const connectionCount = 32;
const measuredMs = 4_000;
const warmUpMs = 3_000;
const listed = 2_000;
const filler = 'x'.repeat(900);
const core = `/api/v1/namespaces/${namespace}`;

export interface ApiFigures {
  readonly echo: number;
  readonly commits: number;
  readonly create: number;
  readonly get: number;
  readonly patch: number;
  readonly createPod: number;
  readonly list: number;
  readonly fanOut: number;
  readonly fanOutP99Ms: number;
}

const openConnections = (connection: ServerConnection): Promise<LoadConnection[]> =>
  Promise.all(Array.from({ length: connectionCount }, () => LoadConnection.open(connection)));

/** Asks as fast as answers come, over every connection, and counts those of the measured time. */
async function perSecond(
  connections: readonly LoadConnection[],
  request: (turn: number) => LoadRequest,
): Promise<number> {
  const beginMs = performance.now() + warmUpMs;
  const endMs = beginMs + measuredMs;
  let [turn, counted] = [0, 0];
  const worker = async (connection: LoadConnection): Promise<void> => {
    while (performance.now() < endMs) {
      const { method, path, ...rest } = request(turn++);
      const { status } = await connection.ask({ method, path, ...rest });
      if (status >= 300) throw new Error(`${method} ${path} was answered with ${String(status)}`);
      const nowMs = performance.now();
      if (nowMs >= beginMs && nowMs < endMs) counted++;
    }
  };
  await Promise.all(connections.map(worker));
  return counted / (measuredMs / 1000);
}

/** What the same client gets out of a server that only answers. */
async function measureEcho(
  connection: ServerConnection,
  pair: { readonly cert: string; readonly key: string },
): Promise<number> {
  const worker = new Worker(new URL('./echo-server.js', import.meta.url), { workerData: pair });
  try {
    const port = await new Promise<unknown>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    const serverUrl = `https://127.0.0.1:${String(port)}`;
    const connections = await openConnections({ ...connection, serverUrl });
    const echo = await perSecond(connections, () => ({ method: 'GET', path: '/' }));
    for (const each of connections) each.close();
    return echo;
  } finally {
    await worker.terminate();
  }
}

const configMapNamed = (name: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace, name },
    data: { filler },
  });

/** A pod nobody runs. */
const podNamed = (name: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name, labels: { app: 'web', tier: 'front' } },
    spec: {
      schedulerName: 'nobody',
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'main',
          image: 'busybox:latest',
          command: ['sh', '-c', 'sleep 1000'],
          env: [{ name: 'MODE', value: 'bench' }],
          ports: [{ containerPort: 80 }],
          resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } },
        },
      ],
    },
  });

async function prepare(client: Client, name: string): Promise<void> {
  await client.create(namespaces, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
    spec: {},
  });
  await eventually(() => client.get(serviceAccounts, { namespace: name, name: 'default' }), {
    what: 'the default service account',
  });
}

async function measureLists(
  connections: readonly LoadConnection[],
  client: Client,
): Promise<number> {
  const name = `${namespace}-list`;
  await prepare(client, name);
  const collection = `/api/v1/namespaces/${name}/configmaps`;
  let made = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (made < listed) {
        const body = configMapNamed(`object-${String(made++)}`).replaceAll(namespace, name);
        await connection.ask({ method: 'POST', path: collection, body });
      }
    }),
  );
  return perSecond(connections.slice(0, 4), () => ({ method: 'GET', path: collection }));
}

/** Runs all measurements against a server and its floors. */
export async function measureApi(
  connection: ServerConnection,
  options: { readonly echoPair: { cert: string; key: string }; readonly dataDir: string },
): Promise<ApiFigures> {
  const transport = createHttpsTransport(connection);
  const client = createClient(transport);
  await prepare(client, namespace);
  const echo = await measureEcho(connection, options.echoPair);
  const commits = await measureCommits(options.dataDir);
  const connections = await openConnections(connection);
  const collection = `${core}/configmaps`;
  const names: string[] = [];
  const create = await perSecond(connections, () => {
    const name = `object-${String(names.length)}`;
    names.push(name);
    return { method: 'POST', path: collection, body: configMapNamed(name) };
  });
  const nameOf = (turn: number): string => names[turn % names.length] ?? '';
  const get = await perSecond(connections, (turn) => ({
    method: 'GET',
    path: `${collection}/${nameOf(turn)}`,
  }));
  const patch = await perSecond(connections, (turn) => ({
    method: 'PATCH',
    path: `${collection}/${nameOf(turn)}`,
    contentType: 'application/merge-patch+json',
    body: JSON.stringify({ data: { turn: String(turn) } }),
  }));
  const createPod = await perSecond(connections, (turn) => ({
    method: 'POST',
    path: `${core}/pods`,
    body: podNamed(`pod-${String(turn)}`),
  }));
  const list = await measureLists(connections, client);
  const { metadata } = await client.list(configMaps, { namespace, limit: 1 });
  const resourceVersion = metadata.resourceVersion ?? '';
  const fanOut = await measureFanOut({
    connection,
    connections,
    collection,
    resourceVersion,
    names,
  });
  for (const each of connections) each.close();
  transport.close();
  return {
    echo,
    commits,
    create,
    get,
    patch,
    createPod,
    list,
    fanOut: fanOut.perSecond,
    fanOutP99Ms: fanOut.p99Ms,
  };
}
