/**
 * The watch cache: every current object of one resource in memory, kept equal to the store, with its recent changes.
 * GET and LIST are answered from it, writes go through it as compare-and-swap, and every watch of the resource hangs on
 * it, so that an event is made, and turned into bytes, once for all watchers.
 *
 * Called by the registry. It must never serve a state older than what was acknowledged when the request came, skip,
 * repeat or reorder an event, or let a slow watcher hold up anything. The store calls watchers before it acknowledges a
 * write or shows its revision, which is why the cache is never behind `store.revision()`.
 */
import { serviceUnavailable } from '../../api/meta/status-error.js';
import { Bookmarks } from './bookmarks.js';
import { EventWindow } from './event-window.js';
import { watchLimits } from './limits.js';
import { isFiltered, pageOf } from './list-page.js';
import { objectsBefore } from './past-objects.js';
import { encodeObject, isSameBut } from './object-bytes.js';
import { ObjectTooLargeError, tooLargeRevision } from './resource-store.js';
import { SortedObjects } from './sorted-objects.js';
import { expiredRevision, translated } from './store-errors.js';
import { objectFactory } from './stored-object.js';
import { makeChange } from './watch-event.js';
import { Watcher, selects } from './watcher.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { WrittenForm } from '../../api/schema/unset-fields.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { CounterMetric } from '../../machinery/metrics/metrics.js';
import type { Entry, Store, StoreEvent, StoreOperation, TxnResult } from '../store/store.js';
import type {
  ChangeListener,
  ListOptions,
  ListResult,
  ResourceStore,
  WatchOptions,
  WriteResult,
} from './resource-store.js';
import type { ObjectFactory, StoredObject } from './stored-object.js';
import type { Change } from './watch-event.js';
import type { Backlog, Watch, WatcherOptions } from './watcher.js';

export interface ResourceStoreOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Every key of the resource starts with this; ends in a slash: `/registry/apps/deployments/`. */
  readonly prefix: string;
  /** What bookmarks carry. */
  readonly kind: string;
  readonly apiVersion: string;
  /** How objects are written otherwise than they are in memory; alike when absent. */
  readonly form?: WrittenForm | undefined;
  /** Freezes parsed objects deeply, so that a test fails where something mutates a shared object. */
  readonly freeze?: boolean;
  /** Counts watchers cut off for slowness. */
  readonly slowWatchers?: CounterMetric;
}

/** What `ResourceStore.update` is given; a new object replaces revision 0. */
type ObjectWrite<T extends KubeObject> = Parameters<ResourceStore<T>['update']>[0];

/** Reads the resource into memory and follows it. */
export async function createResourceStore<T extends KubeObject>(
  options: ResourceStoreOptions,
): Promise<ResourceStore<T>> {
  const cache = new ResourceCache<T>(options);
  await cache.start();
  return cache;
}

class ResourceCache<T extends KubeObject> implements ResourceStore<T> {
  private readonly options: ResourceStoreOptions;
  private readonly store: Store;
  private readonly factory: ObjectFactory<T>;
  private readonly asWritten: (object: T) => T;
  private readonly objects = new SortedObjects<T>();
  private readonly open = new Set<Watcher<T>>();
  private readonly bookmarks: Bookmarks<T>;
  private readonly followers: ChangeListener<T>[] = [];
  /** Parsed forms of what is being written, by the very buffer handed to the store. */
  private readonly written = new WeakMap<Buffer, T>();
  private window = new EventWindow<T>(0);
  private stopFollowing: () => void = () => undefined;
  private failure: Error | undefined;

  constructor(options: ResourceStoreOptions) {
    this.options = options;
    this.store = options.store;
    const { prefix, form, freeze = false } = options;
    this.factory = objectFactory<T>({ prefix, freeze, read: form?.read });
    this.asWritten = form?.written ?? ((object) => object);
    const { kind, apiVersion, clock } = options;
    const { open, revision } = this;
    this.bookmarks = new Bookmarks({ kind, apiVersion, clock, revision, open });
  }

  /** Fills the cache at one revision and follows the store from there. */
  async start(): Promise<void> {
    const { prefix } = this.options;
    const atRevision = this.store.revision();
    for await (const entries of this.storePages(atRevision, undefined)) {
      for (const entry of entries) this.objects.set(this.fromEntry(entry));
    }
    this.window = new EventWindow(atRevision);
    this.stopFollowing = await this.store.watch({
      prefix,
      afterRevision: atRevision,
      onEvents: (events) => {
        for (const event of events) this.apply(event);
      },
      onError: (error) => {
        this.fail(error);
      },
    });
  }

  readonly revision = (): number => this.store.revision();
  readonly count = (): number => this.objects.size;
  readonly sizeBytes = (): number => this.objects.sizeBytes;
  readonly watchers = (): number => this.open.size;
  readonly peek = (key: string): StoredObject<T> | undefined => this.objects.get(key);

  readonly peekAll = (namespace?: string): readonly StoredObject<T>[] =>
    this.objects.slice(this.prefixOf(namespace), undefined);
  readonly changedAt = (): number => this.window.newest;

  readonly get = (key: string): Promise<StoredObject<T> | undefined> =>
    this.failure === undefined
      ? Promise.resolve(this.objects.get(key))
      : Promise.reject(serviceUnavailable('the store cannot be read', this.failure));

  readonly list = async (options: ListOptions<T>): Promise<ListResult<T>> => {
    this.checkAlive();
    const revision = this.store.revision();
    const { atRevision = revision } = options;
    if (atRevision > revision) throw tooLargeRevision(atRevision, revision);
    if (atRevision < this.store.compactedRevision()) {
      // Memory may know it still, but how long a list can go on must not depend on what else is written.
      throw expiredRevision(atRevision, this.store.compactedRevision());
    }
    // Nothing of this resource changed since then: the present is what it was.
    if (atRevision >= this.window.newest)
      return pageOf(this.candidates(options), options, atRevision);
    if (atRevision >= this.window.completeAfter)
      return pageOf(this.pastCandidates(options, atRevision), options, atRevision);
    return this.listFromStore(options, atRevision);
  };

  readonly create = (key: string, object: T): Promise<WriteResult<T>> =>
    this.put({ key, object, modRevision: 0 }, encodeObject(this.asWritten(object)));

  readonly update = (write: ObjectWrite<T>): Promise<WriteResult<T>> => {
    const stored = this.objects.get(write.key);
    const value = encodeObject(this.asWritten(write.object));
    if (stored?.modRevision === write.modRevision && isSameBut(stored.bytes, value))
      return Promise.resolve({ written: true, stored });
    return this.put(write, value);
  };

  readonly delete = async (key: string, modRevision: number): Promise<WriteResult<T>> => {
    const last = this.objects.get(key);
    if (last?.modRevision !== modRevision) return { written: false, current: last };
    const result = await this.txn(key, modRevision, { type: 'delete', key });
    if (!result.succeeded) return { written: false, current: this.currentOf(result) };
    return { written: true, stored: this.factory.atRevision(last, result.revision) };
  };

  readonly watch = async (options: WatchOptions<T>): Promise<Watch<T>> => {
    this.checkAlive();
    const { afterRevision, initialEvents = 'none', signal } = options;
    signal?.throwIfAborted();
    const revision = this.store.revision();
    if (afterRevision !== undefined && afterRevision > revision)
      throw tooLargeRevision(afterRevision, revision);
    const backlog =
      initialEvents !== 'none' || afterRevision === undefined
        ? undefined
        : this.backlogAfter(afterRevision);
    // What memory does not hold any more is asked for now, so that a revision that is too old is refused.
    const missed = backlog?.rest() === undefined ? await backlog?.read() : [];
    // From here to the end nothing is awaited, so nothing can happen between what was missed and what comes.
    this.checkAlive();
    signal?.throwIfAborted();
    const watcher = this.addWatcher(options, { missed, backlog });
    if (initialEvents === 'state-and-end')
      watcher.push(this.bookmarks.now({ endsInitialEvents: true }));
    return watcher;
  };

  readonly follow = (listener: ChangeListener<T>): void => {
    for (const stored of this.objects.slice(this.options.prefix, undefined)) {
      listener(stored, undefined);
    }
    this.followers.push(listener);
  };

  readonly close = (): void => {
    this.stopFollowing();
    for (const watcher of [...this.open]) watcher.finish('stopped');
  };

  private addWatcher(
    options: WatchOptions<T>,
    resumed: Pick<WatcherOptions<T>, 'missed' | 'backlog'>,
  ): Watcher<T> {
    const { initialEvents = 'none', bookmarks = false, signal } = options;
    const { namespace, name, predicate } = options;
    const onAbort = (): void => {
      watcher.stop();
    };
    const cancelLast = this.bookmarks.scheduleLast(options, () => watcher);
    const watcher = new Watcher<T>({
      selection: { namespace, name, predicate },
      bookmarks,
      initial: initialEvents === 'none' ? [] : this.candidates(options),
      ...resumed,
      onEnd: (why) => {
        this.open.delete(watcher);
        cancelLast();
        signal?.removeEventListener('abort', onAbort);
        if (why === 'too-slow') this.options.slowWatchers?.increment();
        this.bookmarks.endIfIdle();
      },
    });
    signal?.addEventListener('abort', onAbort, { once: true });
    this.open.add(watcher);
    if (bookmarks) this.bookmarks.begin();
    return watcher;
  }

  /** The changes after a revision: from the store's history page by page until the window has the rest. */
  private backlogAfter(revision: number): Backlog<T> {
    const { prefix } = this.options;
    let told = revision;
    return {
      rest: () => (told < this.window.completeAfter ? undefined : this.window.after(told)),
      read: async () => {
        const page = await translated(() =>
          this.store.history({
            prefix,
            afterRevision: told,
            limit: watchLimits.historyPageEvents,
            limitBytes: watchLimits.historyPageBytes,
          }),
        );
        told = page.throughRevision;
        return page.events.map((event) => this.changeOf(event));
      },
    };
  }

  private async listFromStore(options: ListOptions<T>, revision: number): Promise<ListResult<T>> {
    const items: StoredObject<T>[] = [];
    const { limit = Infinity } = options;
    let following = 0;
    for await (const entries of this.storePages(revision, options)) {
      for (const entry of entries) {
        const stored = this.fromEntry(entry);
        if (!selects(options, stored)) continue;
        if (items.length < limit) items.push(stored);
        else following += 1;
      }
      if (following > 0 && isFiltered(options)) break;
    }
    const more = following > 0;
    return {
      items,
      revision,
      continueAfter: more ? items.at(-1)?.key : undefined,
      remaining: more && !isFiltered(options) ? following : undefined,
    };
  }

  private async *storePages(
    atRevision: number,
    options: ListOptions<T> | undefined,
  ): AsyncGenerator<readonly Entry[]> {
    const prefix = this.prefixOf(options?.namespace);
    let after = options?.continueAfter;
    for (;;) {
      const request = { prefix, limit: watchLimits.storePageEntries, atRevision };
      const page = await translated(() =>
        this.store.list(after === undefined ? request : { ...request, after }),
      );
      yield page.entries;
      if (!page.more) return;
      after = page.entries.at(-1)?.key;
    }
  }

  /** The objects a selection can show, before its predicate is asked. */
  private candidates(options: ListOptions<T>): readonly StoredObject<T>[] {
    const { namespace, name, continueAfter } = options;
    if (namespace !== undefined && name !== undefined) {
      const stored = this.objects.get(this.prefixOf(namespace) + name);
      return stored === undefined || stored.key <= (continueAfter ?? '') ? [] : [stored];
    }
    return this.objects.slice(this.prefixOf(namespace), continueAfter);
  }

  /** The same as of a revision the window reaches back to. */
  private pastCandidates(options: ListOptions<T>, revision: number): readonly StoredObject<T>[] {
    const prefix = this.prefixOf(options.namespace);
    const { continueAfter = '' } = options;
    const changes = this.window.after(revision);
    return objectsBefore(changes, this.candidates(options), (key) => {
      return key.startsWith(prefix) && key > continueAfter;
    });
  }

  private prefixOf(namespace: string | undefined): string {
    const { prefix } = this.options;
    return namespace === undefined || namespace === '' ? prefix : `${prefix}${namespace}/`;
  }

  private async put(write: ObjectWrite<T>, value: Buffer): Promise<WriteResult<T>> {
    const { key, object, modRevision, anySize } = write;
    const { maxObjectBytes } = watchLimits;
    if (value.length > maxObjectBytes && anySize !== true)
      throw new ObjectTooLargeError(value.length, maxObjectBytes);
    this.written.set(value, object);
    const result = await this.txn(key, modRevision, { type: 'put', key, value });
    if (!result.succeeded) return { written: false, current: this.currentOf(result) };
    const cached = this.objects.get(key);
    if (cached?.modRevision === result.revision) return { written: true, stored: cached };
    // Somebody has written it again already; the answer is still this write's.
    const stored = this.factory.fromObject({ key, value, object }, result.revision);
    return { written: true, stored };
  }

  private txn(key: string, modRevision: number, operation: StoreOperation): Promise<TxnResult> {
    return translated(() => this.store.txn([{ key, modRevision }], [operation]));
  }

  private currentOf(result: TxnResult & { succeeded: false }): StoredObject<T> | undefined {
    const entry = result.current[0];
    if (entry === undefined) return undefined;
    const cached = this.objects.get(entry.key);
    return cached?.modRevision === entry.modRevision ? cached : this.fromEntry(entry);
  }

  private fromEntry({ key, value, modRevision }: Entry): StoredObject<T> {
    const object = this.written.get(value);
    return object === undefined
      ? this.factory.fromValue(key, value, modRevision)
      : this.factory.fromObject({ key, value, object }, modRevision);
  }

  private changeOf(event: StoreEvent): Change<T> {
    const { atRevision: asOf } = this.factory;
    const previous = event.previous === undefined ? undefined : this.fromEntry(event.previous);
    return event.type === 'put'
      ? makeChange({
          revision: event.entry.modRevision,
          current: this.fromEntry(event.entry),
          previous,
          asOf,
        })
      : makeChange({ revision: event.revision, current: undefined, previous, asOf });
  }

  private apply(event: StoreEvent): void {
    const key = event.type === 'put' ? event.entry.key : event.key;
    const previous = this.objects.get(key);
    const current = event.type === 'put' ? this.fromEntry(event.entry) : undefined;
    const revision = event.type === 'put' ? event.entry.modRevision : event.revision;
    if (current === undefined) this.objects.delete(key);
    else this.objects.set(current);
    const change = makeChange({ revision, current, previous, asOf: this.factory.atRevision });
    this.window.add(change.apart());
    for (const follower of this.followers) follower(current, previous);
    for (const watcher of this.open) watcher.offer(change);
  }

  private fail(error: Error): void {
    this.failure = error;
    for (const watcher of [...this.open]) watcher.finish('store-failed');
  }

  private checkAlive(): void {
    if (this.failure !== undefined)
      throw serviceUnavailable('the store cannot be read', this.failure);
  }
}
