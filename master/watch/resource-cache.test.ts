import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasReason } from '../../api/meta/status-error.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { openMemoryStore } from '../store/memory.js';
import { watchLimits } from './limits.js';
import { createResourceStore } from './resource-cache.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceStore } from './resource-store.js';
import type { WatchEvent } from './watch-event.js';
import type { Watch } from './watcher.js';

const prefix = '/registry/configmaps/';

const keyOf = (name: string, namespace = 'default'): string => `${prefix}${namespace}/${name}`;

const configMap = (name: string, app = 'web'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name,
    namespace: 'default',
    uid: `uid-${name}`,
    creationTimestamp: '2026-01-01T00:00:00Z',
    resourceVersion: '',
    labels: { app },
  },
});

async function open(store = openMemoryStore()) {
  const clock = new FakeClock();
  const cache = await createResourceStore({
    store,
    clock,
    prefix,
    kind: 'ConfigMap',
    apiVersion: 'v1',
    freeze: true,
  });
  return { store, clock, cache };
}

async function created(cache: ResourceStore, name: string, app?: string) {
  const result = await cache.create(keyOf(name), configMap(name, app));
  assert.ok(result.written);
  return result.stored;
}

/** Takes events until `count` have come. */
async function take(watch: Watch<KubeObject>, count: number): Promise<WatchEvent[]> {
  const events: WatchEvent[] = [];
  while (events.length < count) {
    const batch = await watch.next();
    if (batch === undefined) break;
    events.push(...batch);
  }
  return events;
}

const shown = (events: readonly WatchEvent[]): string[] =>
  events.map(({ type, stored, revision }) => `${type} ${stored?.name ?? '-'} ${String(revision)}`);

test('a created object carries its revision in its bytes and in its parsed form', async () => {
  const { cache } = await open();
  const stored = await created(cache, 'one');
  assert.equal(stored.object.metadata.resourceVersion, '1');
  assert.deepEqual(JSON.parse(stored.bytes.toString()), stored.object);
  assert.equal((await cache.get(keyOf('one')))?.bytes, stored.bytes);
});

test('a write that expects another revision changes nothing and gives the current object', async () => {
  const { cache } = await open();
  const first = await created(cache, 'one');
  const again = await cache.create(keyOf('one'), configMap('one'));
  assert.deepEqual(again, { written: false, current: first });
  const object = configMap('one', 'db');
  const stale = await cache.update({ key: keyOf('one'), object, modRevision: 9 });
  assert.deepEqual(stale, { written: false, current: first });
  assert.deepEqual(await cache.delete(keyOf('one'), 9), { written: false, current: first });
});

test('an update with the same content writes nothing', async () => {
  const { cache, store } = await open();
  const first = await created(cache, 'one');
  const result = await cache.update({
    key: keyOf('one'),
    object: { ...first.object },
    modRevision: first.modRevision,
  });
  assert.deepEqual(result, { written: true, stored: first });
  assert.equal(store.revision(), 1);
});

test('a watch shows changes in order, deletions with the last state under the new revision', async () => {
  const { cache } = await open();
  const watch = await cache.watch({ afterRevision: 0 });
  const one = await created(cache, 'one');
  await cache.update({ key: one.key, object: configMap('one', 'db'), modRevision: 1 });
  await cache.delete(one.key, 2);
  const events = await take(watch, 3);
  assert.deepEqual(shown(events), ['ADDED one 1', 'MODIFIED one 2', 'DELETED one 3']);
  assert.deepEqual(events[2]?.stored?.object, {
    ...configMap('one', 'db'),
    metadata: { ...configMap('one', 'db').metadata, resourceVersion: '3' },
  });
  const line = events[2].line().toString();
  assert.ok(line.endsWith('}\n'));
  assert.deepEqual(JSON.parse(line), { type: 'DELETED', object: events[2].stored.object });
});

test('a selective watch sees objects come and go as they start and stop matching', async () => {
  const { cache } = await open();
  const watch = await cache.watch({
    afterRevision: 0,
    predicate: (object) => object.metadata.labels?.app === 'web',
  });
  await created(cache, 'one', 'db');
  await cache.update({ key: keyOf('one'), object: configMap('one', 'web'), modRevision: 1 });
  await cache.update({ key: keyOf('one'), object: configMap('one', 'db'), modRevision: 2 });
  await cache.update({ key: keyOf('one'), object: configMap('one', 'other'), modRevision: 3 });
  await created(cache, 'last', 'web');
  const events = await take(watch, 3);
  assert.deepEqual(shown(events), ['ADDED one 2', 'DELETED one 3', 'ADDED last 5']);
  assert.equal(events[1]?.stored?.object.metadata.labels?.app, 'web');
  assert.equal(events[1].stored.object.metadata.resourceVersion, '3');
});

test('all watchers of an event share its bytes', async () => {
  const { cache } = await open();
  const [first, second] = [
    await cache.watch({ afterRevision: 0 }),
    await cache.watch({ afterRevision: 0, namespace: 'default' }),
  ];
  await created(cache, 'one');
  const lines = [(await take(first, 1))[0]?.line(), (await take(second, 1))[0]?.line()];
  assert.ok(lines[0] !== undefined && lines[0] === lines[1]);
});

test('a watch-list gives the state, the bookmark that ends it, and then changes', async () => {
  const { cache } = await open();
  await created(cache, 'one');
  await created(cache, 'two');
  const watch = await cache.watch({ initialEvents: 'state-and-end', bookmarks: true });
  await created(cache, 'three');
  const events = await take(watch, 4);
  assert.deepEqual(shown(events), ['ADDED one 1', 'ADDED two 2', 'BOOKMARK - 2', 'ADDED three 3']);
  assert.deepEqual(JSON.parse(events[2]?.line().toString() ?? ''), {
    type: 'BOOKMARK',
    object: {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { resourceVersion: '2', annotations: { 'k8s.io/initial-events-end': 'true' } },
    },
  });
});

test('a watch with bookmarks gets one each minute, with the revision of the whole store', async () => {
  const { cache, store, clock } = await open();
  const watch = await cache.watch({ afterRevision: 0, bookmarks: true });
  await store.txn([], [{ type: 'put', key: '/registry/other/x', value: Buffer.from('x') }]);
  await clock.advance(watchLimits.bookmarkIntervalMs);
  assert.deepEqual(shown(await take(watch, 1)), ['BOOKMARK - 1']);
  watch.stop();
  assert.equal(clock.pendingTimers, 0);
});

test('a watch older than the cache is served from the history of the store', async () => {
  const store = openMemoryStore();
  const before = await open(store);
  await created(before.cache, 'one');
  await created(before.cache, 'two');
  const { cache } = await open(store);
  const watch = await cache.watch({ afterRevision: 1 });
  await created(cache, 'three');
  assert.deepEqual(shown(await take(watch, 2)), ['ADDED two 2', 'ADDED three 3']);
});

test('a watch resumed further behind than a buffer holds is given everything it missed', async () => {
  const { cache } = await open();
  const missed = watchLimits.watcherBufferEvents + watchLimits.watcherBatchEvents;
  const first = await created(cache, 'one');
  let modRevision = first.modRevision;
  for (let turn = 0; turn < missed; turn++) {
    const object = configMap('one', String(turn));
    const result = await cache.update({ key: keyOf('one'), object, modRevision });
    assert.ok(result.written);
    modRevision = result.stored.modRevision;
  }
  const watch = await cache.watch({ afterRevision: first.modRevision });
  await created(cache, 'two');
  const events = await take(watch, missed + 1);
  const expected = Array.from({ length: missed + 1 }, (_, turn) => first.modRevision + 1 + turn);
  assert.deepEqual(
    events.map(({ revision }) => revision),
    expected,
  );
  assert.equal(watch.ended(), undefined);
});

test('a watch that stays behind reads the history at its own pace, each event once', async () => {
  const { cache } = await open();
  const first = await created(cache, 'one');
  let modRevision = first.modRevision;
  const change = async (times: number): Promise<void> => {
    for (let turn = 0; turn < times; turn++) {
      const object = configMap('one', String(modRevision));
      const result = await cache.update({ key: keyOf('one'), object, modRevision });
      assert.ok(result.written);
      modRevision = result.stored.modRevision;
    }
  };
  await change(watchLimits.windowEvents + watchLimits.historyPageEvents);
  const watch = await cache.watch({ afterRevision: first.modRevision });
  const seen: number[] = [];
  // As many as a buffer holds are written between two looks, and more are read than written.
  while (seen.length < 3 * watchLimits.windowEvents) {
    for (const { revision } of (await watch.next()) ?? []) seen.push(revision);
    if (seen.length < 2 * watchLimits.windowEvents) await change(watchLimits.historyPageEvents / 2);
    else if (seen.at(-1) === modRevision) await change(10);
  }
  assert.equal(watch.ended(), undefined);
  assert.deepEqual(
    seen,
    seen.map((_, index) => first.modRevision + 1 + index),
  );
});

test('a watch that stays behind ends when what it has not read yet is compacted', async () => {
  const { cache, store } = await open();
  for (let index = 0; index < watchLimits.windowEvents + 2 * watchLimits.historyPageEvents; index++)
    await created(cache, `object-${String(index)}`);
  const watch = await cache.watch({ afterRevision: 1 });
  assert.equal((await watch.next())?.length, watchLimits.historyPageEvents);
  await store.compact(store.revision());
  assert.equal(await watch.next(), undefined);
  assert.equal(watch.ended(), 'too-slow');
});

test('a watch or list older than the history is Expired, one of the future too large', async () => {
  const { cache, store } = await open();
  await created(cache, 'one');
  await created(cache, 'two');
  await store.compact(2);
  const { cache: restarted } = await open(store);
  await assert.rejects(restarted.watch({ afterRevision: 1 }), (error) =>
    hasReason(error, 'Expired'),
  );
  await assert.rejects(restarted.list({ atRevision: 1 }), (error) => hasReason(error, 'Expired'));
  await assert.rejects(restarted.list({ atRevision: 9 }), /Too large resource version: 9/);
});

test('a list at a revision that was compacted is Expired even where nothing changed since', async () => {
  const { cache, store } = await open();
  for (const name of ['a', 'b']) await created(cache, name);
  await store.txn([], [{ type: 'put', key: '/registry/pods/x', value: Buffer.from('{}') }]);
  await store.compact(2);
  const second = { limit: 1, continueAfter: keyOf('a'), atRevision: 2 };
  assert.equal((await cache.list(second)).items.length, 1);
  await store.compact(3);
  await assert.rejects(cache.list(second), (error) => hasReason(error, 'Expired'));
});

test('a watcher that does not read is cut off without hurting others', async () => {
  const { cache } = await open();
  const slow = await cache.watch({ afterRevision: 0 });
  const quick = await cache.watch({ afterRevision: 0 });
  let seen = 0;
  for (let index = 0; index <= watchLimits.watcherBufferEvents; index += 1) {
    await created(cache, `object-${String(index)}`);
    seen += (await take(quick, 1)).length;
  }
  assert.equal(slow.ended(), 'too-slow');
  assert.equal(await slow.next(), undefined);
  assert.equal(seen, watchLimits.watcherBufferEvents + 1);
  assert.equal(cache.watchers(), 1);
});

test('pages of a list show one revision however much is written meanwhile', async () => {
  const { cache } = await open();
  for (const name of ['a', 'b', 'c', 'd']) await created(cache, name);
  const first = await cache.list({ namespace: 'default', limit: 2 });
  assert.deepEqual(
    { names: first.items.map(({ name }) => name), remaining: first.remaining },
    { names: ['a', 'b'], remaining: 2 },
  );
  await cache.delete(keyOf('c'), 3);
  await created(cache, 'bb');
  const second = await cache.list({
    namespace: 'default',
    limit: 2,
    continueAfter: first.continueAfter,
    atRevision: first.revision,
  });
  assert.deepEqual(
    second.items.map(({ name }) => name),
    ['c', 'd'],
  );
  assert.equal(second.continueAfter, undefined);
});

test('a list at a past revision shows what was, from memory', async () => {
  const store = openMemoryStore();
  const { cache } = await open(store);
  for (const name of ['a', 'b', 'c']) await created(cache, name);
  await cache.update({ key: keyOf('a'), object: configMap('a', 'db'), modRevision: 1 });
  await cache.delete(keyOf('b'), 2);
  await created(cache, 'bb');
  await created(cache, 'b');
  const past: readonly (readonly [number, readonly string[]])[] = [
    [3, ['a 1', 'b 2', 'c 3']],
    [4, ['a 4', 'b 2', 'c 3']],
    [5, ['a 4', 'c 3']],
    [6, ['a 4', 'bb 6', 'c 3']],
    [7, ['a 4', 'b 7', 'bb 6', 'c 3']],
  ];
  // Nothing of it comes from the store.
  await store.close();
  for (const [atRevision, expected] of past) {
    const { items, revision } = await cache.list({ atRevision });
    assert.deepEqual(
      items.map(({ name, modRevision }) => `${name} ${String(modRevision)}`),
      expected,
    );
    assert.equal(revision, atRevision);
  }
  const { items, remaining, continueAfter } = await cache.list({ atRevision: 3, limit: 1 });
  assert.deepEqual([items.length, remaining, continueAfter], [1, 2, keyOf('a')]);
});

test('a watch with bookmarks gets one shortly before it is ended', async () => {
  const { cache, clock } = await open();
  const watch = await cache.watch({ afterRevision: 0, bookmarks: true, endsAfterMs: 5_000 });
  await created(cache, 'one');
  await clock.advance(3_000);
  assert.deepEqual(shown(await take(watch, 2)), ['ADDED one 1', 'BOOKMARK - 1']);
  watch.stop();
  assert.equal(clock.pendingTimers, 0);
});

test('a watcher that lets too many bytes wait is cut off, those who read are not', async () => {
  const { cache } = await open();
  const slow = await cache.watch({ afterRevision: 0 });
  const quick = await cache.watch({ afterRevision: 0 });
  const large = 'x'.repeat(watchLimits.watcherBufferBytes / 16);
  for (let index = 0; index < 17; index += 1) {
    const name = `object-${String(index)}`;
    const object: KubeObject & { data: object } = { ...configMap(name), data: { large } };
    await cache.create(keyOf(name), object);
    assert.equal((await take(quick, 1)).length, 1);
  }
  assert.deepEqual([slow.ended(), quick.ended()], ['too-slow', undefined]);
});

test('a watch ends when its signal is aborted', async () => {
  const { cache } = await open();
  const stopping = new AbortController();
  const watch = await cache.watch({ afterRevision: 0, signal: stopping.signal });
  const next = watch.next();
  stopping.abort();
  assert.equal(await next, undefined);
  assert.equal(watch.ended(), 'stopped');
  assert.equal(cache.watchers(), 0);
});

test('a watch is handed no more at once than a slow client may hold', async () => {
  const { cache } = await open();
  const text = 'x'.repeat(100_000);
  const ofOneBatch = Math.ceil(watchLimits.watcherBatchBytes / text.length);
  const count = 3 * ofOneBatch;
  const early = await cache.watch({ afterRevision: 0 });
  for (let index = 0; index < count; index++) {
    await created(cache, `object-${String(index)}`, text);
  }
  const late = await cache.watch({ initialEvents: 'state' });
  const missed = await cache.watch({ afterRevision: 1 });
  for (const watch of [early, late, missed]) {
    assert.equal((await watch.next())?.length, ofOneBatch);
  }
});
