import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { FakeClock } from '../../machinery/clock/clock.js';
import { systemRandom } from '../../machinery/clock/random.js';
import { Metrics } from '../../machinery/metrics/metrics.js';
import { storeContract } from './contract.js';
import { openEmbeddedStore } from './embedded.js';
import { DecryptionError, encryptingStore } from './encrypting.js';
import { openKeyRing } from './key-ring.js';
import { openMemoryStore } from './memory.js';
import type { KeyRing } from './key-ring.js';
import type { Store } from './store.js';

const ringOf = (...ids: readonly string[]): KeyRing => {
  const secrets = new Map(ids.map((id) => [id, Buffer.alloc(32, id)]));
  const id = ids[0] ?? '';
  return {
    current: { id, secret: secrets.get(id) ?? Buffer.alloc(32) },
    find: (wanted) => secrets.get(wanted),
  };
};

const wrap = (store: Store, keys: KeyRing): Store =>
  encryptingStore({ store, prefixes: ['/secrets/'], keys, random: systemRandom });

async function inTemporaryDirectory(body: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'pintle-keys-'));
  try {
    await body(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

storeContract('encrypting', () =>
  Promise.resolve({
    store: encryptingStore({
      store: openMemoryStore(),
      prefixes: ['/'],
      keys: ringOf('one'),
      random: systemRandom,
    }),
    dispose: () => Promise.resolve(),
  }),
);

test('encrypting store keeps secrets from the store below and leaves the rest readable', async () => {
  const inner = openMemoryStore();
  const store = wrap(inner, ringOf('one'));
  const value = Buffer.from('hunter2');
  await store.txn(
    [],
    [
      { type: 'put', key: '/secrets/a', value },
      { type: 'put', key: '/pods/a', value },
    ],
  );
  const below = (await inner.get('/secrets/a'))?.value.toString('latin1') ?? '';
  assert.ok(below.startsWith('pintle:aes256gcm:v1:one:') && !below.includes('hunter2'));
  assert.equal((await inner.get('/pods/a'))?.value.toString(), 'hunter2');
  // Another process has only what is stored.
  assert.equal((await wrap(inner, ringOf('one')).get('/secrets/a'))?.value.toString(), 'hunter2');
});

test('encrypting store reads what an older key encrypted and writes with the first', async () => {
  const inner = openMemoryStore();
  const value = Buffer.from('v');
  await wrap(inner, ringOf('old')).txn([], [{ type: 'put', key: '/secrets/a', value }]);
  const store = wrap(inner, ringOf('new', 'old'));
  assert.equal((await store.get('/secrets/a'))?.value.toString(), 'v');
  await store.txn([], [{ type: 'put', key: '/secrets/a', value }]);
  assert.match((await inner.get('/secrets/a'))?.value.toString('latin1') ?? '', /:new:/);
});

test('encrypting store refuses what it did not encrypt', async () => {
  const inner = openMemoryStore();
  const store = wrap(inner, ringOf('one'));
  const value = Buffer.from('v');
  await store.txn([], [{ type: 'put', key: '/secrets/a', value }]);
  const sealed = (await inner.get('/secrets/a'))?.value ?? Buffer.alloc(0);
  const changed = Buffer.from(sealed);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  for (const [what, forged] of Object.entries({
    'a value of another name': Buffer.from(sealed),
    'a changed value': changed,
    'a plain value': value,
    'a cut value': sealed.subarray(0, 30),
    'a value of an unknown key': Buffer.from('pintle:aes256gcm:v1:two:xxxx'),
  })) {
    const key = what === 'a changed value' ? '/secrets/a' : '/secrets/b';
    await inner.txn([], [{ type: 'put', key, value: forged }]);
    await assert.rejects(wrap(inner, ringOf('one')).get(key), DecryptionError, what);
  }
});

test('a key ring is made once, for its owner only, and never replaced', () =>
  inTemporaryDirectory(async (directory) => {
    const file = path.join(directory, 'keys.json');
    const random = systemRandom;
    await assert.rejects(openKeyRing({ file, mayCreate: false, random }), /is missing/);
    const made = await openKeyRing({ file, mayCreate: true, random });
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const read = await openKeyRing({ file, mayCreate: true, random });
    assert.deepEqual(read.current, made.current);
    await chmod(file, 0o644);
    await assert.rejects(openKeyRing({ file, mayCreate: true, random }), /chmod 600/);
    await chmod(file, 0o600);
    await writeFile(file, '{"keys":[{"id":"x","secret":"c2hvcnQ="}]}');
    await assert.rejects(openKeyRing({ file, mayCreate: true, random }), (error: Error) => {
      assert.ok(!error.message.includes('c2hvcnQ='));
      return error.message.includes('is not a key file');
    });
  }));

test('an embedded store keeps no secret in the clear on disk and compacts old history', () =>
  inTemporaryDirectory(async (directory) => {
    const clock = new FakeClock();
    const metrics = new Metrics();
    const store = await openEmbeddedStore({
      directory: path.join(directory, 'store'),
      encryptedPrefixes: ['/secrets/'],
      clock,
      random: systemRandom,
      metrics,
      onError: (error) => {
        throw error;
      },
    });
    for (const text of ['plain-text-marker', 'plain-text-marker-2'])
      await store.txn([], [{ type: 'put', key: '/secrets/a', value: Buffer.from(text) }]);
    await clock.advance(5 * 60_000 - 1);
    assert.equal((await store.list({ prefix: '/', atRevision: 1 })).entries.length, 1);
    await clock.advance(2 * 60_000);
    assert.equal((await store.get('/secrets/a'))?.value.toString(), 'plain-text-marker-2');
    assert.match((await metrics.render()).body, /pintle_store_commit_transactions_count \d/);
    await store.close();
    const bytes = await readFile(path.join(directory, 'store', 'store.mdb'));
    assert.equal(bytes.indexOf('plain-text-marker'), -1);
    assert.equal(clock.pendingTimers, 0);
  }));
