import assert from 'node:assert/strict';
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { createDeflate, constants } from 'node:zlib';
import fc from 'fast-check';
import { maxSpdyFrameBytes, maxSpdyHeaderBytes, maxSpdyStreams } from '../limits.js';
import { propertyRuns } from '../../../testing/property-runs.js';
import { SpdyConnection } from './connection.js';
import type { SpdyStream } from './connection.js';
import { controlFrame, dataFrame, FrameReader, frameTypes, numbers } from './frames.js';
import type { Frame } from './frames.js';
import { HeaderCodec } from './headers.js';

const headers = new Map([['streamtype', 'data']]);

/** A hostile client's end of a connection, which it may read or not. */
class HostileClient {
  readonly connection: SpdyConnection;
  readonly socket: Duplex;
  readonly frames: Frame[] = [];
  readonly streams: SpdyStream[] = [];
  private readonly codec = new HeaderCodec();

  constructor({ reads } = { reads: true }) {
    const [near, far] = duplexPair();
    this.socket = far;
    this.connection = new SpdyConnection(near);
    this.connection.onStream((stream) => this.streams.push(stream));
    const reader = new FrameReader();
    far.on('error', () => undefined);
    if (reads) far.on('data', (chunk: Buffer) => this.frames.push(...reader.read(chunk)));
  }

  write(...parts: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(parts));
  }

  async synStream(id: number): Promise<Buffer> {
    const block = await this.codec.encode(headers);
    return controlFrame(
      frameTypes.synStream,
      Buffer.concat([numbers(id, 0), Buffer.alloc(2), block]),
    );
  }

  /** What was sent has been looked at once this resolves. */
  async pinged(): Promise<void> {
    this.write(controlFrame(frameTypes.ping, numbers(4_000_001)));
    while (!this.frames.some((frame) => frame.kind === 'control' && frame.type === frameTypes.ping))
      await new Promise((resolve) => setImmediate(resolve));
  }

  get isClosed(): boolean {
    return this.connection.closed.aborted;
  }

  async closed(): Promise<void> {
    if (!this.isClosed) await once(this.connection.closed, 'abort');
  }
}

const refusals = (frames: readonly Frame[]): number =>
  frames.filter((frame) => frame.kind === 'control' && frame.type === frameTypes.rstStream).length;

async function headerBomb(): Promise<Buffer> {
  const deflate = createDeflate();
  const chunks: Buffer[] = [];
  deflate.on('data', (chunk: Buffer) => chunks.push(chunk));
  deflate.write(Buffer.alloc(50_000_000));
  await new Promise<void>((resolve) => {
    deflate.flush(constants.Z_SYNC_FLUSH, resolve);
  });
  return Buffer.concat(chunks);
}

/** None of them leaves a way to go on. */
const fatal: readonly (readonly [string, () => Promise<Buffer> | Buffer])[] = [
  ['a frame larger than the limit', () => Buffer.from([0, 0, 0, 1, 0, 0xff, 0xff, 0xff])],
  ['another version', () => Buffer.from([0x80, 2, 0, 1, 0, 0, 0, 0])],
  ['a stream without an id', () => controlFrame(frameTypes.synStream, Buffer.alloc(2))],
  ['a reset without an id', () => controlFrame(frameTypes.rstStream, Buffer.alloc(0))],
  ['a ping without a number', () => controlFrame(frameTypes.ping, Buffer.alloc(3))],
  [
    'headers that are not compressed',
    () => controlFrame(frameTypes.synStream, Buffer.concat([numbers(1, 0), Buffer.alloc(40, 7)])),
  ],
  [
    'headers that become very many',
    async () => {
      const bomb = await headerBomb();
      assert.ok(bomb.length < maxSpdyFrameBytes);
      return controlFrame(frameTypes.headers, Buffer.concat([numbers(1), bomb]));
    },
  ],
  [
    'headers that promise more than there are',
    async () => {
      const codec = new HeaderCodec();
      const block = await codec.encode(new Map([['a'.repeat(maxSpdyHeaderBytes), 'b']]));
      return controlFrame(frameTypes.headers, Buffer.concat([numbers(1), block]));
    },
  ],
];

for (const [name, make] of fatal) {
  test(`SPDY connection ends at ${name}`, async () => {
    const client = new HostileClient();
    client.write(await make());
    await client.closed();
  });
}

test('SPDY connection refuses streams beyond the limit, and goes on', async () => {
  const client = new HostileClient();
  for (let id = 1; id < 2 * (maxSpdyStreams + 20); id += 2)
    client.write(await client.synStream(id));
  await client.pinged();
  assert.equal(client.streams.length, maxSpdyStreams);
  assert.equal(refusals(client.frames), 20);
  assert.ok(!client.isClosed);
  client.connection.close();
});

test('SPDY connection refuses streams it has, and ids of its own', async () => {
  const client = new HostileClient();
  client.write(await client.synStream(1), await client.synStream(1), await client.synStream(2));
  await client.pinged();
  assert.deepEqual([client.streams.length, refusals(client.frames)], [1, 2]);
  client.connection.close();
});

test('SPDY connection forgets streams as fast as they are reset', async () => {
  const client = new HostileClient();
  for (let id = 1; id < 2 * (maxSpdyStreams + 20); id += 2) {
    client.write(await client.synStream(id), controlFrame(frameTypes.rstStream, numbers(id, 5)));
  }
  await client.pinged();
  assert.equal(refusals(client.frames), 0);
  assert.ok(client.streams.every(({ destroyed }) => destroyed));
  client.connection.close();
});

test('SPDY connection is read no further than its streams are', async () => {
  const client = new HostileClient();
  client.write(await client.synStream(1));
  const chunk = dataFrame(1, Buffer.alloc(64 * 1024), false);
  let taken = 0;
  while (client.socket.write(chunk)) {
    taken += chunk.length;
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(taken < 4 * 1024 * 1024, 'it takes whatever comes');
  }
  assert.ok(!client.isClosed);
  client.connection.close();
});

test('SPDY connection is read no further than what it answers is', async () => {
  const client = new HostileClient({ reads: false });
  const pings = Buffer.concat(
    Array.from({ length: 5_000 }, () => controlFrame(frameTypes.ping, numbers(1))),
  );
  let taken = 0;
  while (client.socket.write(pings)) {
    taken += pings.length;
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(taken < 4 * 1024 * 1024, 'it takes whatever comes');
  }
  client.connection.close();
});

const anyFrame = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc
    .tuple(fc.integer({ min: 0, max: 12 }), fc.uint8Array({ maxLength: 40 }), fc.nat(255))
    .map(([type, payload, flags]) => controlFrame(type, Buffer.from(payload), flags)),
  fc
    .tuple(fc.nat(9), fc.uint8Array({ maxLength: 40 }), fc.boolean())
    .map(([id, payload, fin]) => dataFrame(id, Buffer.from(payload), fin)),
);

test('SPDY connection survives any frames, in any pieces', async () => {
  const property = fc.asyncProperty(
    fc.array(anyFrame, { maxLength: 12 }),
    fc.integer({ min: 1, max: 60 }),
    async (frames, pieceBytes) => {
      const client = new HostileClient();
      client.write(await client.synStream(1));
      const bytes = Buffer.concat(frames);
      for (let at = 0; at < bytes.length; at += pieceBytes)
        client.socket.write(bytes.subarray(at, at + pieceBytes));
      await new Promise((resolve) => setImmediate(resolve));
      client.connection.close();
      assert.ok(client.isClosed);
    },
  );
  await fc.assert(property, { numRuns: propertyRuns(30), seed: 20_261_121 });
});
