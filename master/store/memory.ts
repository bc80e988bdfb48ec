/**
 * The store in memory: for tests and for masters that may forget. Obeys the same contract as the durable ones, except
 * that everything is gone with the process.
 */
import { invariant } from '../../machinery/invariant.js';
import { checkKey, checkOperations, checkRevision } from './checks.js';
import { HistoryCollector, keyOf } from './history.js';
import { firstIndexAfter, firstIndexFrom } from './sorted-keys.js';
import { StoreUnavailableError } from './store.js';
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

/** What a key held from a revision on; no entry means it was deleted then. */
interface Version {
  readonly revision: number;
  readonly entry: Entry | undefined;
}

class MemoryStore implements Store {
  private newest = 0;
  private compacted = 0;
  private closed = false;
  private readonly versions = new Map<string, Version[]>();
  /** Every key with a version, deleted ones included until they are compacted. */
  private readonly keys: string[] = [];
  private readonly log: { readonly revision: number; readonly events: readonly StoreEvent[] }[] =
    [];
  private readonly watches = new Set<WatchRequest>();

  readonly revision = (): number => this.newest;
  readonly compactedRevision = (): number => this.compacted;

  readonly get = (key: string): Promise<Entry | undefined> =>
    this.run(() => {
      checkKey(key);
      return this.versions.get(key)?.at(-1)?.entry;
    });

  readonly list = (request: ListRequest): Promise<ListPage> =>
    this.run(() => {
      const revision = request.atRevision ?? this.newest;
      checkRevision(revision, { oldest: this.compacted, newest: this.newest });
      const entries: Entry[] = [];
      const { limit = Infinity } = request;
      let more = false;
      let index =
        request.after !== undefined && request.after >= request.prefix
          ? firstIndexAfter(this.keys, request.after)
          : firstIndexFrom(this.keys, request.prefix);
      for (; index < this.keys.length; index += 1) {
        const key = this.keys[index] ?? '';
        if (!key.startsWith(request.prefix)) break;
        const entry = this.versions.get(key)?.findLast((at) => at.revision <= revision)?.entry;
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
    this.run(() => {
      for (const { key } of compare) checkKey(key);
      checkOperations(operations);
      const current = compare.map(({ key }) => this.versions.get(key)?.at(-1)?.entry);
      if (
        compare.some((wanted, index) => wanted.modRevision !== (current[index]?.modRevision ?? 0))
      )
        return { succeeded: false, current };
      return { succeeded: true, revision: this.apply(operations) };
    });

  readonly history = (request: HistoryRequest): Promise<HistoryPage> =>
    this.run(() => {
      const { afterRevision } = request;
      checkRevision(afterRevision, { oldest: this.compacted, newest: this.newest });
      const page = new HistoryCollector(request);
      for (const { revision, events } of this.log) {
        if (revision > afterRevision && page.add(events, revision)) break;
      }
      return page.isFull ? page.result : { ...page.result, throughRevision: this.newest };
    });

  readonly watch = (request: WatchRequest): Promise<() => void> =>
    this.run(() => {
      checkRevision(request.afterRevision, { oldest: this.compacted, newest: this.newest });
      for (const { revision, events } of this.log) {
        if (revision > request.afterRevision) deliver(request, events, revision);
      }
      this.watches.add(request);
      return () => {
        this.watches.delete(request);
      };
    });

  readonly compact = (revision: number): Promise<void> =>
    this.run(() => {
      const target = Math.min(revision, this.newest);
      if (target <= this.compacted) return;
      this.compacted = target;
      const kept = this.log.findIndex((record) => record.revision > target);
      const dropped = this.log.splice(0, kept === -1 ? this.log.length : kept);
      for (const { events } of dropped) {
        for (const event of events) this.forgetBefore(keyOf(event), target);
      }
    });

  readonly close = (): Promise<void> => {
    this.closed = true;
    this.watches.clear();
    return Promise.resolve();
  };

  private apply(operations: readonly StoreOperation[]): number {
    const revision = this.newest + 1;
    const events: StoreEvent[] = [];
    for (const operation of operations) {
      const previous = this.versions.get(operation.key)?.at(-1)?.entry;
      if (operation.type === 'put') {
        const { key, value } = operation;
        const createRevision = previous?.createRevision ?? revision;
        const entry = { key, value, createRevision, modRevision: revision };
        this.addVersion(key, { revision, entry });
        events.push({ type: 'put', entry, previous });
      } else if (previous !== undefined) {
        this.addVersion(operation.key, { revision, entry: undefined });
        events.push({ type: 'delete', key: operation.key, revision, previous });
      }
    }
    if (events.length === 0) return this.newest;
    this.log.push({ revision, events });
    for (const watch of this.watches) deliver(watch, events, revision);
    this.newest = revision;
    return revision;
  }

  private addVersion(key: string, version: Version): void {
    const versions = this.versions.get(key);
    if (versions !== undefined) {
      versions.push(version);
      return;
    }
    this.versions.set(key, [version]);
    this.keys.splice(firstIndexFrom(this.keys, key), 0, key);
  }

  private forgetBefore(key: string, revision: number): void {
    const versions = this.versions.get(key);
    if (versions === undefined) return;
    const shown = versions.findLastIndex((version) => version.revision <= revision);
    if (shown > 0) versions.splice(0, shown);
    const oldest = versions[0];
    invariant(oldest, 'a key keeps at least one version');
    if (oldest.entry === undefined && oldest.revision <= revision) versions.shift();
    if (versions.length > 0) return;
    this.versions.delete(key);
    this.keys.splice(firstIndexFrom(this.keys, key), 1);
  }

  /** In a turn of its own, so that a watcher that writes never meets a transaction half applied. */
  private run<T>(action: () => T): Promise<T> {
    return Promise.resolve().then(() => {
      if (this.closed) throw new StoreUnavailableError('the store is closed');
      return action();
    });
  }
}

function deliver(watch: WatchRequest, events: readonly StoreEvent[], revision: number): void {
  const wanted = events.filter((event) => keyOf(event).startsWith(watch.prefix));
  if (wanted.length > 0) watch.onEvents(wanted, revision);
}

/** An empty store that lives as long as the process. */
export const openMemoryStore = (): Store => new MemoryStore();
