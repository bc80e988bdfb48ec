import assert from 'node:assert/strict';
import { test } from 'node:test';

import { linesOf } from './line-framing.js';

async function* chunksOf(text: string, sizeBytes: number): AsyncGenerator<Buffer> {
  await Promise.resolve();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes);
}

test('watch lines come out whole however the stream is cut', async () => {
  const text = '{"a":"grün"}\n\n{"b":2}\n{"unfinished';
  for (const sizeBytes of [1, 2, 3, 7, 100]) {
    const found: string[] = [];
    for await (const line of linesOf(chunksOf(text, sizeBytes), 100)) found.push(line);
    assert.deepEqual(found, ['{"a":"grün"}', '{"b":2}']);
  }
});

test('watch lines have a limit', async () => {
  const endless = linesOf(chunksOf('x'.repeat(1000), 10), 100);
  await assert.rejects(endless.next(), /larger than 100 bytes/);
});
