import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { test } from 'node:test';
import type { Container } from '../../api/core/v1/types.js';
import { checkGrpc } from './grpc-check.js';
import { checkHttp } from './http-check.js';

const container = { name: 'c', image: 'i' } as Container;
/** A probe's time is up at some point, whatever the container does. */
const probeMs = 100;
/** Long enough for an answer, however busy the machine is. */
const patientMs = 10_000;

async function withServer<Result>(
  server: Server | http2.Http2Server,
  use: (port: number) => Promise<Result>,
): Promise<Result> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await use((server.address() as AddressInfo).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

const grpcAt = (port: number, service = '', ms = patientMs): ReturnType<typeof checkGrpc> =>
  checkGrpc({ host: '127.0.0.1', port, service }, AbortSignal.timeout(ms));
const httpAt = (port: number): ReturnType<typeof checkHttp> =>
  checkHttp(
    { port, path: '/' },
    { container, podIP: '127.0.0.1', signal: AbortSignal.timeout(probeMs) },
  );

const messages: readonly string[] = [
  '%',
  '%zz',
  '%E0%A4%A',
  '%00',
  'x'.repeat(7_000),
  '%'.repeat(5_000),
];

for (const message of messages) {
  test(`gRPC probe takes the message ${message.slice(0, 12)}… as it is`, async () => {
    const server = http2.createServer();
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200, 'grpc-status': '14', 'grpc-message': message });
      stream.end();
    });
    const { success, message: told } = await withServer(server, (port) => grpcAt(port));
    assert.equal(success, false);
    assert.match(told, /^service unhealthy \(rpc error 14: /);
  });
}

test('gRPC probe names services of any length', async () => {
  const server = http2.createServer();
  let asked = Buffer.alloc(0);
  server.on('stream', (stream) => {
    stream.on('data', (chunk: Buffer) => (asked = Buffer.concat([asked, chunk])));
    stream.on('end', () => {
      stream.respond({ ':status': 200, 'grpc-status': '0' });
      stream.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
    });
  });
  const service = 'a'.repeat(300);
  const { success } = await withServer(server, (port) => grpcAt(port, service));
  assert.ok(success);
  assert.deepEqual([...asked.subarray(5, 8)], [0x0a, 0xac, 0x02]);
  assert.equal(asked.toString('utf8', 8), service);
});

/** What a container may say instead of what it is asked. */
const answers: readonly (readonly [string, (socket: Socket) => void])[] = [
  ['closes at once', (socket) => socket.destroy()],
  ['resets', (socket) => socket.resetAndDestroy()],
  ['says nothing', () => undefined],
  ['says what is no HTTP', (socket) => socket.write('\0\x01\xff'.repeat(100))],
  ['begins and goes', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx')],
  [
    'changes the protocol',
    (socket) => socket.write('HTTP/1.1 101 No\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
  ],
  [
    'sends headers without end',
    (socket) => socket.write(`HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(20_000)}`),
  ],
  [
    'sends two lengths',
    (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'),
  ],
  [
    'redirects to nowhere',
    (socket) => socket.write('HTTP/1.1 302 Go\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n'),
  ],
  [
    'redirects to a file',
    (socket) =>
      socket.write(
        'HTTP/1.1 302 Go\r\nLocation: file://127.0.0.1/etc/passwd\r\nContent-Length: 0\r\n\r\n',
      ),
  ],
  [
    'sends without end',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const more = (): void => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
        if (!socket.destroyed) socket.once('drain', more);
      };
      more();
    },
  ],
];

for (const [name, answer] of answers) {
  test(`probes of a container that ${name} come to an end`, async () => {
    const server = (): Server =>
      createServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => {
          answer(socket);
        });
      });
    const [{ success }, { message }] = await Promise.all([
      withServer(server(), (port) => grpcAt(port, '', probeMs)),
      withServer(server(), httpAt),
    ]);
    assert.equal(success, false);
    assert.ok(message.length < 64 * 1024);
  });
}

test('HTTP probe of a host that no URL can have fails', async () => {
  const signal = AbortSignal.timeout(probeMs);
  for (const host of ['a b', '[', 'x:y:z', '%zz']) {
    const { success } = await checkHttp(
      { port: 80, host },
      { container, podIP: '127.0.0.1', signal },
    );
    assert.equal(success, false, host);
  }
});
