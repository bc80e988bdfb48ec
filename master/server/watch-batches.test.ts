import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { BatchJoiner, outletOf } from './watch-batches.js';

const parts = [Buffer.from('{"one"}\n'), Buffer.from('{"two"}\n')];

test('a batch is joined once for all who get the same events', () => {
  const joiner = new BatchJoiner();
  const batch = joiner.join(parts);
  assert.equal(batch.plain.toString(), '{"one"}\n{"two"}\n');
  assert.equal(batch.chunk.toString(), '10\r\n{"one"}\n{"two"}\n\r\n');
  assert.equal(joiner.join([...parts]), batch);
  assert.notEqual(joiner.join(parts.slice(1)), batch);
});

/** What a client hears that sends `requests` over one connection, where `/watch` is answered with batches. */
async function heard(requests: string): Promise<string> {
  const joiner = new BatchJoiner();
  const waiting: ServerResponse[] = [];
  const server = createServer((request, response) => {
    if (request.url === '/slow') {
      waiting.push(response);
      return;
    }
    response.writeHead(200);
    response.flushHeaders();
    const outlet = outletOf(response);
    for (const part of parts) {
      const { sink, bytes } = outlet(joiner.join([part]));
      sink.write(bytes);
      for (const other of waiting.splice(0)) other.end('slow answer');
    }
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(requests);
  let text = '';
  for await (const data of socket) text += String(data);
  server.close();
  return text.replace(/^(?:Date|Keep-Alive): .*\r\n/gm, '');
}

const chunked = '\r\n\r\n8\r\n{"one"}\n\r\n8\r\n{"two"}\n\r\n0\r\n\r\n';

test('batches reach a client as chunks', async () => {
  const text = await heard('GET /watch HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  assert.ok(text.endsWith(chunked), text);
});

test('batches reach a client of HTTP/1.0 as they are', async () => {
  const text = await heard('GET /watch HTTP/1.0\r\n\r\n');
  assert.ok(text.endsWith('\r\n\r\n{"one"}\n{"two"}\n'), text);
});

test('batches wait behind the answers before theirs', async () => {
  const text = await heard(
    'GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /watch HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  );
  assert.match(text, /slow answerHTTP\/1\.1 200/);
  assert.ok(text.endsWith(chunked), text);
});
