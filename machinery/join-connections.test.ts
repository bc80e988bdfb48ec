import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { joinConnections } from './join-connections.js';

/** A connection by hand: what it hears stays under way until it is let through. */
class Slow extends Duplex {
  heard = '';
  private letThrough: (() => void) | undefined;
  private holding = true;

  override _read(): void {
    // What it says is pushed by the test.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const arrive = (): void => {
      this.heard += chunk.toString();
      done();
    };
    if (this.holding) this.letThrough = arrive;
    else arrive();
  }

  release(): void {
    this.holding = false;
    this.letThrough?.();
  }
}

async function hangUp(side: Slow, lastWords: string): Promise<void> {
  side.release();
  side.push(lastWords);
  side.push(null);
  side.end();
  await once(side, 'close');
}

test('joined connections deliver what was under way when one of them closed', async () => {
  const [client, server] = [new Slow(), new Slow()];
  const joined = joinConnections(client, server);
  await hangUp(server, 'the exit code');
  client.push('too late');
  assert.equal(client.destroyed, false);
  client.release();
  await once(client, 'finish');
  assert.equal(client.heard, 'the exit code');
  client.push(null);
  await joined;
});

for (const [name, breakOff] of [
  ['fails', (side: Duplex) => side.destroy(new Error('reset'))],
  ['goes without a word', (side: Duplex) => side.destroy()],
] as const) {
  test(`a connection that ${name} breaks off the one it is joined with`, async () => {
    const [client, server] = [new Slow(), new Slow()];
    const joined = joinConnections(client, server);
    client.push('more');
    breakOff(client);
    await joined;
    assert.equal(server.destroyed, true);
  });
}

test('joined sockets carry both ways until both have ended', async () => {
  const listener = createServer({ allowHalfOpen: true });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const dial = async (): Promise<readonly [Socket, Socket]> => {
    const { port } = listener.address() as AddressInfo;
    const near = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const [far] = (await once(listener, 'connection')) as [Socket];
    return [near, far];
  };
  const [left, leftEnd] = await dial();
  const [right, rightEnd] = await dial();
  listener.close();
  const joined = joinConnections(leftEnd, rightEnd);
  const size = 8 * 1024 * 1024;
  left.end('question');
  const [question] = (await once(right, 'data')) as [Buffer];
  assert.equal(question.toString(), 'question');
  right.end(Buffer.alloc(size));
  let heard = 0;
  for await (const chunk of left) heard += (chunk as Buffer).length;
  assert.equal(heard, size);
  await joined;
});
