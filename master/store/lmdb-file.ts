/**
 * What the embedded store keeps in LMDB. `versions` holds every version of every key by slot (the history and the values),
 * `newest` points each key to its newest version, a deletion included until it is compacted; older versions hang on one
 * another.
 *
 * Only the store uses it, one commit at a time.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { open } from 'lmdb';
import type { Database, RootDatabase } from 'lmdb';
import { storeLimits } from './limits.js';
import {
  decodeRecord,
  decodeSlot,
  encodeRecord,
  encodeSlot,
  entryOf,
  revisionOfSlot,
  slotAfterRevision,
} from './record.js';
import type { VersionRecord } from './record.js';
import type { Entry, StoreEvent } from './store.js';

/** The file in the store's directory. */
export const storeFile = 'store.mdb';

const compactedKey = 'compacted';
const sweptKey = 'swept';

/** What happened at one revision. */
export interface RevisionEvents {
  readonly revision: number;
  readonly events: readonly StoreEvent[];
}

/** Takes note of a promise of LMDB's. */
export type Tracked = (promise: Promise<unknown>) => void;

export class LmdbFile {
  private readonly root: RootDatabase<Buffer, string>;
  private readonly newest: Database<Buffer, string>;
  private readonly versions: Database<Buffer, number>;

  /** The directory is made with mode 0700 where it is missing. */
  constructor(directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.root = open({
      path: path.join(directory, storeFile),
      encoding: 'binary',
      // A commit is synced before it is published and acknowledged.
      overlappingSync: false,
      // Batches are made here; LMDB's own would fail with promises nobody can reach.
      eventTurnBatching: false,
      maxDbs: 4,
    });
    this.newest = this.root.openDB<Buffer, string>('newest', { encoding: 'binary' });
    this.versions = this.root.openDB<Buffer, number>('versions', { encoding: 'binary' });
  }

  close(): Promise<void> {
    return this.root.close();
  }

  /** The newest version of a key, its deletion included. */
  newestOf(key: string): VersionRecord | undefined {
    const pointer = this.newest.getBinary(key);
    return pointer === undefined ? undefined : this.version(decodeSlot(pointer));
  }

  /** What a key held at a revision. */
  entryAt(key: string, revision: number): Entry | undefined {
    return entryOf(this.versionAt(this.newest.getBinary(key), revision));
  }

  /** Keys from one on, in order, with what each held at a revision. */
  *entriesFrom(
    start: string,
    revision: number,
  ): Generator<{ readonly key: string; readonly entry: Entry | undefined }> {
    for (const { key, value } of this.newest.getRange({ start })) {
      yield { key, entry: entryOf(this.versionAt(value, revision)) };
    }
  }

  compactedRevision(): number {
    return this.readNumber(compactedKey);
  }

  /** Remembers how far history was compacted, before `sweep` removes it. Runs in a commit. */
  noteCompaction(tracked: Tracked, revision: number): void {
    tracked(this.root.put(compactedKey, encodeSlot(revision)));
  }

  /** Whether everything that a compaction made unreachable is gone. */
  isSwept(compacted: number): boolean {
    return this.readNumber(sweptKey) >= slotAfterRevision(compacted);
  }

  private version(slot: number): VersionRecord | undefined {
    const encoded = slot === 0 ? undefined : this.versions.getBinary(slot);
    return encoded === undefined ? undefined : decodeRecord(slot, encoded);
  }

  /** What a key held at a revision, found by following its versions back from the newest. */
  private versionAt(pointer: Buffer | undefined, revision: number): VersionRecord | undefined {
    if (pointer === undefined) return undefined;
    let version = this.version(decodeSlot(pointer));
    while (version !== undefined && revisionOfSlot(version.slot) > revision)
      version = this.version(version.previousSlot);
    return version;
  }

  /** Makes versions durable. */
  commitVersions(versions: readonly VersionRecord[]): Promise<void> {
    return this.commit((tracked) => {
      for (const version of versions) {
        tracked(this.versions.put(version.slot, encodeRecord(version)));
        tracked(this.newest.put(version.key, encodeSlot(version.slot)));
      }
    });
  }

  /** Resolves when what `write` did is durable; every promise LMDB makes is awaited, so that none fails unheard. */
  async commit(write: (tracked: Tracked) => void): Promise<void> {
    const promises = new Set<Promise<unknown>>();
    promises.add(
      this.root.batch(() => {
        write((promise) => promises.add(promise));
      }),
    );
    try {
      await Promise.all(promises);
    } catch (error) {
      throw commitErrorOf(error);
    } finally {
      this.root.resetReadTxn();
    }
  }

  /** The events of the revisions after one up to and including another. */
  *eventsBetween(after: number, until: number): Generator<RevisionEvents> {
    let gathered: { readonly revision: number; readonly events: StoreEvent[] } | undefined;
    const range = { start: slotAfterRevision(after), end: slotAfterRevision(until) };
    for (const { key: slot, value } of this.versions.getRange(range)) {
      const version = decodeRecord(slot, value);
      const revision = revisionOfSlot(slot);
      const entry = entryOf(version);
      const previous = entryOf(this.version(version.previousSlot));
      if (gathered?.revision !== revision) {
        if (gathered !== undefined) yield gathered;
        gathered = { revision, events: [] };
      }
      if (entry !== undefined) gathered.events.push({ type: 'put', entry, previous });
      else if (previous !== undefined)
        gathered.events.push({ type: 'delete', key: version.key, revision, previous });
    }
    if (gathered !== undefined) yield gathered;
  }

  /** Removes some versions that compaction made unreachable. Runs in a write batch. */
  sweep(tracked: Tracked, compacted: number): void {
    const start = Math.max(this.readNumber(sweptKey), 1);
    const end = slotAfterRevision(compacted);
    let looked = 0;
    let sweptTo = end;
    for (const { key: slot, value } of this.versions.getRange({ start, end })) {
      if (looked >= storeLimits.compactionBatchRecords) {
        sweptTo = slot;
        break;
      }
      looked += 1;
      const { key, previousSlot, value: put } = decodeRecord(slot, value);
      if (previousSlot !== 0) tracked(this.versions.remove(previousSlot));
      if (put !== undefined) continue;
      tracked(this.versions.remove(slot));
      const pointer = this.newest.getBinary(key);
      if (pointer !== undefined && decodeSlot(pointer) === slot) tracked(this.newest.remove(key));
    }
    tracked(this.root.put(sweptKey, encodeSlot(sweptTo)));
  }

  private readNumber(key: string): number {
    const encoded = this.root.getBinary(key);
    return encoded === undefined ? 0 : decodeSlot(encoded);
  }

  /** That of the last version. */
  lastRevision(): number {
    const [last] = this.versions.getKeys({ reverse: true, limit: 1 });
    // The last versions may be deletions that have been compacted.
    return Math.max(last === undefined ? 0 : revisionOfSlot(last), this.readNumber(compactedKey));
  }
}

/** What made a commit fail. LMDB's wrapper says it in a promise of its own, which may never settle. */
function commitErrorOf(error: unknown): unknown {
  if (error instanceof Error && 'commitError' in error && error.commitError instanceof Promise)
    error.commitError.catch(() => undefined);
  return error;
}
