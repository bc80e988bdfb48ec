/** Wakes everybody who waits at the same moment, so that many waits of a few milliseconds cost one timer. */
import type { Clock } from '../../machinery/clock/clock.js';

export class Pulse {
  private readonly clock: Clock;
  private readonly intervalMs: number;
  private pending: Promise<void> | undefined;

  constructor(clock: Clock, intervalMs: number) {
    this.clock = clock;
    this.intervalMs = intervalMs;
  }

  /** Resolves at the next beat, which comes within the interval. */
  next(): Promise<void> {
    this.pending ??= new Promise((resolve) => {
      this.clock.after(this.intervalMs, () => {
        this.pending = undefined;
        resolve();
      });
    });
    return this.pending;
  }
}
