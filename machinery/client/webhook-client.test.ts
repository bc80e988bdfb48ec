import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { exportKey, generateKeys, keyAlgorithm } from '../certificates/certificates.js';
import { WebhookCallError, WebhookClient } from './webhook-client.js';

let server: Server;
let caBundle: string;
let port: number;
let connections = 0;
let followed = false;

before(async () => {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ['webhook'] }],
    signingAlgorithm: keyAlgorithm,
    keys,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: 'ip', value: '127.0.0.1' },
        { type: 'dns', value: 'hook.n.svc' },
      ]),
    ],
  });
  const cert = certificate.toString('pem');
  caBundle = Buffer.from(cert).toString('base64');
  server = createServer({ cert, key: await exportKey(keys.privateKey) });
  server.on('secureConnection', () => {
    connections += 1;
  });
  server.on('request', (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.url?.startsWith('/silent') === true) return;
      if (request.url?.startsWith('/broken') === true) {
        response.statusCode = 500;
        response.end('it broke\n');
        return;
      }
      if (request.url?.startsWith('/chatty') === true) {
        response.statusCode = 500;
        response.end('x'.repeat(1_000_000));
        return;
      }
      if (request.url?.startsWith('/moved') === true) {
        response.writeHead(302, { location: `https://127.0.0.1:${String(port)}/followed` }).end();
        return;
      }
      if (request.url?.startsWith('/followed') === true) {
        followed = true;
      }
      if (request.url?.startsWith('/text') === true) {
        response.end('no JSON');
        return;
      }
      response.end(
        JSON.stringify({
          url: request.url,
          host: request.headers.host,
          ...(request.headers.authorization === undefined
            ? {}
            : { authorization: request.headers.authorization }),
          got: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown,
        }),
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});

after(() => {
  server.closeAllConnections();
  server.close();
});

const client = new WebhookClient(({ namespace, name, port: servicePort }) => {
  assert.deepEqual(
    { namespace, name, servicePort },
    { namespace: 'n', name: 'hook', servicePort: 8443 },
  );
  const socket = connect(port, '127.0.0.1');
  return new Promise((resolve, reject) => {
    socket.once('connect', () => {
      resolve(socket);
    });
    socket.once('error', reject);
  });
});
after(() => {
  client.close();
});

const urlOf = (path: string): string => `https://127.0.0.1:${String(port)}${path}`;
const timeoutMs = 10_000;

test('a webhook is called at its URL, over a kept connection', async () => {
  const before = connections;
  const call = () => client.call({ url: urlOf('/check'), caBundle }, '{"a":1}', { timeoutMs });
  assert.deepEqual(await call(), {
    url: '/check?timeout=10s',
    host: `127.0.0.1:${String(port)}`,
    got: { a: 1 },
  });
  await call();
  assert.equal(connections, before + 1);
});

test('a webhook behind a Service is called by the Service’s name', async () => {
  const service = { namespace: 'n', name: 'hook', port: 8443, path: '/v1/check' };
  assert.deepEqual(await client.call({ service, caBundle }, '{}', { timeoutMs }), {
    url: '/v1/check?timeout=10s',
    host: 'hook.n.svc:8443',
    got: {},
  });
});

test('what goes wrong is said as Kubernetes says it', async () => {
  const cases: readonly (readonly [Parameters<WebhookClient['call']>[0], RegExp, number?])[] = [
    [
      { url: urlOf('/check') },
      /^Post "https:.*timeout=10s": tls: failed to verify certificate: x509: certificate signed by unknown authority$/,
    ],
    [
      { url: 'https://127.0.0.1:1/', caBundle },
      /dial tcp 127.0.0.1:1: connect: connection refused$/,
    ],
    [{ url: urlOf('/silent'), caBundle }, /context deadline exceeded$/, 50],
    [
      { url: urlOf('/broken'), caBundle },
      /^an error on the server \("it broke"\) has prevented the request from succeeding$/,
    ],
    [{ url: urlOf('/text'), caBundle }, /^the answer is not JSON$/],
    [{ url: 'nonsense' }, /"nonsense" is no URL/],
  ];
  await Promise.all(
    cases.map(([target, expected, withinMs = timeoutMs]) =>
      assert.rejects(
        client.call(target, '{}', { timeoutMs: withinMs }),
        (error: unknown) => error instanceof WebhookCallError && expected.test(error.message),
        String(expected),
      ),
    ),
  );
});

test('webhook client tells a server who calls', async () => {
  const asked: string[] = [];
  const client = new WebhookClient(
    () => Promise.reject(new Error('no services here')),
    (host) => {
      asked.push(host);
      return { token: 't' };
    },
  );
  const url = `https://127.0.0.1:${String(port)}/who`;
  const answer = await client.call({ url, caBundle }, '{}', { timeoutMs: 5000 });
  assert.equal((answer as { authorization?: string }).authorization, 'Bearer t');
  assert.deepEqual(asked, [`127.0.0.1:${String(port)}`]);
  client.close();
});

test('a webhook that redirects is not followed, and only some of what it says is told', async () => {
  const refused = async (path: string): Promise<string> => {
    const url = `https://127.0.0.1:${String(port)}/${path}`;
    const error: unknown = await client
      .call({ url, caBundle }, '{}', { timeoutMs: 5_000 })
      .catch((caught: unknown) => caught);
    assert.ok(error instanceof WebhookCallError);
    return error.message;
  };
  assert.match(await refused('moved'), /unknown reason \(code 302\)/);
  assert.equal(followed, false);
  assert.ok((await refused('chatty')).length < 2_200);
});
