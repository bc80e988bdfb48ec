/**
 * Shared informers: one list and one watch per resource, kept up whatever the server does, read by everyone through
 * listers and handlers.
 *
 * Made by an `InformerFactory` in each component's `main.ts`. An informer never skips a change and never reports one
 * twice; several changes made while it was cut off are reported as one. Cached objects are shared: nobody may change them.
 * The fake client of tests freezes its objects, so that a test fails where somebody does.
 */
import { setMaxListeners } from 'node:events';
import { hasReason, isStatusError } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { apiVersionOf, type ResourceRef } from '../../api/schema/resource.js';
import type { Client, ListOptions } from '../client/client.js';
import type { Clock } from '../clock/clock.js';
import type { Random } from '../clock/random.js';
import type { Logger } from '../log/log.js';
import {
  listPageSize,
  minWatchSeconds,
  retryBaseMs,
  retryJitter,
  retryMaxMs,
  shortestWatchMs,
} from './limits.js';
import type { Lister, Listers } from './lister.js';
import { keyOf, ObjectCache, type IndexFunction } from './object-cache.js';

/** What is told about changes; called in their order, after the cache shows them. */
export interface InformerHandler<T extends KubeObject> {
  readonly onAdd?: (object: T) => void;
  readonly onUpdate?: (object: T, previous: T) => void;
  /** The last state known; it may be older than the one that was deleted. */
  readonly onDelete?: (object: T) => void;
}

/** Narrows an informer to part of a resource; each distinct selection is an informer of its own. */
export type Selection = Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector'>;

export interface InformerDependencies {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export class Informer<T extends KubeObject> {
  readonly resource: ResourceRef<T>;
  readonly lister: Lister<T>;
  private readonly selection: Selection;
  private readonly dependencies: InformerDependencies;
  private readonly logger: Logger;
  private readonly cache = new ObjectCache<T>();
  private readonly handlers = new Set<InformerHandler<T>>();
  private readonly syncWaiters: (() => void)[] = [];
  private resourceVersion: string | undefined;
  private synced = false;
  private failures = 0;
  private running = false;

  constructor(
    resource: ResourceRef<T>,
    options: InformerDependencies & { readonly selection?: Selection },
  ) {
    this.resource = resource;
    this.selection = options.selection ?? {};
    this.dependencies = options;
    this.lister = this.cache;
    this.logger = options.logger.with({
      resource: `${apiVersionOf(resource)}/${resource.plural}`,
    });
  }

  /** Whether the first list is in the cache. */
  get hasSynced(): boolean {
    return this.synced;
  }

  /** How far the cache has followed the server; 0 before the first list. */
  get revision(): number {
    return Number(this.resourceVersion ?? 0);
  }

  /** Adds an index; see `Lister.byIndex`. */
  addIndex(name: string, valuesOf: IndexFunction<T>): void {
    this.cache.addIndex(name, valuesOf);
  }

  /** Adds a handler, which hears of every cached object first. The function returned removes it. */
  addHandler(handler: InformerHandler<T>): () => void {
    this.handlers.add(handler);
    for (const object of this.cache.list()) this.tell(handler, 'onAdd', object);
    return () => {
      this.handlers.delete(handler);
    };
  }

  /** Resolves once `hasSynced`, or when the signal is aborted. */
  async waitForSync(signal?: AbortSignal): Promise<void> {
    if (this.synced || signal?.aborted === true) return;
    await new Promise<void>((resolve) => {
      this.syncWaiters.push(resolve);
      const stop = (): void => {
        resolve();
      };
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  /** Follows the server until the signal is aborted. Starting twice does nothing. */
  async run(signal: AbortSignal): Promise<void> {
    if (this.running) return;
    this.running = true;
    const isStopped = (): boolean => signal.aborted;
    while (!isStopped()) {
      const beganMs = this.dependencies.clock.monotonicMs();
      try {
        if (this.resourceVersion === undefined) await this.relist(signal);
        await this.follow(signal);
        const lastedMs = this.dependencies.clock.monotonicMs() - beganMs;
        if (lastedMs < shortestWatchMs) await this.backOff(signal);
        else this.failures = 0;
      } catch (error) {
        if (!isStopped()) await this.recover(error, signal);
      }
    }
    this.running = false;
  }

  private async recover(error: unknown, signal: AbortSignal): Promise<void> {
    if (mustRelist(error)) {
      this.logger.debug('resource version is unknown to the server, listing again');
      this.resourceVersion = undefined;
      if (this.failures === 0) {
        this.failures = 1;
        return;
      }
    } else {
      this.logger.warn('list or watch failed', { error });
    }
    await this.backOff(signal);
  }

  private async backOff(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.dependencies;
    const delayMs = Math.min(retryBaseMs * 2 ** Math.min(this.failures, 30), retryMaxMs);
    this.failures += 1;
    try {
      await clock.sleep(delayMs * (1 + retryJitter * random.fraction()), signal);
    } catch {
      // Aborted: the loop sees that itself.
    }
  }

  /** Lists everything and reports how it differs from the cache. */
  private async relist(signal: AbortSignal): Promise<void> {
    const listed = new Map<string, T>();
    let next: string | undefined;
    let resourceVersion: string | undefined;
    do {
      const page = await this.dependencies.client.list(this.resource, {
        ...this.selection,
        limit: listPageSize,
        ...(next === undefined ? {} : { continue: next }),
      });
      if (signal.aborted) return;
      for (const object of page.items) listed.set(keyOf(object.metadata), object);
      resourceVersion = page.metadata.resourceVersion;
      next = page.metadata.continue;
    } while (next !== undefined && next !== '');
    for (const key of [...this.cache.keys()]) if (!listed.has(key)) this.removeKey(key);
    for (const [key, object] of listed) this.put(key, object);
    this.resourceVersion = resourceVersion ?? '0';
    this.failures = 0;
    this.synced = true;
    for (const wake of this.syncWaiters.splice(0)) wake();
  }

  private async follow(signal: AbortSignal): Promise<void> {
    if (this.resourceVersion === undefined) return;
    const events = this.dependencies.client.watch(this.resource, {
      ...this.selection,
      resourceVersion: this.resourceVersion,
      allowWatchBookmarks: true,
      timeoutSeconds: Math.round(minWatchSeconds * (1 + this.dependencies.random.fraction())),
      signal,
    });
    for await (const event of events) {
      if (signal.aborted) return;
      this.resourceVersion = event.object.metadata.resourceVersion;
      this.failures = 0;
      if (event.type === 'BOOKMARK') continue;
      const key = keyOf(event.object.metadata);
      if (event.type === 'DELETED') this.removeKey(key, event.object);
      else this.put(key, event.object);
    }
  }

  /** An object of the same name with another uid is another object: the old one was deleted unseen. */
  private put(key: string, object: T): void {
    const previous = this.cache.getByKey(key);
    if (previous?.metadata.resourceVersion === object.metadata.resourceVersion) return;
    if (previous !== undefined && previous.metadata.uid !== object.metadata.uid) {
      this.removeKey(key);
    }
    const replaced = this.cache.getByKey(key);
    this.cache.set(key, object);
    for (const handler of this.handlers) {
      if (replaced === undefined) this.tell(handler, 'onAdd', object);
      else this.tell(handler, 'onUpdate', object, replaced);
    }
  }

  private removeKey(key: string, lastState?: T): void {
    const previous = this.cache.getByKey(key);
    if (previous === undefined) return;
    this.cache.delete(key);
    for (const handler of this.handlers) this.tell(handler, 'onDelete', lastState ?? previous);
  }

  /** A handler that throws is a bug of its own and must not stop the others. */
  private tell(
    handler: InformerHandler<T>,
    what: 'onAdd' | 'onUpdate' | 'onDelete',
    object: T,
    previous: T = object,
  ): void {
    try {
      if (what === 'onUpdate') handler.onUpdate?.(object, previous);
      else handler[what]?.(object);
    } catch (error) {
      this.logger.error('informer handler failed', { error, key: keyOf(object.metadata) });
    }
  }
}

/** The server no longer holds the revision, or – its store was replaced – never had it. */
const mustRelist = (error: unknown): boolean =>
  hasReason(error, 'Expired') ||
  hasReason(error, 'Gone') ||
  (isStatusError(error) &&
    (error.status.details?.causes ?? []).some(
      (cause) => cause.reason === 'ResourceVersionTooLarge',
    ));

const informerKey = (resource: ResourceRef, selection: Selection): string =>
  [
    resource.group,
    resource.version,
    resource.plural,
    selection.namespace ?? '',
    selection.labelSelector ?? '',
    selection.fieldSelector ?? '',
  ].join('|');

/** One informer per resource and selection, shared by everyone who asks. */
export class InformerFactory implements Listers {
  private readonly dependencies: InformerDependencies;
  private readonly informers = new Map<string, Informer<KubeObject>>();
  /** Stops informers one by one, those of resources that went away. */
  private readonly stops = new Map<string, AbortController>();
  private signal: AbortSignal | undefined;

  constructor(dependencies: InformerDependencies) {
    this.dependencies = dependencies;
  }

  /** The informer of a resource; it runs once the factory was started. */
  informer<T extends KubeObject>(resource: ResourceRef<T>, selection: Selection = {}): Informer<T> {
    const key = informerKey(resource, selection);
    const known = this.informers.get(key);
    if (known !== undefined) return known as unknown as Informer<T>;
    const informer = new Informer(resource, { ...this.dependencies, selection });
    this.informers.set(key, informer as unknown as Informer<KubeObject>);
    if (this.signal !== undefined) this.run(key, informer as unknown as Informer<KubeObject>);
    return informer;
  }

  /** Stops and forgets the informer of a resource that is no longer served. */
  drop(resource: ResourceRef): void {
    const key = informerKey(resource, {});
    this.informers.delete(key);
    this.stops.get(key)?.abort();
    this.stops.delete(key);
  }

  private run(key: string, informer: Informer<KubeObject>): void {
    const { signal } = this;
    if (signal === undefined) return;
    const stop = new AbortController();
    this.stops.set(key, stop);
    void informer.run(AbortSignal.any([signal, stop.signal]));
  }

  readonly of = <T extends KubeObject>(resource: ResourceRef<T>): Lister<T> =>
    this.informer(resource).lister;

  /** Runs every informer, those made later too, until the signal is aborted. */
  start(signal: AbortSignal): void {
    if (this.signal !== undefined) return;
    this.signal = signal;
    // One signal stops a watch for each resource and whoever waits for it; that many listeners are no leak.
    setMaxListeners(0, signal);
    for (const [key, informer] of this.informers) this.run(key, informer);
  }

  /** Resolves once every informer made so far has synced. */
  async waitForSync(signal?: AbortSignal): Promise<void> {
    await Promise.all(
      [...this.informers.values()].map(async (informer) => informer.waitForSync(signal)),
    );
  }
}
