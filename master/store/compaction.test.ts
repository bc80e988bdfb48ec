import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../machinery/clock/clock.js';
import { compactedStore, startCompaction } from './compaction.js';
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

test('a compacted store forgets its history until it is closed', async () => {
  const clock = new FakeClock();
  const onError = (error: unknown): never => {
    throw error;
  };
  const store = compactedStore({ store: openMemoryStore(), clock, onError });
  const write = () => store.txn([], [{ type: 'put', key: '/a', value: Buffer.from('v') }]);
  await write();
  await clock.advance(storeLimits.compactionIntervalMs);
  await write();
  await clock.advance(storeLimits.historyMs + storeLimits.compactionIntervalMs);
  assert.equal(store.compactedRevision(), 2);
  await store.close();
  assert.equal(clock.pendingTimers, 0);
});
