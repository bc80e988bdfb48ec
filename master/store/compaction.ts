/** Forgets history once it is old enough that no pager or watch can reasonably want it. */
import { storeLimits } from './limits.js';
import type { CancelTimer, Clock } from '../../machinery/clock/clock.js';
import type { Store } from './store.js';

/**
 * Compacts the store each minute to the revision it had `storeLimits.historyMs` ago. The function returned stops it.
 * `onError` hears of a compaction that failed; the next one takes over its work.
 */
export function startCompaction(options: {
  readonly store: Store;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}): () => void {
  const { store, clock, onError } = options;
  /** The revisions of the last minutes, oldest first. */
  const marks: { readonly atMs: number; readonly revision: number }[] = [];
  let isStopped = false;
  let cancel: CancelTimer;
  const mark = (): void => {
    marks.push({ atMs: clock.monotonicMs(), revision: store.revision() });
  };
  const compact = async (): Promise<void> => {
    const oldEnough = clock.monotonicMs() - storeLimits.historyMs;
    const target = marks.findLast(({ atMs }) => atMs <= oldEnough);
    if (target === undefined) return;
    marks.splice(0, marks.indexOf(target) + 1);
    await store.compact(target.revision);
  };
  const tick = (): void => {
    mark();
    void compact()
      .catch((error: unknown) => {
        // A store that is being closed refuses the rest.
        if (!isStopped) onError(error);
      })
      .finally(() => {
        if (!isStopped) cancel = clock.after(storeLimits.compactionIntervalMs, tick);
      });
  };
  mark();
  cancel = clock.after(storeLimits.compactionIntervalMs, tick);
  return () => {
    isStopped = true;
    cancel();
  };
}

/** The store, compacted from now on until it is closed. */
export function compactedStore(options: Parameters<typeof startCompaction>[0]): Store {
  const { store } = options;
  const stopCompaction = startCompaction(options);
  return {
    ...store,
    close: async () => {
      stopCompaction();
      await store.close();
    },
  };
}
