import assert from 'node:assert/strict';
import type { RemoteInfo, Socket as UdpSocket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { eventually } from '../../testing/eventually.js';
import { maxTcpQueries } from './limits.js';
import { answerConnection, answerDatagrams } from './transports.js';

/** Refuses port 0 like Node's. */
class FakeUdp extends EventEmitter {
  readonly sent: string[] = [];

  send(message: Buffer, port: number, address: string): void {
    if (port <= 0) throw new RangeError('Port should be > 0');
    this.sent.push(`${message.toString()} to ${address}:${String(port)}`);
  }
}

test('DNS over UDP does not mind queries from port 0', async () => {
  const socket = new FakeUdp();
  answerDatagrams(socket as unknown as UdpSocket, (message) => Promise.resolve(message));
  for (const port of [0, 5353]) {
    const from: Partial<RemoteInfo> = { address: '10.244.1.7', port };
    socket.emit('message', Buffer.from('hello'), from);
  }
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(socket.sent, ['hello to 10.244.1.7:5353']);
});

const query = Buffer.from('\u0000\u0005hello', 'latin1');
const reply = Buffer.alloc(30_000);

test(
  'DNS over TCP does not listen to a client that does not read',
  { timeout: 10_000 },
  async () => {
    let asked = 0;
    const server = createServer((connection) => {
      answerConnection(connection, () => {
        asked += 1;
        return Promise.resolve(reply);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.pause();
    const queries = 1_000;
    client.write(Buffer.concat(Array.from({ length: queries }, () => query)));
    let before = -1;
    await eventually(
      () => {
        const last = before;
        before = asked;
        assert.ok(asked > 0 && asked === last, 'it still answers');
      },
      { intervalMs: 100, what: 'the client to be waited for' },
    );
    assert.ok(asked < queries / 2, `${String(asked)} answers are kept`);
    let readBytes = 0;
    client.on('data', (chunk: Buffer) => {
      readBytes += chunk.length;
    });
    client.resume();
    await eventually(
      () => {
        assert.equal(readBytes, queries * (reply.length + 2));
      },
      { what: 'every query to be answered' },
    );
    client.destroy();
    server.close();
  },
);

test('DNS over TCP answers some queries at once, and not too many', async () => {
  const held: (() => void)[] = [];
  const server = createServer((connection) => {
    answerConnection(
      connection,
      (message) =>
        new Promise((resolve) => {
          held.push(() => {
            resolve(message);
          });
        }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write(Buffer.concat(Array.from({ length: maxTcpQueries + 3 }, () => query)));
  await eventually(() => {
    assert.equal(held.length, maxTcpQueries);
  });
  for (const release of held.splice(0)) release();
  await eventually(() => {
    assert.equal(held.length, 3);
  });
  client.destroy();
  server.close();
});
