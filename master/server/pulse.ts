/**
 * Wakes everybody who waits at the same moment, so that many waits of a few milliseconds cost one timer and what they do then
 * is done together. The more waited last time, the longer until the next beat: waking them is to take a part of the time only.
 */
import type { Clock } from '../../machinery/clock/clock.js';

export interface PulseInterval {
  readonly minMs: number;
  readonly maxMs: number;
  /** What each of those who waited adds. */
  readonly msEach: number;
}

export class Pulse {
  private readonly clock: Clock;
  private readonly interval: PulseInterval;
  private pending: Promise<void> | undefined;
  private waiting = 0;
  private woken = 0;

  constructor(clock: Clock, interval: PulseInterval) {
    this.clock = clock;
    this.interval = interval;
  }

  /** Resolves at the next beat, which comes within the longest interval. */
  next(): Promise<void> {
    this.waiting += 1;
    this.pending ??= new Promise((resolve) => {
      const { minMs, maxMs, msEach } = this.interval;
      const delayMs = Math.min(maxMs, Math.max(minMs, this.woken * msEach));
      this.clock.after(delayMs, () => {
        this.woken = this.waiting;
        this.waiting = 0;
        this.pending = undefined;
        resolve();
      });
    });
    return this.pending;
  }
}
