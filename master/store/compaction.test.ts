import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../machinery/clock/clock.js';
import { startCompaction } from './compaction.js';
import { storeLimits } from './limits.js';
import { openMemoryStore } from './memory.js';
import { CompactedError } from './store.js';

test('compaction keeps the history of the last minutes and forgets what is older', async () => {
  const clock = new FakeClock();
  const store = openMemoryStore();
  const stop = startCompaction({
    store,
    clock,
    onError: (error) => {
      throw error;
    },
  });
  const write = () => store.txn([], [{ type: 'put', key: '/a', value: Buffer.from('v') }]);
  await write();
  await write();
  await clock.advance(storeLimits.compactionIntervalMs);
  await write();
  await clock.advance(storeLimits.historyMs - 1);
  await store.list({ prefix: '/', atRevision: 1 });
  await clock.advance(storeLimits.compactionIntervalMs);
  await assert.rejects(store.list({ prefix: '/', atRevision: 1 }), CompactedError);
  await store.list({ prefix: '/', atRevision: 2 });
  stop();
  assert.equal(clock.pendingTimers, 0);
});
