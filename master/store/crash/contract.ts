/**
 * Kills a process that writes to the embedded store, again and again, and checks each time that whatever it acknowledged
 * is there. Run as a program, this file is the writer: it appends a line to its output for every write acknowledged.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../machinery/clock/clock.js';
import { startProcess } from '../../../machinery/exec/process.js';
import { eventually } from '../../../testing/eventually.js';
import { openLmdbStore } from '../lmdb.js';
import type { Store } from '../store.js';

const writers = 8;
const keysPerWriter = 5;
const historyRevisions = 100;
const program = fileURLToPath(import.meta.url);

const keyOf = (writer: number, sequence: number): string =>
  `/registry/writer-${String(writer)}/${String(sequence % keysPerWriter)}`;

/** Every seventh write of a key deletes it. */
const isDeletion = (sequence: number): boolean => Math.floor(sequence / keysPerWriter) % 7 === 6;

/** An acknowledged write. */
interface Acknowledged {
  readonly revision: number;
  readonly sequence: number;
}

async function writeForever(store: Store, writer: number, from: number, file: string) {
  for (let sequence = from; ; sequence += 1) {
    const key = keyOf(writer, sequence);
    const value = Buffer.from(String(sequence).padEnd(randomInt(1, 3000), '.'));
    const result = await store.txn(
      [],
      [isDeletion(sequence) ? { type: 'delete', key } : { type: 'put', key, value }],
    );
    assert.ok(result.succeeded);
    appendFileSync(file, `${String(result.revision)} ${String(writer)} ${String(sequence)}\n`);
    if (sequence % 50 === 0) await store.compact(store.revision() - historyRevisions);
  }
}

/** Where each writer has to go on: after the last write it may have done. */
async function runWriters(directory: string, file: string, starts: readonly number[]) {
  const store = openLmdbStore({ directory, clock: systemClock });
  await Promise.all(starts.map((from, writer) => writeForever(store, writer, from, file)));
}

function readAcknowledged(file: string): ReadonlyMap<number, readonly Acknowledged[]> {
  const found = new Map<number, Acknowledged[]>();
  // The last line may be cut off.
  for (const line of readFileSync(file, 'utf8').split('\n').slice(0, -1)) {
    const [revision = 0, writer = 0, sequence = 0] = line.split(' ').map(Number);
    const known = found.get(writer) ?? [];
    if (known.length === 0) found.set(writer, known);
    known.push({ revision, sequence });
  }
  return found;
}

/** Checks the keys of one writer, which has at most one write that is neither acknowledged nor known to have failed. */
async function checkWriter(
  store: Store,
  writer: number,
  acknowledged: readonly Acknowledged[],
): Promise<void> {
  const last = acknowledged.at(-1);
  assert.ok(last !== undefined);
  for (const { revision, sequence } of acknowledged.slice(-keysPerWriter)) {
    const key = keyOf(writer, sequence);
    const entry = await store.get(key);
    const inFlight = last.sequence + 1;
    if (keyOf(writer, inFlight) === key) {
      const isThere = isDeletion(inFlight)
        ? entry === undefined
        : entry?.value.toString().startsWith(`${String(inFlight)}.`) === true ||
          entry?.value.toString() === String(inFlight);
      if (isThere) continue;
    }
    if (isDeletion(sequence)) assert.equal(entry, undefined, `${key} was deleted`);
    else {
      assert.ok(entry !== undefined, `${key}, acknowledged at ${String(revision)}, is lost`);
      assert.equal(parseInt(entry.value.toString(), 10), sequence);
      assert.equal(entry.modRevision, revision);
    }
  }
}

/** Every revision still held has its event, and keys hold what their last event says: no write is there by half. */
async function checkHistory(store: Store): Promise<void> {
  const revisions: number[] = [];
  const last = new Map<string, number | undefined>();
  const from = Math.max(0, store.revision() - historyRevisions / 2);
  const stop = await store.watch({
    prefix: '/',
    afterRevision: from,
    onEvents: (events, revision) => {
      revisions.push(revision);
      for (const event of events) {
        if (event.type === 'put') last.set(event.entry.key, revision);
        else last.set(event.key, undefined);
      }
    },
    onError: (error) => {
      throw error;
    },
  });
  stop();
  assert.deepEqual(
    revisions,
    Array.from({ length: store.revision() - from }, (_, index) => from + index + 1),
  );
  for (const [key, revision] of last)
    assert.equal((await store.get(key))?.modRevision, revision, key);
}

async function killOnce(options: {
  readonly directory: string;
  readonly file: string;
  readonly starts: readonly number[];
  readonly revision: number;
}): Promise<{ readonly starts: readonly number[]; readonly revision: number }> {
  const { directory, file, starts, revision } = options;
  writeFileSync(file, '');
  const argv = [process.execPath, program, directory, file, ...starts.map(String)];
  const running = await startProcess(argv, { output: { file: `${file}.log` } });
  const written = await eventually(
    () => {
      const acknowledged = readAcknowledged(file);
      assert.equal(acknowledged.size, writers, readFileSync(`${file}.log`, 'utf8'));
      return acknowledged;
    },
    { intervalMs: 2, timeoutMs: 30_000, what: 'a write by every writer' },
  );
  assert.ok(written.size > 0);
  await systemClock.sleep(randomInt(50));
  running.kill('SIGKILL');
  assert.equal((await running.exited).signal, 'SIGKILL');
  const acknowledged = readAcknowledged(file);
  const store = openLmdbStore({ directory, clock: systemClock });
  try {
    const revisions = [...acknowledged.values()].flat().map((write) => write.revision);
    assert.ok(Math.min(...revisions) > revision, 'revisions go on after those of the last life');
    assert.equal(new Set(revisions).size, revisions.length);
    assert.ok(store.revision() >= Math.max(...revisions));
    for (const [writer, writes] of acknowledged) await checkWriter(store, writer, writes);
    await checkHistory(store);
    const next = starts.map(
      (start, writer) => (acknowledged.get(writer)?.at(-1)?.sequence ?? start) + 2,
    );
    return { starts: next, revision: store.revision() };
  } finally {
    await store.close();
  }
}

/** Kills the writer `kills` times; fails when anything acknowledged is missing or a revision comes twice. */
export async function survivesKills(kills: number): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'pintle-store-crash-'));
  try {
    const file = path.join(directory, 'acknowledged');
    let state = {
      starts: Array.from({ length: writers }, () => 1) as readonly number[],
      revision: 0,
    };
    for (let kill = 0; kill < kills; kill += 1)
      state = await killOnce({ directory: path.join(directory, 'store'), file, ...state });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

if (process.argv[1] === program) {
  const [directory = '', file = '', ...starts] = process.argv.slice(2);
  await runWriters(directory, file, starts.map(Number));
}
