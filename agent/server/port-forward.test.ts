import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import { silentLogger } from '../../machinery/log/log.js';
import { forwardPorts } from './port-forward.js';
import { SpdyConnection } from './spdy/connection.js';
import { controlFrame, frameTypes, numbers } from './spdy/frames.js';
import { HeaderCodec } from './spdy/headers.js';

test('port forwarding forgets a stream that goes before its other half came', async () => {
  const [near, far] = duplexPair();
  const connection = new SpdyConnection(near);
  const asked: number[] = [];
  const refuse = (port: number): Promise<never> => {
    asked.push(port);
    return Promise.reject(new Error('nobody there'));
  };
  const done = forwardPorts(connection, refuse, silentLogger);
  const codec = new HeaderCodec();
  let answered = 0;
  far.on('data', () => (answered += 1));
  const open = async (id: number, streamtype: string): Promise<void> => {
    const block = await codec.encode(
      new Map([
        ['streamtype', streamtype],
        ['port', '80'],
        ['requestid', '0'],
      ]),
    );
    const payload = Buffer.concat([numbers(id, 0), Buffer.alloc(2), block]);
    far.write(controlFrame(frameTypes.synStream, payload));
  };
  await open(1, 'error');
  far.write(controlFrame(frameTypes.rstStream, numbers(1, 5)));
  // Its request is over: the other half finds nothing to go with, until an error stream comes again.
  await open(3, 'data');
  far.write(controlFrame(frameTypes.ping, numbers(1)));
  while (answered < 3) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(asked, []);
  await open(5, 'error');
  while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
  connection.close();
  await done;
});
