import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { WebSocket } from 'ws';
import { FakeClock } from '../../machinery/clock/clock.js';
import { webSocketStreams } from './websocket-channels.js';

/** A WebSocket whose client takes one message at a time, when it is told to. */
class SlowSocket extends EventEmitter {
  readonly sent: string[] = [];
  readonly protocol = 'v5.channel.k8s.io';
  private readonly waiting: (() => void)[] = [];

  send(message: Buffer, _options: unknown, done: () => void): void {
    this.sent.push(`${String(message[0])}:${message.subarray(1).toString()}`);
    this.waiting.push(done);
  }

  resume(): void {
    // Nothing is read from it.
  }

  close(): void {
    this.sent.push('close');
  }

  async take(): Promise<void> {
    this.waiting.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('a command ends for its client only when all it said has gone out', async () => {
  const socket = new SlowSocket();
  const streams = webSocketStreams(
    socket as unknown as WebSocket,
    { stdin: false, stdout: true, stderr: true, tty: false },
    new FakeClock(),
  );
  streams.stdout?.write('one');
  streams.stdout?.write('two');
  streams.stderr?.write('careful');
  const finished = streams.finish({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
  });
  for (let message = 0; message < 4; message += 1) await socket.take();
  await finished;
  assert.deepEqual(
    socket.sent.map((text) => text.slice(0, 9)),
    ['1:one', '2:careful', '1:two', '3:{"kind"', 'close'],
  );
});
