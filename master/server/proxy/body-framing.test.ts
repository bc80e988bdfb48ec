import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { serviceUnavailable } from '../../../api/meta/status-error.js';
import { forwardRequest, forwardUpgrade } from './reverse-proxy.js';
import type { Backend } from './reverse-proxy.js';

/**
 * The server behind believes the proxy who asks. A body that it takes for a request of its own would be one that its sender
 * has signed with any name, on a connection that others share.
 */
const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\nX-Remote-User: root\r\n\r\n';

let behind: Server;
let front: Server;
const pool = new Agent({ keepAlive: true, maxSockets: 1 });
const seen: string[] = [];
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

const backendFor = ({ url = '/' }: IncomingMessage): Backend => ({
  open: (method, headers) =>
    httpRequest({ agent: pool, port: portOf(behind), path: url, method, headers }),
  unreachable: (error) => serviceUnavailable('nobody there', error),
});

before(async () => {
  behind = createServer((request, response) => {
    void text(request).then((body) => {
      seen.push(`${request.method ?? ''} ${request.url ?? ''} ${String(body.length)}`);
      response.statusCode = request.headers.upgrade === undefined ? 200 : 403;
      response.end('done');
    });
  });
  behind.listen(0, '127.0.0.1');
  front = createServer((request, response) => {
    void forwardRequest(backendFor(request), request, response);
  });
  front.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    void forwardUpgrade(backendFor(request), { request, socket, head });
  });
  front.listen(0, '127.0.0.1');
  await Promise.all([once(behind, 'listening'), once(front, 'listening')]);
});

after(() => {
  pool.destroy();
  for (const server of [front, behind]) {
    server.closeAllConnections();
    server.close();
  }
});

/** What the server behind saw of what was sent, and of a request of somebody else's over the same connection. */
async function seenOf(sent: string): Promise<readonly string[]> {
  seen.length = 0;
  for (const bytes of [sent, 'GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n']) {
    const socket = connect(portOf(front), '127.0.0.1');
    socket.write(bytes);
    await text(socket);
  }
  return [...seen];
}

const size = String(smuggled.length);
const chunks = `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`;

const cases: readonly (readonly [string, string, string])[] = [
  ...['GET', 'DELETE', 'OPTIONS', 'POST', 'PUT'].flatMap((method) => [
    [
      `a ${method} with chunks`,
      `${method} /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`,
      `${method} /a ${size}`,
    ] as const,
    [
      `a ${method} that calls its length a matter of the connection`,
      `${method} /a HTTP/1.1\r\nHost: x\r\nConnection: close, Content-Length\r\nContent-Length: ${size}\r\n\r\n${smuggled}`,
      `${method} /a ${size}`,
    ] as const,
  ]),
  [
    'an upgrade with a length',
    `GET /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: b\r\nContent-Length: ${size}\r\n\r\n${smuggled}`,
    'GET /a 0',
  ],
  [
    'an upgrade with chunks',
    `GET /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: b\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`,
    'GET /a 0',
  ],
];

for (const [name, sent, expected] of cases) {
  test(`reverse proxy hands on ${name} as one request`, { timeout: 5_000 }, async () => {
    assert.deepEqual(await seenOf(sent), [expected, 'GET /next 0']);
  });
}
