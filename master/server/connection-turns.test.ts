import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { eventually } from '../../testing/eventually.js';
import { ConnectionTurns } from './connection-turns.js';
import { maxWaitingRequests } from './limits.js';

const turns = new ConnectionTurns();
let begun: { readonly url: string | undefined; readonly response: ServerResponse }[] = [];
let accepted: Socket | undefined;

const server = createServer((request, response) => {
  turns.take(request, response, () => {
    begun.push({ url: request.url, response });
  });
});
server.on('connection', (socket) => {
  accepted = socket;
});

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
beforeEach(() => {
  begun = [];
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const gets = (...paths: readonly string[]): string =>
  paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join('');

function sent(text: string): Socket {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(text);
  return socket;
}

const untilBegun = (count: number): Promise<void> =>
  eventually(
    () => {
      assert.equal(begun.length, count);
    },
    { timeoutMs: 5_000, what: `${String(count)} requests to be begun` },
  );

test('requests of one connection begin once those before them are answered', async () => {
  const socket = sent(gets('/a', '/b', '/c'));
  for (const [at, url] of ['/a', '/b', '/c'].entries()) {
    await untilBegun(at + 1);
    assert.equal(begun.at(-1)?.url, url);
    assert.ok(accepted !== undefined);
    assert.equal(turns.isIdle(accepted), false);
    assert.equal(turns.isFree(accepted), url === '/c');
    begun.at(-1)?.response.end('done');
  }
  await once(socket, 'data');
  await eventually(
    () => {
      assert.ok(accepted !== undefined && turns.isIdle(accepted));
    },
    { timeoutMs: 5_000, what: 'the connection to be idle' },
  );
  socket.destroy();
});

test('requests that waited for a connection that is gone never begin', async () => {
  const socket = sent(gets('/a', '/b'));
  await untilBegun(1);
  socket.destroy();
  const [first] = begun;
  assert.ok(first !== undefined);
  await once(first.response, 'close');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(begun.length, 1);
});

test('a connection with too many waiting requests is broken off', async () => {
  const socket = sent(gets(...Array.from({ length: maxWaitingRequests + 2 }, () => '/a')));
  await once(socket, 'close');
  assert.equal(begun.length, 1);
});
