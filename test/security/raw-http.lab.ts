/** What no client library sends: requests that two servers would read in two ways, and those that never end. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import type { ServerConnection } from '../../machinery/client/https-transport.js';
import { FuzzedMaster } from '../fuzz/fuzzed-master.js';

let master: FuzzedMaster;

before(async () => {
  master = await FuzzedMaster.start();
});
after(() => master.stop());

/** All that is heard on a connection of an administrator's, until the server closes it. */
function heardFor(sent: string, { serverUrl, caPem, certificatePem, keyPem }: ServerConnection) {
  const { hostname, port } = new URL(serverUrl);
  return new Promise<string>((resolve, reject) => {
    const pair = { ca: caPem, cert: certificatePem, key: keyPem };
    const socket = connect({ host: hostname, port: Number(port), ...pair });
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('close', () => {
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
    socket.on('error', reject);
    socket.setTimeout(10_000, () => {
      socket.destroy(new Error('the server did not end the connection'));
    });
    socket.write(sent);
  });
}

const lines = (...text: readonly string[]): string => `${text.join('\r\n')}\r\n\r\n`;
const configMaps = 'POST /api/v1/namespaces/default/configmaps HTTP/1.1';
const inTwo = lines('GET /version HTTP/1.1', 'Host: x');
const close = 'Connection: close';
const get = (url: string, ...headers: readonly string[]): string =>
  lines(`GET ${url} HTTP/1.1`, 'Host: x', ...headers, close);

interface Case {
  readonly name: string;
  readonly sent: string;
  readonly heard: RegExp;
}

/** The connection ends with the first answer, so that nothing is left to be taken for another request. */
const refused = /^HTTP\/1\.1 400 [^]*"kind":"Status"[^]*"the request is not HTTP\/1\.1"[^]*$/;

const cases: readonly Case[] = [
  {
    name: 'two lengths',
    sent: `${lines(configMaps, 'Host: x', 'Content-Length: 5', 'Content-Length: 6')}abcdef${inTwo}`,
    heard: refused,
  },
  {
    name: 'a length and chunks',
    sent: `${lines(configMaps, 'Host: x', 'Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n${inTwo}`,
    heard: refused,
  },
  {
    name: 'two encodings',
    sent: `${lines(configMaps, 'Host: x', 'Transfer-Encoding: chunked', 'Transfer-Encoding: identity')}0\r\n\r\n${inTwo}`,
    heard: refused,
  },
  {
    name: 'a space before a colon',
    sent: `${lines(configMaps, 'Host: x', 'Transfer-Encoding : chunked')}0\r\n\r\n${inTwo}`,
    heard: refused,
  },
  {
    name: 'a negative length',
    sent: lines(configMaps, 'Host: x', 'Content-Length: -1'),
    heard: refused,
  },
  { name: 'a header over two lines', sent: get('/version', 'X: a\r\n b'), heard: refused },
  { name: 'a header with a null byte', sent: get('/version', 'X: a\0b'), heard: refused },
  { name: 'a path with a null byte', sent: get('/ver\0sion'), heard: refused },
  { name: 'lines without a return', sent: 'GET /version HTTP/1.1\nHost: x\n\n', heard: refused },
  { name: 'HTTP/2', sent: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', heard: refused },
  {
    name: 'a change to HTTP/2',
    sent: lines(
      'GET /version HTTP/1.1',
      'Host: x',
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAAQAAP__',
    ),
    heard: /^HTTP\/1\.1 400 [^]*this path offers no other protocol/,
  },
  {
    name: 'a connection to elsewhere',
    sent: lines('CONNECT 169.254.169.254:80 HTTP/1.1', 'Host: x'),
    heard: /^HTTP\/1\.1 405 [^]*"reason":"MethodNotAllowed"/,
  },
  {
    name: 'two hosts',
    sent: `${lines('GET /version HTTP/1.1', 'Host: x', 'Host: y')}${inTwo}`,
    heard: /^HTTP\/1\.1 400 [^]*"too many Host headers"/,
  },
  {
    name: 'no host',
    sent: lines('GET /version HTTP/1.1'),
    heard: /^HTTP\/1\.1 400 [^]*"missing required Host header"/,
  },
  {
    name: 'a version of HTTP that is none of ours',
    sent: lines('GET /version HTTP/2.0', 'Host: x'),
    heard: /^HTTP\/1\.1 505 [^]*"kind":"Status"/,
  },
  {
    name: 'an expectation nobody knows',
    sent: get('/version', 'Expect: x'),
    heard: /^HTTP\/1\.1 417 [^]*"kind":"Status"/,
  },
  {
    name: 'a body in two encodings',
    sent: `${lines(configMaps, 'Host: x', 'Transfer-Encoding: gzip, chunked')}0\r\n\r\n${inTwo}`,
    heard: /^HTTP\/1\.1 501 [^]*"unsupported transfer encoding/,
  },
  {
    name: 'chunks of HTTP/1.0',
    sent: `${lines(configMaps.replace('1.1', '1.0'), 'Transfer-Encoding: chunked', 'Connection: keep-alive')}0\r\n\r\n${inTwo}`,
    heard: /^HTTP\/1\.1 400 [^]*"HTTP\/1.0 knows no Transfer-Encoding"/,
  },
  {
    name: 'nonsense in the middle of an answer',
    sent: `${lines('GET /api/v1/pods?watch=1&timeoutSeconds=5 HTTP/1.1', 'Host: x')}${inTwo}\0nonsense`,
    heard: /^(?:HTTP\/1\.1 200 [^]*)?$/,
  },
  {
    name: 'a whole URL, of which the path counts',
    sent: get('https://elsewhere.example/api/v1/namespaces/default'),
    heard: /^HTTP\/1\.1 200 [^]*"kind":"Namespace"/,
  },
  { name: 'a URL of another scheme', sent: get('file:///etc/passwd'), heard: /^HTTP\/1\.1 404 / },
  {
    name: 'dots, which mean nothing',
    sent: get('/api/v1/namespaces/default/../../../version'),
    heard: /^HTTP\/1\.1 404 /,
  },
  {
    name: 'a document whose name is no text',
    sent: get('/openapi/v3/%ff/apps'),
    heard: /^HTTP\/1\.1 400 [^]*"the path is not properly escaped"/,
  },
  {
    name: 'a namespace with a slash',
    sent: get('/api/v1/namespaces/default%2f..%2fkube-system/secrets'),
    heard: /^HTTP\/1\.1 404 /,
  },
  {
    name: 'a name that would be a header',
    sent: get('/api/v1/namespaces/a%0d%0aSet-Cookie:%20x/pods/b%0d%0aX:y/proxy'),
    heard: /^HTTP\/1\.1 301 [^]*\r\nLocation: \/api\/v1\/namespaces\/a%0d%0aSet-Cookie:%20x\/pods/,
  },
  {
    name: 'a refusal that names a line break',
    sent: get('/api/v1/namespaces/default/pods/b%0d%0aX:y'),
    heard: /^HTTP\/1\.1 404 [^]*"name":"b\\r\\nX:y"/,
  },
  {
    name: 'an encoded body, which is read as it is',
    sent: `${lines(configMaps, 'Host: x', 'Content-Type: application/json', 'Content-Encoding: gzip', 'Content-Length: 2', close)}\x1f\x08`,
    heard: /^HTTP\/1\.1 400 /,
  },
  {
    name: 'more text about a chunk than its body',
    sent: `${lines(configMaps, 'Host: x', 'Transfer-Encoding: chunked')}2;${'a'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
    heard: /^HTTP\/1\.1 4/,
  },
  {
    name: 'headers beyond the limit',
    sent: get('/version', `X: ${'a'.repeat(70_000)}`),
    heard: /^HTTP\/1\.1 431 [^]*"kind":"Status"/,
  },
  {
    name: 'a header that says who asks after very many others',
    sent: get(
      '/apis/apps/v1/namespaces/default/deployments',
      ...Array.from({ length: 3_000 }, (_, at) => `h${String(at)}: x`),
      'Impersonate-User: nobody',
    ),
    heard: /^HTTP\/1\.1 403 [^]*User \\"nobody\\" cannot list/,
  },
];

for (const { name, sent, heard } of cases) {
  test(`the server takes ${name} as it must`, async () => {
    const answer = await heardFor(sent, master.connection);
    assert.match(answer, heard);
    // One request, one answer: no part of it was taken for another.
    assert.ok((answer.match(/^HTTP\/1\.1 /gm) ?? []).length <= 1, answer);
  });
}

test('the server goes on', async () => {
  assert.match(await heardFor(get('/version'), master.connection), /^HTTP\/1\.1 200 /);
});
