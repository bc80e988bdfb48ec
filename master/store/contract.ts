/** What every store must do, as tests. `storeContract('lmdb', open)` runs them on one implementation. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { storeLimits } from './limits.js';
import { CompactedError, InvalidKeyError, StoreUnavailableError } from './store.js';
import type { HistoryRequest, Store, StoreEvent, StoreOperation } from './store.js';
import { propertyRuns } from '../../testing/property-runs.js';

const put = (key: string, text = key): StoreOperation => ({
  type: 'put',
  key,
  value: Buffer.from(text),
});
const del = (key: string): StoreOperation => ({ type: 'delete', key });

const eventText = (event: StoreEvent): string => {
  const previous = event.previous === undefined ? '' : ` was ${event.previous.value.toString()}`;
  return event.type === 'put'
    ? `${String(event.entry.modRevision)} put ${event.entry.key}=${event.entry.value.toString()}${previous}`
    : `${String(event.revision)} delete ${event.key}${previous}`;
};

const failed = (error: Error): void => {
  throw error;
};

async function follow(store: Store, prefix: string, afterRevision: number) {
  const events: string[] = [];
  const stop = await store.watch({
    prefix,
    afterRevision,
    onEvents: (batch) => {
      events.push(...batch.map(eventText));
    },
    onError: failed,
  });
  return { events, stop };
}

async function texts(store: Store, request: Parameters<Store['list']>[0]): Promise<string[]> {
  const { entries } = await store.list(request);
  return entries.map(({ key, value }) => `${key}=${value.toString()}`);
}

/** Runs the contract; `open` gives an empty store each time, and is told when the test is over. */
export function storeContract(
  name: string,
  open: () => Promise<{ readonly store: Store; readonly dispose: () => Promise<void> }>,
): void {
  const check = (title: string, body: (store: Store) => Promise<void>): void => {
    test(`${name} store ${title}`, async () => {
      const { store, dispose } = await open();
      try {
        await body(store);
      } finally {
        await store.close();
        await dispose();
      }
    });
  };
  writes(check);
  reads(check);
  watches(check);
  histories(check);
  test(`${name} store behaves like its model`, () => likeItsModel(open));
}

type Check = (title: string, body: (store: Store) => Promise<void>) => void;

function histories(check: Check): void {
  const unbounded = { limit: Infinity, limitBytes: Infinity };
  const page = async (store: Store, request: Partial<HistoryRequest>) => {
    const whole = { prefix: '/', afterRevision: 0, ...unbounded, ...request };
    const { events, throughRevision } = await store.history(whole);
    return [...events.map(eventText), `through ${String(throughRevision)}`];
  };

  check('shows its history of a prefix after a revision', async (store) => {
    await store.txn([], [put('/a', '1'), put('/b', '1')]);
    await store.txn([], [put('/b', '2')]);
    await store.txn([], [del('/a')]);
    assert.deepEqual(await page(store, {}), [
      '1 put /a=1',
      '1 put /b=1',
      '2 put /b=2 was 1',
      '3 delete /a was 1',
      'through 3',
    ]);
    assert.deepEqual(await page(store, { prefix: '/b', afterRevision: 1 }), [
      '2 put /b=2 was 1',
      'through 3',
    ]);
    assert.deepEqual(await page(store, { afterRevision: 3 }), ['through 3']);
  });

  check('ends a page of history with the transaction that fills it', async (store) => {
    await store.txn([], [put('/a', '12'), put('/b', '12')]);
    await store.txn([], [put('/a', '3')]);
    await store.txn([], [put('/a', '4')]);
    const first = ['1 put /a=12', '1 put /b=12', 'through 1'];
    assert.deepEqual(await page(store, { limit: 1 }), first);
    assert.deepEqual(await page(store, { limitBytes: 3 }), first);
    const rest = { afterRevision: 1, limit: 2 };
    assert.deepEqual(await page(store, rest), [
      '2 put /a=3 was 12',
      '3 put /a=4 was 3',
      'through 3',
    ]);
    assert.deepEqual(await page(store, { prefix: '/b', limit: 1 }), ['1 put /b=12', 'through 1']);
  });

  check('reads a long history page by page, as a watch tells it', async (store) => {
    const turns = Array.from({ length: 2 * storeLimits.replayBatchRevisions }, (_, turn) => turn);
    await Promise.all(
      turns.map((turn) =>
        store.txn([], [put(turn % 7 === 0 ? '/seldom' : '/often', String(turn))]),
      ),
    );
    const { events: told, stop } = await follow(store, '/seldom', 0);
    stop();
    const read: string[] = [];
    for (let after = 0; after < store.revision();) {
      const request = { prefix: '/seldom', afterRevision: after, limit: 10, limitBytes: Infinity };
      const { events, throughRevision } = await store.history(request);
      read.push(...events.map(eventText));
      after = throughRevision;
    }
    assert.deepEqual(read, told);
  });

  check('refuses history that was compacted and history of the future', async (store) => {
    for (const value of ['1', '2', '3']) await store.txn([], [put('/a', value)]);
    await store.compact(2);
    await assert.rejects(page(store, { afterRevision: 1 }), CompactedError);
    await assert.rejects(page(store, { afterRevision: 4 }), CompactedError);
    assert.deepEqual(await page(store, { afterRevision: 2 }), ['3 put /a=3 was 2', 'through 3']);
  });
}

function writes(check: Check): void {
  check('starts empty at revision 0', async (store) => {
    assert.equal(store.revision(), 0);
    assert.equal(await store.get('/a'), undefined);
    assert.deepEqual(await store.list({ prefix: '/' }), { entries: [], more: false, revision: 0 });
  });

  check('gives every write the next revision and remembers who created a key', async (store) => {
    assert.deepEqual(await store.txn([], [put('/a', '1')]), { succeeded: true, revision: 1 });
    assert.deepEqual(await store.txn([], [put('/a', '2')]), { succeeded: true, revision: 2 });
    const value = Buffer.from('2');
    assert.deepEqual(await store.get('/a'), {
      key: '/a',
      value,
      createRevision: 1,
      modRevision: 2,
    });
    assert.deepEqual(await store.txn([], [del('/a')]), { succeeded: true, revision: 3 });
    assert.equal(await store.get('/a'), undefined);
    await store.txn([], [put('/a', '3')]);
    assert.equal((await store.get('/a'))?.createRevision, 4);
  });

  check('changes nothing when a comparison fails, and shows what is there', async (store) => {
    await store.txn([], [put('/a')]);
    const current = await store.get('/a');
    for (const compare of [
      [{ key: '/a', modRevision: 0 }],
      [{ key: '/a', modRevision: 7 }],
      [
        { key: '/a', modRevision: 1 },
        { key: '/b', modRevision: 1 },
      ],
    ]) {
      const result = await store.txn(compare, [put('/a', 'x'), put('/c')]);
      assert.deepEqual(result, {
        succeeded: false,
        current: compare.map(({ key }) => (key === '/a' ? current : undefined)),
      });
    }
    assert.equal(store.revision(), 1);
    assert.deepEqual(await texts(store, { prefix: '/' }), ['/a=/a']);
  });

  check('does all operations of a transaction at one revision', async (store) => {
    await store.txn([], [put('/a'), put('/b')]);
    const { events } = await follow(store, '/', 1);
    const compare = [
      { key: '/a', modRevision: 1 },
      { key: '/c', modRevision: 0 },
    ];
    await store.txn(compare, [put('/c', 'new'), del('/a'), del('/none')]);
    assert.deepEqual(events, ['2 put /c=new', '2 delete /a was /a']);
    assert.deepEqual(await texts(store, { prefix: '/' }), ['/b=/b', '/c=new']);
  });

  check('keeps its revision when a transaction changes nothing', async (store) => {
    await store.txn([], [put('/a')]);
    assert.deepEqual(await store.txn([], [del('/none')]), { succeeded: true, revision: 1 });
    assert.deepEqual(await store.txn([], []), { succeeded: true, revision: 1 });
    assert.equal(store.revision(), 1);
  });

  check('loses no update of concurrent writers', async (store) => {
    await store.txn([], [put('/count', '0')]);
    const increment = async (): Promise<void> => {
      for (;;) {
        const entry = await store.get('/count');
        assert.ok(entry !== undefined);
        const next = String(Number(entry.value.toString()) + 1);
        const compare = [{ key: '/count', modRevision: entry.modRevision }];
        if ((await store.txn(compare, [put('/count', next)])).succeeded) return;
      }
    };
    await Promise.all(Array.from({ length: 20 }, increment));
    assert.equal((await store.get('/count'))?.value.toString(), '20');
    assert.equal(store.revision(), 21);
  });

  check('refuses keys it could not hold with a clear error', async (store) => {
    const longest = `/${'k'.repeat(storeLimits.maxKeyBytes - 1)}`;
    await store.txn([], [put(longest, 'v')]);
    assert.equal((await store.get(longest))?.value.toString(), 'v');
    const tooLong = store.txn([], [put(`${longest}k`)]);
    await assert.rejects(tooLong, InvalidKeyError);
    await assert.rejects(tooLong, /is 1979 bytes long; at most 1978 are possible/);
    await assert.rejects(store.txn([], [put('/ü'.repeat(700))]), InvalidKeyError);
    await assert.rejects(store.txn([], [put('')]), InvalidKeyError);
    await assert.rejects(store.txn([], [put('/a'), del('/a')]), InvalidKeyError);
    assert.equal(store.revision(), 1);
  });

  check('holds values of any size', async (store) => {
    for (const sizeBytes of [0, 1, 5000, 3_000_000]) {
      const value = Buffer.alloc(sizeBytes, 'x');
      await store.txn([], [{ type: 'put', key: `/${String(sizeBytes)}`, value }]);
      assert.ok((await store.get(`/${String(sizeBytes)}`))?.value.equals(value));
    }
  });

  check('refuses everything once it is closed', async (store) => {
    await store.close();
    await assert.rejects(store.get('/a'), StoreUnavailableError);
    await assert.rejects(store.list({ prefix: '/' }), StoreUnavailableError);
    await assert.rejects(store.txn([], [put('/a')]), StoreUnavailableError);
  });
}

function reads(check: Check): void {
  check('lists a prefix in the order of keys, page by page', async (store) => {
    await store.txn(
      [],
      ['/b/2', '/a/1', '/b/1', '/c', '/b', '/b/3'].map((key) => put(key)),
    );
    assert.deepEqual(await texts(store, { prefix: '/b/' }), [
      '/b/1=/b/1',
      '/b/2=/b/2',
      '/b/3=/b/3',
    ]);
    const page = await store.list({ prefix: '/b/', limit: 2 });
    assert.deepEqual({ more: page.more, revision: page.revision }, { more: true, revision: 1 });
    const rest = await store.list({ prefix: '/b/', limit: 2, after: '/b/2' });
    assert.deepEqual(
      rest.entries.map(({ key }) => key),
      ['/b/3'],
    );
    assert.equal(rest.more, false);
    assert.equal((await store.list({ prefix: '/b/', limit: 3 })).more, false);
  });

  check('lists as things stood at an older revision', async (store) => {
    await store.txn([], [put('/a', '1')]);
    await store.txn([], [put('/b', '1')]);
    await store.txn([], [put('/a', '2')]);
    await store.txn([], [del('/b')]);
    await store.txn([], [put('/b', '3')]);
    const history: string[][] = [];
    for (let atRevision = 1; atRevision <= 5; atRevision += 1)
      history.push(await texts(store, { prefix: '/', atRevision }));
    assert.deepEqual(history, [
      ['/a=1'],
      ['/a=1', '/b=1'],
      ['/a=2', '/b=1'],
      ['/a=2'],
      ['/a=2', '/b=3'],
    ]);
    await assert.rejects(store.list({ prefix: '/', atRevision: 6 }), CompactedError);
  });

  check('forgets history when compacted but nothing current', async (store) => {
    await store.txn([], [put('/a', '1')]);
    await store.txn([], [put('/b', '1')]);
    await store.txn([], [put('/a', '2')]);
    await store.txn([], [del('/b')]);
    assert.equal(store.compactedRevision(), 0);
    await store.compact(3);
    assert.equal(store.compactedRevision(), 3);
    assert.deepEqual(await texts(store, { prefix: '/', atRevision: 3 }), ['/a=2', '/b=1']);
    await assert.rejects(store.list({ prefix: '/', atRevision: 2 }), CompactedError);
    await assert.rejects(follow(store, '/', 2), CompactedError);
    const { events } = await follow(store, '/', 3);
    assert.deepEqual(events, ['4 delete /b was 1']);
    await store.compact(2);
    assert.equal(store.compactedRevision(), 3);
    await store.compact(99);
    assert.equal(store.compactedRevision(), 4);
    assert.deepEqual(await texts(store, { prefix: '/' }), ['/a=2']);
    assert.equal(store.revision(), 4);
    assert.deepEqual(await store.txn([], [put('/b', '3')]), { succeeded: true, revision: 5 });
  });
}

function watches(check: Check): void {
  check('tells a watch its past and then what happens, without a gap', async (store) => {
    const total = 1500;
    const writer = (async () => {
      for (let index = 1; index <= total; index += 20) {
        await Promise.all(
          Array.from({ length: 20 }, (_, offset) =>
            store.txn([], [put('/a', String(index + offset))]),
          ),
        );
      }
    })();
    await store.txn([], [put('/b')]);
    const { events } = await follow(store, '/', 0);
    await writer;
    const revisions = events.map((text) => Number(text.split(' ')[0]));
    assert.deepEqual(
      revisions,
      Array.from({ length: store.revision() }, (_, index) => index + 1),
    );
  });

  check('calls watchers before it acknowledges a write or shows its revision', async (store) => {
    let told = 0;
    let shown = 0;
    await store.watch({
      prefix: '/',
      afterRevision: 0,
      onEvents: (_, revision) => {
        shown = store.revision();
        told = revision;
      },
      onError: failed,
    });
    for (let revision = 1; revision <= 5; revision += 1) {
      await store.txn([], [put('/a')]);
      assert.deepEqual({ told, shown }, { told: revision, shown: revision - 1 });
    }
  });

  check('tells a watch its own prefix only, until it is stopped', async (store) => {
    const { events, stop } = await follow(store, '/a/', 0);
    await store.txn([], [put('/a/1'), put('/b/1')]);
    await store.txn([], [put('/ab')]);
    stop();
    await store.txn([], [put('/a/2')]);
    assert.deepEqual(events, ['1 put /a/1=/a/1']);
  });

  check('refuses a watch from the future', async (store) => {
    await assert.rejects(follow(store, '/', 1), CompactedError);
  });
}

interface Step {
  readonly kind: 'put' | 'delete' | 'stale' | 'pair' | 'compact';
  readonly key: string;
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom<Step['kind']>('put', 'put', 'put', 'delete', 'stale', 'pair', 'compact'),
    key: fc.constantFrom('/a', '/a/1', '/a/2', '/b', '/b-1', '/b/1'),
  }),
  { maxLength: 40 },
);

/** The model: one map for every revision. */
async function likeItsModel(
  open: () => Promise<{ readonly store: Store; readonly dispose: () => Promise<void> }>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const { store, dispose } = await open();
      try {
        await runPlan(store, plan);
      } finally {
        await store.close();
        await dispose();
      }
    }),
    { numRuns: propertyRuns(10) },
  );
}

async function runPlan(store: Store, plan: readonly Step[]): Promise<void> {
  const history: ReadonlyMap<string, string>[] = [new Map()];
  const { events } = await follow(store, '/', 0);
  let compacted = 0;
  let changed = 0;
  for (const [index, { kind, key }] of plan.entries()) {
    const now = history.at(-1) ?? new Map<string, string>();
    const next = new Map(now);
    const text = String(index);
    if (kind === 'compact') {
      compacted = Math.max(compacted, store.revision() - 2);
      await store.compact(store.revision() - 2);
    } else if (kind === 'stale') {
      const result = await store.txn([{ key, modRevision: 1_000_000 }], [put(key, 'never')]);
      assert.equal(result.succeeded, false);
    } else {
      const operations =
        kind === 'delete'
          ? [del(key)]
          : kind === 'put'
            ? [put(key, text)]
            : [put(key, text), del('/a')];
      // One key cannot be written twice.
      if (kind === 'pair' && key === '/a') continue;
      for (const operation of operations) {
        const isChange = operation.type === 'put' || next.has(operation.key);
        if (isChange) changed += 1;
        if (operation.type === 'put') next.set(operation.key, text);
        else next.delete(operation.key);
      }
      const current = await store.get(key);
      const compare = [{ key, modRevision: current?.modRevision ?? 0 }];
      assert.equal((await store.txn(compare, operations)).succeeded, true);
      if (store.revision() === history.length) history.push(next);
    }
    assert.equal(store.revision(), history.length - 1);
  }
  assert.equal(events.length, changed);
  for (const [atRevision, state] of history.entries()) {
    const wanted = [...state].map(([key, text]) => `${key}=${text}`);
    const read = texts(store, { prefix: '/', atRevision });
    if (atRevision < compacted) await assert.rejects(read, CompactedError);
    else
      assert.deepEqual(
        await read,
        wanted.sort((a, b) => ((a.split('=')[0] ?? '') < (b.split('=')[0] ?? '') ? -1 : 1)),
      );
  }
  const replayed = await follow(store, '/', compacted);
  assert.deepEqual(
    replayed.events,
    events.filter((text) => Number(text.split(' ')[0]) > compacted),
  );
}
