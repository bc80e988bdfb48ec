import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, type OutgoingHttpHeaders, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import express from 'express';
import { configMaps } from '../../api/core/v1/config-map.js';
import { pods } from '../../api/core/v1/pod/pod.js';
import { builtInResources } from '../../api/resources.js';
import { addDiscovery, addOpenApi } from './resource-documents.js';

const served = builtInResources.filter(
  ({ kind }) => kind === pods.kind || kind === configMaps.kind,
);
const app = express();
const sources = { resources: () => served, remotes: () => [] };
addDiscovery(app, { ...sources, serverAddress: '10.0.0.1:6443' });
addOpenApi(app, sources);
const server = createServer(app);

before(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
after(() => server.close());

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

async function get(path: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  const asking = request({ host: '127.0.0.1', port, path, headers }).end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) };
}

const aggregated =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

test('a document is not sent again to who has it', async () => {
  const paths = [
    ['/api', aggregated],
    ['/api/v1', 'application/json'],
    ['/openapi/v2', 'application/json'],
    ['/openapi/v3', 'application/json'],
  ] as const;
  for (const [path, accept] of paths) {
    const first = await get(path, { accept });
    assert.deepEqual([first.status, first.headers['cache-control']], [200, 'no-cache, private']);
    const { etag = '' } = first.headers;
    const again = await get(path, { accept, 'if-none-match': etag });
    assert.deepEqual([again.status, again.body.length], [304, 0], path);
    const other = await get(path, { accept, 'if-none-match': '"other"' });
    assert.deepEqual(other.body, first.body, path);
  }
});

test('discovery comes in YAML for who takes nothing else', async () => {
  const answer = await get('/api', { accept: 'application/yaml' });
  assert.equal(answer.headers['content-type'], 'application/yaml');
  assert.match(answer.body.toString(), /^kind: APIVersions\nversions:\n {2}- v1\n/);
  const both = await get('/api', { accept: 'application/json, application/yaml' });
  assert.equal(both.headers['content-type'], 'application/json');
});

test('OpenAPI comes in protobuf by either name of its type', async () => {
  const name = 'application/com.github.proto-openapi.spec.v2';
  const old = await get('/openapi/v2', { accept: `${name}@v1.0+protobuf` });
  const now = await get('/openapi/v2', { accept: `${name}.v1.0+protobuf` });
  assert.equal(old.headers['content-type'], `${name}.v1.0+protobuf`);
  assert.equal(now.headers['content-type'], `${name}.v1.0+protobuf`);
  assert.deepEqual(now.body, old.body);
});

test('a large document is compressed for who takes it so', async () => {
  const plain = await get('/openapi/v2');
  const packed = await get('/openapi/v2', { 'accept-encoding': 'gzip' });
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.deepEqual(gunzipSync(packed.body), plain.body);
  const small = await get('/api/v1', { 'accept-encoding': 'gzip' });
  assert.equal(small.headers['content-encoding'], undefined);
});

test('an OpenAPI document under its digest may be kept, and another digest leads to it', async () => {
  const index = JSON.parse((await get('/openapi/v3')).body.toString()) as {
    paths: Record<string, { serverRelativeURL: string } | undefined>;
  };
  const address = index.paths['api/v1']?.serverRelativeURL ?? '';
  const kept = await get(address);
  assert.equal(kept.status, 200);
  assert.match(kept.headers['cache-control'] ?? '', /^public, immutable, max-age=\d+$/);
  const outdated = await get('/openapi/v3/api/v1?hash=ABC');
  assert.deepEqual([outdated.status, outdated.headers.location], [301, address]);
  const unnamed = await get('/openapi/v3/api/v1');
  assert.equal(unnamed.headers['cache-control'], 'no-cache, private');
});
