import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../machinery/clock/clock.js';
import { storeContract } from './contract.js';
import { openLmdbStore } from './lmdb.js';
import { CompactedError } from './store.js';

const temporaryDirectory = (): Promise<string> => mkdtemp(path.join(tmpdir(), 'pintle-store-'));
const remove = (directory: string): Promise<void> =>
  rm(directory, { recursive: true, force: true });

storeContract('lmdb', async () => {
  const directory = await temporaryDirectory();
  return {
    store: openLmdbStore({ directory, clock: systemClock }),
    dispose: () => remove(directory),
  };
});

test('lmdb store opens again with everything in it, its history and its revision', async () => {
  const parent = await temporaryDirectory();
  const directory = path.join(parent, 'store');
  try {
    const first = openLmdbStore({ directory, clock: systemClock });
    assert.equal((await stat(directory)).mode & 0o777, 0o700);
    for (const text of ['1', '2', '3'])
      await first.txn([], [{ type: 'put', key: '/a', value: Buffer.from(text) }]);
    await first.txn([], [{ type: 'delete', key: '/a' }]);
    await first.compact(2);
    await first.close();
    const second = openLmdbStore({ directory, clock: systemClock });
    assert.equal(second.revision(), 4);
    const page = await second.list({ prefix: '/', atRevision: 3 });
    assert.equal(page.entries[0]?.value.toString(), '3');
    await assert.rejects(second.list({ prefix: '/', atRevision: 1 }), CompactedError);
    // The last version is a deletion: compacting it away must not turn the revision back.
    await second.compact(4);
    await second.close();
    const third = openLmdbStore({ directory, clock: systemClock });
    assert.equal(third.revision(), 4);
    assert.deepEqual(await third.txn([], [{ type: 'put', key: '/a', value: Buffer.from('5') }]), {
      succeeded: true,
      revision: 5,
    });
    await third.close();
  } finally {
    await remove(parent);
  }
});
