/** One watch: what one client still has to be told, in order, within bounds. */
import { hasReason } from '../../api/meta/status-error.js';
import { watchLimits } from './limits.js';
import { objectEvent } from './watch-event.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { StoredObject } from './stored-object.js';
import type { Change, WatchEvent } from './watch-event.js';

/** Which objects a list or watch shows. */
export interface Selection<T extends KubeObject> {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** Label and field selectors, as one function of the object. */
  readonly predicate?: ((object: T) => boolean) | undefined;
}

/** Why a watch ended: the client went away, fell too far behind, or the store can deliver nothing more. */
export type WatchEnd = 'stopped' | 'too-slow' | 'store-failed';

/**
 * The events of a watch in batches, as they come. Ends without an error when it is stopped, cut off for slowness, or the
 * store fails; the client resumes after the last revision it saw.
 */
export interface Watch<T extends KubeObject> extends AsyncIterable<readonly WatchEvent<T>[]> {
  /** The next batch; undefined once the watch has ended. One call at a time. */
  readonly next: () => Promise<readonly WatchEvent<T>[] | undefined>;
  readonly stop: () => void;
  /** Undefined while it runs. */
  readonly ended: () => WatchEnd | undefined;
}

/** Whether a list or watch shows an object. */
export function selects<T extends KubeObject>(
  { namespace, name, predicate }: Selection<T>,
  stored: StoredObject<T>,
): boolean {
  if (namespace !== undefined && stored.namespace !== namespace) return false;
  if (name !== undefined && stored.name !== name) return false;
  return predicate === undefined || predicate(stored.object);
}

/** Where a watch that resumes reads what it has missed, at the pace of its client. */
export interface Backlog<T extends KubeObject> {
  /** Everything that is left, if it is in memory; whoever takes it must follow from then on. */
  readonly rest: () => readonly Change<T>[] | undefined;
  /** Some of what is left. Rejects when it is no longer held or the store fails. */
  readonly read: () => Promise<readonly Change<T>[]>;
}

interface Queued<T extends KubeObject> {
  readonly event: WatchEvent<T>;
  readonly sizeBytes: number;
}

export interface WatcherOptions<T extends KubeObject> {
  readonly selection: Selection<T>;
  readonly bookmarks: boolean;
  readonly initial: readonly StoredObject<T>[];
  /** The first of what was missed, and where the rest is. */
  readonly missed?: readonly Change<T>[] | undefined;
  readonly backlog?: Backlog<T> | undefined;
  readonly onEnd: (why: WatchEnd) => void;
}

/** Whether more may go into a batch. */
const hasRoom = ({ length }: { readonly length: number }, sizeBytes: number): boolean =>
  length < watchLimits.watcherBatchEvents && sizeBytes < watchLimits.watcherBatchBytes;

export class Watcher<T extends KubeObject> implements Watch<T> {
  /** Whether it asked for bookmarks. */
  readonly bookmarks: boolean;
  private readonly selection: Selection<T>;
  private readonly onEnd: (why: WatchEnd) => void;
  /** Objects still to be shown as ADDED before anything else. */
  private initial: readonly StoredObject<T>[];
  private initialShown = 0;
  /** What a watch that resumes has missed, shown before anything newer; no fault of its client, so no part of the buffer. */
  private missed: readonly Change<T>[];
  private missedShown = 0;
  /** Where more of it is; until that is read, nothing newer is queued, because it will be found there. */
  private backlog: Backlog<T> | undefined;
  private queue: Queued<T>[] = [];
  private queuedBytes = 0;
  private wake: (() => void) | undefined;
  private end: WatchEnd | undefined;

  constructor(options: WatcherOptions<T>) {
    this.selection = options.selection;
    this.bookmarks = options.bookmarks;
    this.initial = options.initial;
    this.missed = options.missed ?? [];
    this.backlog = options.backlog;
    this.onEnd = options.onEnd;
    if (this.missed.length === 0) this.joinPresent();
  }

  /** Queues what a change means to this watcher: an object may start or stop being selected by it. */
  offer(change: Change<T>): void {
    if (this.backlog !== undefined) return;
    const event = this.eventOf(change);
    if (event !== undefined) this.push(event, change.sizeBytes);
  }

  /** Queues an event that is not a change, such as a bookmark. */
  push(event: WatchEvent<T>, sizeBytes = 0): void {
    if (this.end !== undefined || this.backlog !== undefined) return;
    this.queue.push({ event, sizeBytes });
    this.queuedBytes += sizeBytes;
    if (
      this.queue.length > watchLimits.watcherBufferEvents ||
      this.queuedBytes > watchLimits.watcherBufferBytes
    )
      this.finish('too-slow');
    else this.signal();
  }

  readonly next = async (): Promise<readonly WatchEvent<T>[] | undefined> => {
    while (this.end === undefined) {
      const initial = this.takeInitial();
      if (initial.length > 0) return initial;
      const missed = this.takeMissed();
      if (missed.length > 0) return missed;
      if (this.backlog !== undefined) {
        if (!this.joinPresent()) await this.readOn(this.backlog);
        continue;
      }
      if (this.queue.length > 0) return this.takeQueued();
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return undefined;
  };

  readonly stop = (): void => {
    this.finish('stopped');
  };

  readonly ended = (): WatchEnd | undefined => this.end;

  /** Ends the watch; what was queued is dropped. */
  finish(why: WatchEnd): void {
    if (this.end !== undefined) return;
    this.end = why;
    this.queue = [];
    this.initial = [];
    this.missed = [];
    this.backlog = undefined;
    this.signal();
    this.onEnd(why);
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly WatchEvent<T>[], undefined> {
    return {
      next: async () => {
        const value = await this.next();
        return value === undefined ? { done: true, value } : { done: false, value };
      },
      return: () => {
        this.stop();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  private eventOf(change: Change<T>): WatchEvent<T> | undefined {
    const { current, previous } = change;
    const shown = current !== undefined && selects(this.selection, current);
    const wasShown = previous !== undefined && selects(this.selection, previous);
    if (shown) return change.event(wasShown ? 'MODIFIED' : 'ADDED');
    return wasShown ? change.event('DELETED') : undefined;
  }

  /** From here on changes are offered; nothing may come between what is taken and the first of them. */
  private joinPresent(): boolean {
    const rest = this.backlog?.rest();
    if (rest === undefined) return false;
    this.backlog = undefined;
    this.showMissed(rest);
    return true;
  }

  private async readOn(backlog: Backlog<T>): Promise<void> {
    try {
      const changes = await backlog.read();
      if (this.end === undefined) this.showMissed(changes);
    } catch (error) {
      // The client finds out when it resumes, as after every end.
      this.finish(hasReason(error, 'Expired') ? 'too-slow' : 'store-failed');
    }
  }

  private showMissed(changes: readonly Change<T>[]): void {
    this.missed = changes;
    this.missedShown = 0;
  }

  private takeInitial(): readonly WatchEvent<T>[] {
    const batch: WatchEvent<T>[] = [];
    let sizeBytes = 0;
    while (this.initialShown < this.initial.length && hasRoom(batch, sizeBytes)) {
      const stored = this.initial[this.initialShown];
      this.initialShown += 1;
      if (stored === undefined || !selects(this.selection, stored)) continue;
      batch.push(objectEvent('ADDED', stored));
      sizeBytes += stored.bytes.length;
    }
    if (this.initialShown >= this.initial.length) this.initial = [];
    return batch;
  }

  private takeMissed(): readonly WatchEvent<T>[] {
    const batch: WatchEvent<T>[] = [];
    let sizeBytes = 0;
    while (this.missedShown < this.missed.length && hasRoom(batch, sizeBytes)) {
      const change = this.missed[this.missedShown];
      this.missedShown += 1;
      const event = change === undefined ? undefined : this.eventOf(change);
      if (event === undefined) continue;
      batch.push(event);
      sizeBytes += event.stored?.bytes.length ?? 0;
    }
    if (this.missedShown >= this.missed.length) this.missed = [];
    return batch;
  }

  private takeQueued(): readonly WatchEvent<T>[] {
    const batch: WatchEvent<T>[] = [];
    let takenBytes = 0;
    for (const { event, sizeBytes } of this.queue) {
      if (!hasRoom(batch, takenBytes)) break;
      batch.push(event);
      takenBytes += sizeBytes;
    }
    this.queue = batch.length === this.queue.length ? [] : this.queue.slice(batch.length);
    this.queuedBytes -= takenBytes;
    return batch;
  }

  private signal(): void {
    this.wake?.();
    this.wake = undefined;
  }
}
