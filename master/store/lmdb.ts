/**
 * The embedded, durable store, over a file of LMDB's.
 *
 * Transactions are decided at once, in memory, against everything decided before them, and collected; one batch at a time
 * is committed by LMDB's writer thread, which syncs before it publishes. Only then are watchers called and the
 * transactions of the batch acknowledged, in order. Readers see the last acknowledged revision.
 */
import { checkKey, checkOperations, checkRevision } from './checks.js';
import { HistoryCollector, keyOf } from './history.js';
import { storeLimits } from './limits.js';
import { LmdbFile } from './lmdb-file.js';
import type { Tracked } from './lmdb-file.js';
import { entryOf, slotOf } from './record.js';
import { StoreUnavailableError } from './store.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { StoreMetrics } from './metrics.js';
import type { VersionRecord } from './record.js';
import type {
  Comparison,
  Entry,
  HistoryPage,
  HistoryRequest,
  ListPage,
  ListRequest,
  Store,
  StoreEvent,
  StoreOperation,
  TxnResult,
  WatchRequest,
} from './store.js';

export interface LmdbStoreOptions {
  /** Made with mode 0700 where it is missing. One process at a time. */
  readonly directory: string;
  readonly clock: Clock;
  readonly metrics?: StoreMetrics;
}

/** A decision that waits for its batch to be durable. A transaction that wrote nothing has no versions. */
interface Decision {
  readonly versions: readonly VersionRecord[];
  readonly events: readonly StoreEvent[];
  readonly revision: number;
  readonly sizeBytes: number;
  readonly settle: () => void;
  readonly reject: (error: Error) => void;
}

/** Work the single writer does between batches. */
interface Chore {
  readonly write: (tracked: Tracked) => void;
  readonly settle: () => void;
  readonly reject: (error: Error) => void;
}

class LmdbStore implements Store {
  private readonly file: LmdbFile;
  private readonly clock: Clock;
  private readonly metrics: StoreMetrics | undefined;
  /** The newest revision acknowledged. */
  private durable: number;
  /** The newest revision decided. */
  private decided: number;
  private compacted: number;
  /** The newest version of keys written by transactions that are not durable yet. */
  private readonly undurable = new Map<string, VersionRecord>();
  private waiting: Decision[] = [];
  private chores: Chore[] = [];
  private writing = false;
  private scheduled = false;
  private closing: Promise<void> | undefined;
  private idle: (() => void) | undefined;
  private readonly watches = new Set<WatchRequest>();

  constructor(options: LmdbStoreOptions) {
    this.file = new LmdbFile(options.directory);
    this.clock = options.clock;
    this.metrics = options.metrics;
    this.compacted = this.file.compactedRevision();
    this.durable = this.file.lastRevision();
    this.decided = this.durable;
  }

  readonly revision = (): number => this.durable;
  readonly compactedRevision = (): number => this.compacted;

  readonly get = (key: string): Promise<Entry | undefined> =>
    this.run(() => {
      checkKey(key);
      return this.file.entryAt(key, this.durable);
    });

  readonly list = (request: ListRequest): Promise<ListPage> =>
    this.run(() => {
      const revision = request.atRevision ?? this.durable;
      checkRevision(revision, { oldest: this.compacted, newest: this.durable });
      const { prefix, after, limit = Infinity } = request;
      const entries: Entry[] = [];
      let more = false;
      const start = after !== undefined && after >= prefix ? after : prefix;
      for (const { key, entry } of this.file.entriesFrom(start, revision)) {
        if (key === after) continue;
        if (!key.startsWith(prefix)) break;
        if (entry === undefined) continue;
        more = entries.length >= limit;
        if (more) break;
        entries.push(entry);
      }
      return { entries, more, revision };
    });

  readonly txn = (
    compare: readonly Comparison[],
    operations: readonly StoreOperation[],
  ): Promise<TxnResult> =>
    new Promise((resolve, reject) => {
      this.checkOpen();
      for (const { key } of compare) checkKey(key);
      checkOperations(operations);
      const found = compare.map(({ key }) => this.latest(key));
      const current = found.map(entryOf);
      const holds = compare.every(
        (wanted, index) => wanted.modRevision === (current[index]?.modRevision ?? 0),
      );
      // Most transactions write what they compare; that was read already.
      const latest = (key: string): VersionRecord | undefined => {
        const index = compare.findIndex((comparison) => comparison.key === key);
        return index === -1 ? this.latest(key) : found[index];
      };
      const { versions, events } = holds
        ? this.decide(operations, latest)
        : { versions: [], events: [] };
      if (versions.length > 0) this.decided += 1;
      const revision = this.decided;
      for (const version of versions) this.undurable.set(version.key, version);
      this.enqueue({
        versions,
        events,
        revision,
        sizeBytes: versions.reduce((sum, { value }) => sum + (value?.length ?? 0), 0),
        settle: () => {
          resolve(holds ? { succeeded: true, revision } : { succeeded: false, current });
        },
        reject,
      });
    });

  readonly history = async (request: HistoryRequest): Promise<HistoryPage> => {
    this.checkOpen();
    const page = new HistoryCollector(request);
    let through = request.afterRevision;
    do {
      // History may be compacted while others have their turn.
      checkRevision(through, { oldest: this.compacted, newest: this.durable });
      const until = Math.min(this.durable, through + storeLimits.replayBatchRevisions);
      for (const { revision, events } of this.file.eventsBetween(through, until)) {
        if (page.add(events, revision)) return page.result;
      }
      through = until;
      if (through < this.durable) await nextTurn();
      this.checkOpen();
    } while (through < this.durable);
    return { ...page.result, throughRevision: through };
  };

  readonly watch = async (request: WatchRequest): Promise<() => void> => {
    await this.run(() => {
      checkRevision(request.afterRevision, { oldest: this.compacted, newest: this.durable });
    });
    let told = request.afterRevision;
    while (told < this.durable) {
      // History may be compacted while others have their turn.
      checkRevision(told, { oldest: this.compacted, newest: this.durable });
      told = this.replay(request, told);
      if (told < this.durable) await nextTurn();
      this.checkOpen();
    }
    this.watches.add(request);
    return () => {
      this.watches.delete(request);
    };
  };

  readonly compact = async (revision: number): Promise<void> => {
    const target = Math.min(revision, this.durable);
    if (target <= this.compacted) return;
    await this.doChore((tracked) => {
      // Another compaction may have gone further meanwhile.
      this.compacted = Math.max(this.compacted, target);
      this.file.noteCompaction(tracked, this.compacted);
    });
    while (!this.file.isSwept(this.compacted)) {
      await this.doChore((tracked) => {
        this.file.sweep(tracked, this.compacted);
      });
      this.checkOpen();
    }
  };

  readonly close = (): Promise<void> => {
    this.closing ??= this.closeWhenIdle();
    return this.closing;
  };

  private async closeWhenIdle(): Promise<void> {
    this.watches.clear();
    if (this.writing || this.scheduled) {
      await new Promise<void>((resolve) => {
        this.idle = resolve;
      });
    }
    await this.file.close();
  }

  private run<T>(action: () => T): Promise<T> {
    return new Promise((resolve) => {
      this.checkOpen();
      resolve(action());
    });
  }

  private checkOpen(): void {
    if (this.closing !== undefined) throw new StoreUnavailableError('the store is closed');
  }

  /** Makes the versions and events of a transaction at the next revision. */
  private decide(
    operations: readonly StoreOperation[],
    latest: (key: string) => VersionRecord | undefined,
  ): {
    readonly versions: readonly VersionRecord[];
    readonly events: readonly StoreEvent[];
  } {
    const revision = this.decided + 1;
    const versions: VersionRecord[] = [];
    const events: StoreEvent[] = [];
    for (const [place, operation] of operations.entries()) {
      const { key } = operation;
      const last = latest(key);
      const previous = entryOf(last);
      const value = operation.type === 'put' ? operation.value : undefined;
      if (value === undefined && previous === undefined) continue;
      const createRevision = previous?.createRevision ?? revision;
      const slot = slotOf(revision, place);
      const version = { key, slot, previousSlot: last?.slot ?? 0, createRevision, value };
      versions.push(version);
      const entry = entryOf(version);
      if (entry !== undefined) events.push({ type: 'put', entry, previous });
      else if (previous !== undefined) events.push({ type: 'delete', key, revision, previous });
    }
    return { versions, events };
  }

  /** The newest version decided. */
  private latest(key: string): VersionRecord | undefined {
    return this.undurable.get(key) ?? this.file.newestOf(key);
  }

  private enqueue(decision: Decision): void {
    this.waiting.push(decision);
    this.scheduleWrite();
  }

  private doChore(write: (tracked: Tracked) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.checkOpen();
      this.chores.push({ write, settle: resolve, reject });
      this.scheduleWrite();
    });
  }

  /** Everything that arrives in this turn of the event loop joins the batch. */
  private scheduleWrite(): void {
    if (this.writing || this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      void this.writeAll();
    });
  }

  private async writeAll(): Promise<void> {
    this.writing = true;
    for (;;) {
      const chore = this.chores.shift();
      if (chore !== undefined) await this.writeChore(chore);
      else if (this.waiting.length > 0) await this.writeBatch(this.takeBatch());
      else break;
    }
    this.writing = false;
    this.idle?.();
  }

  private takeBatch(): readonly Decision[] {
    let count = 0;
    for (let sizeBytes = 0; count < this.waiting.length; count += 1) {
      if (count >= storeLimits.maxBatchTransactions || sizeBytes > storeLimits.maxBatchBytes) break;
      sizeBytes += this.waiting[count]?.sizeBytes ?? 0;
    }
    return this.waiting.splice(0, count);
  }

  private async writeChore(chore: Chore): Promise<void> {
    try {
      await this.file.commit(chore.write);
      chore.settle();
    } catch (error) {
      chore.reject(new StoreUnavailableError('compaction failed', { cause: error }));
    }
  }

  private async writeBatch(batch: readonly Decision[]): Promise<void> {
    const startedMs = this.clock.monotonicMs();
    const versions = batch.flatMap((decision) => decision.versions);
    try {
      if (versions.length > 0) await this.file.commitVersions(versions);
    } catch (error) {
      this.recover(batch, error);
      return;
    }
    if (versions.length > 0)
      this.metrics?.committed({
        seconds: (this.clock.monotonicMs() - startedMs) / 1000,
        transactions: batch.length,
      });
    for (const version of versions) {
      if (this.undurable.get(version.key) === version) this.undurable.delete(version.key);
    }
    for (const { events, revision, settle } of batch) {
      if (events.length > 0) this.publish(events, revision);
      settle();
    }
  }

  private publish(events: readonly StoreEvent[], revision: number): void {
    for (const watch of this.watches) deliver(watch, events, revision);
    this.durable = revision;
  }

  /**
   * A commit failed. Everything decided on top of it fails too, and the store goes on from what is on disk, which may
   * include the failed batch: watchers are told whatever they have not been told yet.
   */
  private recover(batch: readonly Decision[], cause: unknown): void {
    const failed = [...batch, ...this.waiting];
    this.waiting = [];
    this.undurable.clear();
    this.metrics?.failed();
    const found = this.file.lastRevision();
    while (this.durable < found) {
      const missing = [...this.file.eventsBetween(this.durable, Math.min(found, this.durable + 1))];
      this.publish(
        missing.flatMap(({ events }) => events),
        this.durable + 1,
      );
    }
    this.decided = this.durable;
    const error = new StoreUnavailableError('the store could not write to its disk', { cause });
    for (const { reject } of failed) reject(error);
  }

  /** Delivers some history after `told`; returns the revision it came to. */
  private replay(request: WatchRequest, told: number): number {
    const until = Math.min(this.durable, told + storeLimits.replayBatchRevisions);
    for (const { revision, events } of this.file.eventsBetween(told, until))
      deliver(request, events, revision);
    return until;
  }
}

/** There is a watch for each resource and most transactions write one key, so most calls find nothing and make nothing. */
function deliver(watch: WatchRequest, events: readonly StoreEvent[], revision: number): void {
  const [first] = events;
  if (events.length === 1 && first !== undefined) {
    if (keyOf(first).startsWith(watch.prefix)) watch.onEvents(events, revision);
    return;
  }
  const wanted = events.filter((event) => keyOf(event).startsWith(watch.prefix));
  if (wanted.length > 0) watch.onEvents(wanted, revision);
}

const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** Opens the store in a directory, with everything that was ever acknowledged in it. */
export const openLmdbStore = (options: LmdbStoreOptions): Store => new LmdbStore(options);
