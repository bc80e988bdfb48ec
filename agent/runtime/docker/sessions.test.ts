import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { splitStreams } from './sessions.js';

function frame(stream: 1 | 2, payload: string): Buffer {
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(payload.length, 4);
  return Buffer.concat([head, Buffer.from(payload)]);
}

test('streams of a session wait once for a slow reader, however many frames a piece holds', async () => {
  const connection = new PassThrough();
  const { stdout, stderr } = splitStreams(connection, false);
  const line = 'x'.repeat(20_000);
  connection.write(Buffer.concat(Array.from({ length: 20 }, () => frame(1, line))));
  connection.write(frame(2, line));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(stdout.listenerCount('drain'), 1);
  assert.equal(connection.isPaused(), true);
  connection.end(frame(2, 'end'));
  const [out, err] = await Promise.all([text(stdout), text(stderr)]);
  assert.deepEqual([out.length, err], [20 * line.length, `${line}end`]);
});

test('a session is read on only when both its readers have caught up', async () => {
  const connection = new PassThrough();
  const { stdout, stderr } = splitStreams(connection, false);
  const line = 'x'.repeat(20_000);
  connection.write(Buffer.concat([frame(1, line), frame(2, line)]));
  await new Promise((resolve) => setImmediate(resolve));
  stdout.resume();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(connection.isPaused(), true);
  stderr.resume();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(connection.isPaused(), false);
});
