/**
 * The only door to time. Components take a `Clock`; `main.ts` passes `systemClock`, tests pass a `FakeClock`.
 */

/** Stops a timer; harmless when it has already fired. */
export type CancelTimer = () => void;

export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds on a clock that never jumps, with fractions; for measuring durations. */
  readonly monotonicMs: () => number;
  /** Calls back once after `delayMs`. Timers never keep the process alive. */
  readonly after: (delayMs: number, callback: () => void) => CancelTimer;
  /** Resolves after `delayMs`; rejects with the signal's reason when it is aborted first. */
  readonly sleep: (delayMs: number, signal?: AbortSignal) => Promise<void>;
}

/** Node's timers fire at once for delays beyond this many milliseconds, so longer ones are clamped. */
const longestTimerMs = 2 ** 31 - 1;

/** The machine's time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, Math.min(Math.max(delayMs, 0), longestTimerMs));
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
  sleep: (delayMs, signal) => sleepWith(systemClock.after, delayMs, signal),
};

/**
 * Keeps the process running until the function returned is called: timers alone do not, so that a component that waits for
 * something to come back would end quietly instead.
 */
export function keepProcessAlive(): CancelTimer {
  const timer = setInterval(() => undefined, longestTimerMs);
  return () => {
    clearInterval(timer);
  };
}

async function sleepWith(
  after: Clock['after'],
  delayMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    const cancel = after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

interface PendingTimer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** A clock that moves only when told to. Timers due fire in order of their time while it is advanced. */
export class FakeClock implements Clock {
  private currentMs: number;
  private readonly timers = new Set<PendingTimer>();

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.currentMs = startMs;
  }

  readonly now = (): number => this.currentMs;
  readonly monotonicMs = (): number => this.currentMs;

  readonly after = (delayMs: number, callback: () => void): CancelTimer => {
    const timer = { dueMs: this.currentMs + Math.max(delayMs, 0), callback };
    this.timers.add(timer);
    return () => {
      this.timers.delete(timer);
    };
  };

  readonly sleep = (delayMs: number, signal?: AbortSignal): Promise<void> =>
    sleepWith(this.after, delayMs, signal);

  /** How many timers are waiting. */
  get pendingTimers(): number {
    return this.timers.size;
  }

  /** Moves time forward, firing what falls due and letting promise callbacks run after each. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.currentMs + byMs;
    for (;;) {
      const next = [...this.timers]
        .filter((timer) => timer.dueMs <= untilMs)
        .sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined) break;
      this.timers.delete(next);
      this.currentMs = Math.max(this.currentMs, next.dueMs);
      next.callback();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.currentMs = untilMs;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
