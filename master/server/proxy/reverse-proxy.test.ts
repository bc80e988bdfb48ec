import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { serviceUnavailable } from '../../../api/meta/status-error.js';
import { forwardRequest, forwardUpgrade } from './reverse-proxy.js';
import type { Backend } from './reverse-proxy.js';

/** Tells what it was sent; `/moved` redirects; an upgrade is answered by an echo in capitals. */
function tell(request: IncomingMessage, response: ServerResponse): void {
  if (request.url?.startsWith('/moved') === true) {
    response.writeHead(302, { Location: '/there' }).end();
    return;
  }
  void text(request).then((body) => {
    const { method, url, headers } = request;
    response
      .writeHead(201, { 'X-Answer': 'yes' })
      .end(JSON.stringify({ method, url, headers, body }));
  });
}

let behind: Server;
let front: Server;
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

function backendAt(port: number, path: string): Backend {
  const plain: Backend = {
    open: (method, headers) =>
      httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }),
    unreachable: (error) => serviceUnavailable('nobody there', error),
    headers: { 'x-forwarded-uri': '/api/x' },
  };
  if (path === '/moved?for=ever') return plain;
  return { ...plain, rewriteLocation: (location) => `/api/x/proxy${location}` };
}

before(async () => {
  behind = createServer(tell);
  behind.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    if (request.url === '/refused') {
      socket.end(
        'HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\nX-Why: so\r\n\r\n5\r\nnever\r\n0\r\n\r\n',
      );
      return;
    }
    if (request.url === '/elsewhere') {
      socket.end(
        'HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n',
      );
      return;
    }
    if (request.url === '/headers') {
      const { authorization, connection, upgrade, hop } = request.headers;
      const { 'sec-websocket-protocol': protocols } = request.headers;
      socket.end(
        `HTTP/1.1 101 Yes\r\nUpgrade: loud\r\nConnection: Upgrade\r\n\r\n${JSON.stringify([authorization, connection, upgrade, hop, protocols])}`,
      );
      return;
    }
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: loud\r\n\r\n',
    );
    socket.on('data', (chunk: Buffer) => socket.write(chunk.toString().toUpperCase()));
    socket.on('end', () => socket.end());
  });
  behind.listen(0, '127.0.0.1');
  await once(behind, 'listening');
  const backend = (request: IncomingMessage): Backend =>
    backendAt(request.url === '/nobody' ? 1 : portOf(behind), request.url ?? '/');
  front = createServer((request, response) => {
    forwardRequest(backend(request), request, response).catch((error: unknown) => {
      response.writeHead(503).end(String(error));
    });
  });
  front.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    forwardUpgrade(backend(request), { request, socket, head }).catch((error: unknown) => {
      socket.end(String(error));
    });
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
});

after(() => {
  for (const server of [front, behind]) {
    server.closeAllConnections();
    server.close();
  }
});

async function ask(
  path: string,
  init: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ answer: IncomingMessage; body: string }> {
  const { method = 'GET', headers = {} } = init;
  const host = '127.0.0.1';
  const outgoing = httpRequest({ host, port: portOf(front), path, method, headers, agent: false });
  outgoing.end(init.body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { answer, body: await text(answer) };
}

test('reverse proxy hands a request on without credentials and its answer back', async () => {
  const { answer, body } = await ask('/a%20b?c=d', {
    method: 'POST',
    body: 'some text',
    headers: {
      Authorization: 'Bearer secret',
      Cookie: 'secret',
      'Impersonate-User': 'root',
      'X-Remote-User': 'root',
      'X-Mine': 'kept',
      'X-Forwarded-For': '192.0.2.1',
      Connection: 'close, X-Hop',
      'X-Hop': 'secret',
    },
  });
  assert.equal(answer.statusCode, 201);
  assert.equal(answer.headers['x-answer'], 'yes');
  const told = JSON.parse(body) as Record<string, unknown> & { headers: Record<string, string> };
  assert.deepEqual([told.method, told.url, told.body], ['POST', '/a%20b?c=d', 'some text']);
  assert.doesNotMatch(body, /secret|root/);
  assert.equal(told.headers['x-mine'], 'kept');
  assert.equal(told.headers['x-forwarded-for'], '192.0.2.1, 127.0.0.1');
  assert.equal(told.headers['x-forwarded-uri'], '/api/x');
});

test('reverse proxy leads redirects back through itself', async () => {
  const { answer } = await ask('/moved');
  assert.equal(answer.statusCode, 302);
  assert.equal(answer.headers.location, '/api/x/proxy/there');
});

test('reverse proxy refuses redirects of servers that have no business to redirect', async () => {
  const { answer, body } = await ask('/moved?for=ever');
  assert.equal(answer.headers.location, undefined);
  assert.match(body, /the backend attempted to redirect this request, which is not permitted/);
});

test('reverse proxy rejects as long as nothing was answered', async () => {
  const { answer, body } = await ask('/nobody');
  assert.equal(answer.statusCode, 503);
  assert.match(body, /nobody there/);
});

/** What is heard on a connection that asks for another protocol, up to its end. */
async function heardOf(path: string, headers: string): Promise<string> {
  const socket = connect(portOf(front), '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}Upgrade: loud\r\n\r\n`);
  const heard = await text(socket);
  return heard;
}

test('reverse proxy hands the refusal of an upgrade on as one that ends the connection', async () => {
  const heard = await heardOf('/refused', 'Connection: Upgrade\r\n');
  assert.equal(heard, 'HTTP/1.1 403 No\r\nX-Why: so\r\nConnection: close\r\n\r\nnever');
});

test('reverse proxy takes a redirect for no answer to an upgrade', async () => {
  const heard = await heardOf('/elsewhere', 'Connection: Upgrade\r\n');
  assert.match(heard, /^StatusError: .*invalid upgrade response: status code 302$/);
});

test('reverse proxy asks for an upgrade without credentials', async () => {
  const heard = await heardOf(
    '/headers',
    'Connection: Upgrade, Hop\r\nHop: x\r\nAuthorization: Bearer secret\r\n' +
      'Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.c2VjcmV0, a, b\r\n',
  );
  assert.match(heard, /\[null,"Upgrade","loud",null,"a, b"\]$/);
});

test('reverse proxy joins connections that speak another protocol', async () => {
  const socket = connect(portOf(front), '127.0.0.1');
  socket.write('GET /up HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: loud\r\n\r\n');
  let heard = '';
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString();
    if (heard.endsWith('\r\n\r\n')) socket.write('hello');
    if (heard.endsWith('HELLO')) socket.end();
  });
  await once(socket, 'close');
  assert.match(heard, /^HTTP\/1.1 101 .*\r\n\r\nHELLO$/s);
});
