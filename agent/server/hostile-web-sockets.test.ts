import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import type { Duplex } from 'node:stream';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { systemClock } from '../../machinery/clock/clock.js';
import { silentLogger } from '../../machinery/log/log.js';
import { propertyRuns } from '../../testing/property-runs.js';
import { maxWebSocketMessageBytes } from './limits.js';
import type { ContainerAccess } from './ports.js';
import { StreamingUpgrades } from './streaming.js';

let server: Server;
let ended = 0;

/** A process that reads what it is sent and never ends by itself. */
const access = {
  exec: () =>
    Promise.resolve({
      stdin: new PassThrough().resume(),
      stdout: new PassThrough(),
      stderr: Readable.from([]),
      resize: () => Promise.resolve(),
      exitCode: new Promise<number>(() => undefined),
      close: () => {
        ended += 1;
      },
    }),
} as unknown as ContainerAccess;

before(async () => {
  const streaming = new StreamingUpgrades({ access, clock: systemClock, logger: silentLogger });
  server = createServer();
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const target = { namespace: 'n', pod: 'p', container: 'c' };
    const url = new URL('http://node/?input=1&output=1&tty=1');
    void streaming.serve({ kind: 'exec', target, command: ['cat'] }, url, {
      request,
      socket,
      head,
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(() => {
  server.closeAllConnections();
  server.close();
});

async function opened(): Promise<Socket> {
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const lines = [
    'GET / HTTP/1.1',
    'Host: x',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Protocol: v5.channel.k8s.io',
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  const [head] = (await once(socket, 'data')) as [Buffer];
  assert.match(head.toString('latin1'), /^HTTP\/1\.1 101 /);
  return socket;
}

interface FrameParts {
  readonly opcode: number;
  readonly payload?: Buffer;
  readonly final?: boolean;
  readonly masked?: boolean;
  /** Said in place of the payload's own. */
  readonly length?: number;
}

/** A frame with an empty mask, which leaves the payload as it is. */
function frame({
  opcode,
  payload = Buffer.alloc(0),
  final = true,
  masked = true,
  length,
}: FrameParts): Buffer {
  const head = Buffer.alloc(10);
  head[0] = (final ? 0x80 : 0) | opcode;
  head[1] = (masked ? 0x80 : 0) | 127;
  head.writeBigUInt64BE(BigInt(length ?? payload.length), 2);
  return Buffer.concat([head, masked ? Buffer.alloc(4) : Buffer.alloc(0), payload]);
}

const [binary, closing, ping] = [2, 8, 9];
const short = (opcode: number, payload: Buffer, final = true): Buffer =>
  Buffer.concat([
    Buffer.from([(final ? 0x80 : 0) | opcode, 0x80 | payload.length, 0, 0, 0, 0]),
    payload,
  ]);

const broken: readonly (readonly [string, Buffer])[] = [
  ['no mask', frame({ opcode: binary, payload: Buffer.from('\0a'), masked: false })],
  ['a message beyond the limit', frame({ opcode: binary, length: maxWebSocketMessageBytes + 1 })],
  ['a message of no end', frame({ opcode: binary, length: Number.MAX_SAFE_INTEGER })],
  [
    'parts beyond the limit',
    Buffer.concat(
      Array.from({ length: 3 }, (_, at) =>
        frame({
          opcode: at === 0 ? binary : 0,
          payload: Buffer.alloc(maxWebSocketMessageBytes / 2),
          final: false,
        }),
      ),
    ),
  ],
  [
    'parts without end',
    Buffer.concat(
      Array.from({ length: 20_000 }, (_, at) =>
        short(at === 0 ? binary : 0, Buffer.alloc(1), false),
      ),
    ),
  ],
  ['a control frame in parts', short(ping, Buffer.alloc(1), false)],
  ['a long control frame', frame({ opcode: ping, payload: Buffer.alloc(126) })],
  ['an unknown kind of frame', short(11, Buffer.alloc(1))],
  ['a reserved bit', Buffer.from([0xc0 | binary, 0x80, 0, 0, 0, 0])],
  ['a part of nothing', short(0, Buffer.alloc(1))],
  ['a broken reason to close', short(closing, Buffer.from([0, 1]))],
];

for (const [name, bytes] of broken) {
  test(
    `a WebSocket that sends ${name} is closed, and its process ended`,
    { timeout: 10_000 },
    async () => {
      const before = ended;
      const socket = await opened();
      socket.resume();
      socket.write(bytes);
      await once(socket, 'close');
      while (ended === before) await new Promise((resolve) => setImmediate(resolve));
    },
  );
}

test('a WebSocket whose client does not read is not answered without bound', async () => {
  const socket = await opened();
  socket.pause();
  const before = process.memoryUsage().rss;
  const pings = Buffer.concat(Array.from({ length: 500 }, () => short(ping, Buffer.alloc(125))));
  for (let sent = 0; sent < 64 * 1024 * 1024; sent += pings.length) {
    if (!socket.write(pings)) {
      const drained = once(socket, 'drain').then(
        () => true,
        () => false,
      );
      const stuck = new Promise<boolean>((resolve) => setTimeout(resolve, 200, false));
      // Either all of it is taken and dropped, or the client is made to wait, or it is left.
      if (!(await Promise.race([drained, stuck]))) break;
    }
  }
  const grownBytes = process.memoryUsage().rss - before;
  assert.ok(grownBytes < 48 * 1024 * 1024, `grew by ${String(grownBytes)} bytes`);
  socket.destroy();
});

test('a WebSocket survives any bytes', { timeout: 20_000 }, async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((any) => Buffer.from(any)),
    fc
      .tuple(fc.nat(15), fc.uint8Array({ maxLength: 60 }), fc.boolean())
      .map(([opcode, payload, final]) => short(opcode, Buffer.from(payload), final)),
  );
  const property = fc.asyncProperty(fc.array(bytes, { maxLength: 8 }), async (parts) => {
    const socket = await opened();
    for (const part of parts) socket.write(part);
    socket.end();
    socket.resume();
    await once(socket, 'close');
  });
  await fc.assert(property, { numRuns: propertyRuns(20), seed: 20_261_121 });
});
