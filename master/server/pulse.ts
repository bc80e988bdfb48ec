/**
 * Wakes everybody who waits at the same moment, so that many waits of a few milliseconds cost one timer and what they do then
 * is done together. The more waited last time, the longer until the next beat: waking them is to take a part of the time only.
 * Whoever else the thread has to serve gets a turn after some of them.
 */
import type { Clock } from '../../machinery/clock/clock.js';

export interface PulseInterval {
  readonly minMs: number;
  readonly maxMs: number;
  /** What each of those who waited adds. */
  readonly msEach: number;
  /** How many are woken in one turn of the event loop. */
  readonly wokenAtOnce: number;
}

export class Pulse {
  private readonly clock: Clock;
  private readonly interval: PulseInterval;
  private sleepers: (() => void)[] = [];
  /** Whether the next beat is under way; it is not before everybody of the last one has been woken. */
  private beating = false;
  private woken = 0;

  constructor(clock: Clock, interval: PulseInterval) {
    this.clock = clock;
    this.interval = interval;
  }

  /** Resolves at the next beat, which comes within the longest interval after the last one is over. */
  next(): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.sleepers.push(resolve);
    });
    if (!this.beating) this.schedule();
    return woken;
  }

  private schedule(): void {
    const { minMs, maxMs, msEach } = this.interval;
    this.beating = true;
    this.clock.after(Math.min(maxMs, Math.max(minMs, this.woken * msEach)), () => {
      const { sleepers } = this;
      this.sleepers = [];
      this.woken = sleepers.length;
      this.wake(sleepers, 0);
    });
  }

  private wake(sleepers: readonly (() => void)[], from: number): void {
    const end = from + this.interval.wokenAtOnce;
    for (const wake of sleepers.slice(from, end)) wake();
    if (end < sleepers.length) {
      setImmediate(() => {
        this.wake(sleepers, end);
      });
      return;
    }
    this.beating = false;
    if (this.sleepers.length > 0) this.schedule();
  }
}
