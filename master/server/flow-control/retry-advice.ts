/**
 * When a refused client is told to come again: the later the longer its priority level has had to refuse. Pure but for what it
 * remembers.
 *
 * As congestion control in TCP does it, and Kubernetes: many refusals within the time last advised double the advice, few
 * take a second off.
 */
import { manyRefusalsPerSecond, maxRetryAfterSeconds } from './limits.js';

/** Refusals of one second. */
interface Refused {
  readonly second: number;
  count: number;
}

/** The advice of one priority level. */
export class RetryAdvice {
  private adviceSeconds = 1;
  private doubledAt = -Infinity;
  /** The seconds with refusals, newest last, as far back as any advice reaches. */
  private history: Refused[] = [];

  /** Takes note of a refusal and says after how many seconds to come again. */
  refused(nowMs: number): number {
    const second = Math.floor(nowMs / 1000);
    const newest = this.history.at(-1);
    if (newest?.second === second) newest.count += 1;
    else {
      this.adapt(second);
      this.history.push({ second, count: 1 });
    }
    return this.adviceSeconds;
  }

  /** Looks at what was refused in the seconds before this one. */
  private adapt(second: number): void {
    const advice = this.adviceSeconds;
    this.history = this.history.filter((past) => second - past.second <= maxRetryAfterSeconds);
    const lately = this.history
      .filter((past) => second - past.second <= advice)
      .reduce((sum, { count }) => sum + count, 0);
    if (second - this.doubledAt >= advice && lately >= manyRefusalsPerSecond * advice) {
      this.adviceSeconds = Math.min(2 * advice, maxRetryAfterSeconds);
      this.doubledAt = second;
    } else if (lately < advice) this.adviceSeconds = Math.max(1, advice - 1);
  }
}
