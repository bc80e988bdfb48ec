import assert from 'node:assert/strict';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../machinery/clock/clock.js';
import { systemExec } from '../../machinery/exec/exec.js';
import { openLmdbStore } from '../../master/store/lmdb.js';
import { StoreUnavailableError } from '../../master/store/store.js';
import type { Store } from '../../master/store/store.js';

/** Writes until the disk is full; gives the keys acknowledged. A rejection nobody awaits would fail the test. */
async function fill(store: Store): Promise<readonly string[]> {
  const acknowledged: string[] = [];
  for (let failures = 0; failures < 3;) {
    const keys = Array.from(
      { length: 16 },
      (_, index) => `/${String(acknowledged.length)}/${String(index)}`,
    );
    const results = await Promise.allSettled(
      keys.map((key) => store.txn([], [{ type: 'put', key, value: Buffer.alloc(2000) }])),
    );
    for (const [index, result] of results.entries()) {
      if (result.status === 'fulfilled') acknowledged.push(keys[index] ?? '');
      else assert.ok(result.reason instanceof StoreUnavailableError);
    }
    if (results.some(({ status }) => status === 'rejected')) failures += 1;
  }
  return acknowledged;
}

test('lmdb store refuses writes while its disk is full and goes on when there is room', async () => {
  const mount = await mkdtemp(path.join(tmpdir(), 'pintle-store-full-'));
  await systemExec(['mount', '-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', mount]);
  try {
    const directory = path.join(mount, 'store');
    const store = openLmdbStore({ directory, clock: systemClock });
    const revisions: number[] = [];
    await store.watch({
      prefix: '/',
      afterRevision: 0,
      onEvents: (_, revision) => revisions.push(revision),
      onError: (error) => {
        throw error;
      },
    });
    const acknowledged = await fill(store);
    assert.ok(acknowledged.length > 100);
    await systemExec(['mount', '-o', 'remount,size=20m', mount]);
    const result = await store.txn([], [{ type: 'put', key: '/more', value: Buffer.alloc(2000) }]);
    assert.ok(result.succeeded);
    assert.deepEqual(
      revisions,
      Array.from({ length: store.revision() }, (_, index) => index + 1),
    );
    await store.close();
    const again = openLmdbStore({ directory, clock: systemClock });
    for (const key of [...acknowledged, '/more'])
      assert.ok((await again.get(key)) !== undefined, key);
    assert.equal(again.revision(), result.revision);
    await again.close();
  } finally {
    await systemExec(['umount', mount]);
    await rmdir(mount);
  }
});
