import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import { configMaps } from '../../api/core/v1/config-map.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { eventually } from '../../testing/eventually.js';
import { bookmarkEvent } from '../watch/watch-event.js';
import type { Watch } from '../watch/watcher.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { slowestDrainMs } from './limits.js';
import { negotiate } from './negotiation.js';
import { sendWatch, WatchPace } from './watch-writer.js';

/** A watch whose events never end. */
function endless(): Watch<KubeObject> & { stopped: boolean; taken: number } {
  const kind = 'x'.repeat(256 * 1024);
  const event = bookmarkEvent({ kind, apiVersion: 'v1', revision: 1, endsInitialEvents: false });
  const watch = {
    stopped: false,
    taken: 0,
    next: () => {
      watch.taken += 1;
      return Promise.resolve(watch.stopped ? undefined : [event]);
    },
    stop: () => {
      watch.stopped = true;
    },
    ended: () => undefined,
    [Symbol.asyncIterator]: () => assert.fail('it is asked for its next batch'),
  };
  return watch;
}

test('a watch whose client takes nothing is broken off', { timeout: 10_000 }, async () => {
  const clock = new FakeClock(0);
  const watch = endless();
  const pace = new WatchPace(clock);
  const accepted = negotiate('application/json');
  assert.ok(accepted !== undefined);
  const server = createServer((request, response) => {
    const target = {
      request,
      response,
      accepted,
      query: new URLSearchParams(),
      warnings: [],
      clock,
    };
    const answer = { type: 'watch', status: 200, watch, timeoutMs: 1e9, resource: configMaps };
    void sendWatch(target, answer as Parameters<typeof sendWatch>[1], {
      pace,
      shown: () => undefined,
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.pause();
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  let taken = -1;
  // Until the connection holds all it can.
  await eventually(
    async () => {
      const before = taken;
      await clock.advance(10);
      taken = watch.taken;
      assert.ok(taken > 1 && taken === before, 'it still writes');
    },
    { timeoutMs: 5_000, what: 'the watch to be stuck' },
  );
  assert.equal(watch.stopped, false);
  await clock.advance(slowestDrainMs);
  await eventually(
    () => {
      assert.ok(watch.stopped);
    },
    { timeoutMs: 5_000, what: 'the watch to end' },
  );
  client.destroy();
  server.close();
});
