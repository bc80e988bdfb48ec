/** The bookmarks of one resource: events without an object, which tell watchers from which revision they may go on. */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { CancelTimer, Clock } from '../../machinery/clock/clock.js';
import { watchLimits } from './limits.js';
import type { WatchOptions } from './resource-store.js';
import { bookmarkEvent } from './watch-event.js';
import type { Watcher } from './watcher.js';

export interface BookmarksOptions<T extends KubeObject> {
  readonly kind: string;
  readonly apiVersion: string;
  readonly clock: Clock;
  readonly revision: () => number;
  /** The watchers that are open; those that want bookmarks get them. */
  readonly open: ReadonlySet<Watcher<T>>;
}

export class Bookmarks<T extends KubeObject> {
  private readonly options: BookmarksOptions<T>;
  private stopTimer: CancelTimer | undefined;

  constructor(options: BookmarksOptions<T>) {
    this.options = options;
  }

  /** The bookmark of this moment. */
  now({ endsInitialEvents }: { readonly endsInitialEvents: boolean }) {
    const { kind, apiVersion, revision } = this.options;
    return bookmarkEvent<T>({ kind, apiVersion, revision: revision(), endsInitialEvents });
  }

  /** Sends them from now on, at intervals, for as long as a watcher is open. */
  begin(): void {
    this.stopTimer ??= this.schedule();
  }

  /** To be called when a watcher has ended. */
  endIfIdle(): void {
    if (this.options.open.size > 0) return;
    this.stopTimer?.();
    this.stopTimer = undefined;
  }

  /** Sends a watcher one shortly before its time is over, so that the next watch begins there. */
  scheduleLast(
    { bookmarks, endsAfterMs }: WatchOptions<T>,
    watcher: () => Watcher<T>,
  ): CancelTimer {
    if (bookmarks !== true || endsAfterMs === undefined) return () => undefined;
    const afterMs = Math.max(endsAfterMs - watchLimits.bookmarkBeforeEndMs, endsAfterMs / 2);
    return this.options.clock.after(afterMs, () => {
      watcher().push(this.now({ endsInitialEvents: false }));
    });
  }

  private schedule(): CancelTimer {
    const { clock, open } = this.options;
    return clock.after(watchLimits.bookmarkIntervalMs, () => {
      const bookmark = this.now({ endsInitialEvents: false });
      for (const watcher of open) if (watcher.bookmarks) watcher.push(bookmark);
      this.stopTimer = open.size > 0 ? this.schedule() : undefined;
    });
  }
}
