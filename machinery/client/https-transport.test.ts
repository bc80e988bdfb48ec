import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { after, before, test } from 'node:test';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { eventually } from '../../testing/eventually.js';
import {
  exportKey,
  generateKeys,
  keyAlgorithm,
  type KeyPair,
} from '../certificates/certificates.js';
import { createHttpsTransport } from './https-transport.js';

async function selfSigned(name: string): Promise<KeyPair> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    signingAlgorithm: keyAlgorithm,
    keys,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  });
  return { certificatePem: certificate.toString('pem'), keyPem: await exportKey(keys.privateKey) };
}

let server: Server;
let serving: KeyPair;
const release: (() => void)[] = [];

before(async () => {
  serving = await selfSigned('server');
  const { certificatePem: cert, keyPem: key } = serving;
  server = createServer({ cert, key, requestCert: true, rejectUnauthorized: false });
  server.on('request', (request, response) => {
    assert.ok(request.socket instanceof TLSSocket);
    const shown = request.socket.getPeerCertificate() as { subject?: { CN?: string } };
    const name = shown.subject?.CN ?? '';
    response.setHeader('content-type', 'application/json');
    if (request.url === '/watch') {
      response.write(`${JSON.stringify({ type: 'ADDED', object: { name } })}\n`);
    } else if (request.url === '/slow') {
      release.push(() => response.end(JSON.stringify({ name })));
    } else response.end(JSON.stringify({ name }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const connection = (pair: KeyPair) => ({
  serverUrl: `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
  caPem: serving.certificatePem,
  ...pair,
});

test('HTTPS transport goes over to a renewed certificate while requests and watches run', async () => {
  const transport = createHttpsTransport(connection(await selfSigned('old')));
  const get = (path: string): Promise<unknown> => transport.request({ method: 'GET', path });
  assert.deepEqual(await get('/'), { name: 'old' });
  const slow = get('/slow');
  await eventually(() => {
    assert.equal(release.length, 1);
  });
  const seen: unknown[] = [];
  const watching = (async () => {
    for await (const { object } of transport.watch({ method: 'GET', path: '/watch' })) {
      seen.push(object);
    }
  })();
  await eventually(() => {
    assert.equal(seen.length, 1);
  });
  transport.renew(connection(await selfSigned('new')));
  // The watch ends without an error, so that it is taken up again.
  await watching;
  assert.deepEqual(await get('/'), { name: 'new' });
  release.shift()?.();
  assert.deepEqual(await slow, { name: 'old' });
  transport.close();
});

test('HTTPS transport ends a watch that was being opened during a renewal', async () => {
  const renewed = connection(await selfSigned('new'));
  const transport = createHttpsTransport(connection(await selfSigned('old')));
  const opening = transport.watch({ method: 'GET', path: '/watch' })[Symbol.asyncIterator]().next();
  transport.renew(renewed);
  assert.deepEqual(await opening, { done: true, value: undefined });
  transport.close();
});
