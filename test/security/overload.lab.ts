/** Clients that send and do not read, or send and do not end: the master has to stay quick and small. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { FuzzClient } from '../fuzz/fuzz-client.js';
import { FuzzedMaster } from '../fuzz/fuzzed-master.js';

const objects = 30;
const objectBytes = 900_000;
const connections = 100;
/** What one connection may cost: what is written ahead of its client, twice over for TLS, and its own bookkeeping. */
const maxBytesEach = 6 * 1024 * 1024;
const slowestProbeMs = 5_000;

const configMaps = '/api/v1/namespaces/default/configmaps';
const head = 'Host: x\r\n\r\n';
const get = (path: string): string => `GET ${path} HTTP/1.1\r\n${head}`;
const watch = `${configMaps}?watch=1&resourceVersion=0`;

let master: FuzzedMaster;
let client: FuzzClient;
const opened: Socket[] = [];

before(async () => {
  master = await FuzzedMaster.start();
  client = new FuzzClient(master.connection, 4);
  const data = { a: 'x'.repeat(objectBytes) };
  for (let at = 0; at < objects; at += 1) {
    const metadata = { name: `big-${String(at)}` };
    const { status } = await client.send({
      method: 'POST',
      path: configMaps,
      headers: {},
      contentType: 'application/json',
      body: Buffer.from(JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data })),
    });
    assert.equal(status, 201);
  }
});
after(async () => {
  client.close();
  await master.stop();
});

/** An administrator's connection on which this is said and nothing is read. */
function say(text: string): Promise<TLSSocket> {
  const { serverUrl, caPem, certificatePem, keyPem } = master.connection;
  const { hostname, port } = new URL(serverUrl);
  const pair = { ca: caPem, cert: certificatePem, key: keyPem };
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), ...pair }, () => {
      socket.pause();
      socket.write(text);
      resolve(socket);
    });
    socket.on('error', () => undefined);
    opened.push(socket);
  });
}

/** Connections that never get as far as TLS. */
function sayNothing(): void {
  const { hostname, port } = new URL(master.connection.serverUrl);
  const socket = connectTcp(Number(port), hostname);
  socket.on('error', () => undefined);
  opened.push(socket);
}

async function probe(): Promise<void> {
  const { status, durationMs } = await client.send({
    method: 'GET',
    path: '/api/v1/namespaces/default',
    headers: {},
    contentType: undefined,
    body: undefined,
  });
  assert.equal(status, 200);
  assert.ok(durationMs < slowestProbeMs, `an answer took ${String(durationMs)} ms`);
}

const body = Buffer.from(
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'held' },
    data: { a: 'y'.repeat(objectBytes) },
  }),
);
const unfinished = `POST ${configMaps} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: ${String(body.length + 1)}\r\n${head}${body.toString()}`;

const cases: readonly (readonly [string, string])[] = [
  ['lists that nobody reads', get(configMaps)],
  [
    'compressed lists that nobody reads',
    get(configMaps).replace('Host', 'Accept-Encoding: gzip\r\nHost'),
  ],
  [
    'lists in protobuf that nobody reads',
    get(configMaps).replace('Host', 'Accept: application/vnd.kubernetes.protobuf\r\nHost'),
  ],
  ['watches that nobody reads', get(watch)],
  ['lists behind a watch', get(`${configMaps}?watch=1`) + get(configMaps).repeat(90)],
  ['watches behind a watch', get(watch).repeat(90)],
  ['more requests behind a watch than may wait', get(watch) + get(configMaps).repeat(1_000)],
  ['bodies that do not end', unfinished],
  ['headers that do not end', `GET /version HTTP/1.1\r\nX: ${'a'.repeat(60_000)}`],
  ['nothing', ''],
];

for (const [name, text] of cases) {
  test(`${String(connections)} connections with ${name} leave the master quick and small`, async () => {
    const before = master.residentBytes;
    for (let at = 0; at < connections; at += 1) await say(text);
    for (let turn = 0; turn < 5; turn += 1) await probe();
    const grown = master.residentBytes - before;
    assert.ok(grown < connections * maxBytesEach, `it grew by ${String(grown >> 20)} MB`);
    for (const socket of opened.splice(0)) socket.destroy();
    await probe();
    assert.equal(master.end, undefined);
  });
}

test('connections that never speak TLS leave the master quick and small', async () => {
  const before = master.residentBytes;
  for (let at = 0; at < 1_000; at += 1) sayNothing();
  for (let turn = 0; turn < 5; turn += 1) await probe();
  assert.ok(master.residentBytes - before < 100 * 1024 * 1024);
  for (const socket of opened.splice(0)) socket.destroy();
  await probe();
});
