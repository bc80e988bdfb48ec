import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventReader, sentAnnotation } from './event-reader.js';

const eventOf = (revision: number, sentUs: number): string =>
  `${JSON.stringify({
    type: 'MODIFIED',
    object: {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: {
        resourceVersion: String(revision),
        name: 'a',
        annotations: { [sentAnnotation]: String(sentUs) },
      },
    },
  })}\n`;

const chunkOf = (...events: readonly string[]): string => {
  const body = events.join('');
  return `${body.length.toString(16)}\r\n${body}\r\n`;
};

const stream = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunkOf(eventOf(7, 1_000), eventOf(9, 2_000))}${chunkOf(eventOf(12, 1_500))}`;

test('an event reader tells each event once, wherever the bytes are cut', () => {
  for (let cut = 0; cut <= stream.length; cut++) {
    const seen: number[] = [];
    const reader = new EventReader((sentUs) => seen.push(sentUs));
    // The same memory for both, as a connection reads into it.
    const memory = Buffer.alloc(stream.length);
    for (const part of [stream.slice(0, cut), stream.slice(cut)]) {
      reader.read(memory.subarray(0, memory.write(part, 'latin1')));
    }
    assert.deepEqual(seen, [1_000, 2_000, 1_500], `cut at ${String(cut)}`);
  }
});

test('an event reader refuses an event that comes again or too late', () => {
  for (const revision of [7, 6]) {
    const reader = new EventReader(() => undefined);
    const bytes = Buffer.from(chunkOf(eventOf(7, 1), eventOf(revision, 2)));
    assert.throws(() => {
      reader.read(bytes);
    }, /came after 7/);
  }
});
