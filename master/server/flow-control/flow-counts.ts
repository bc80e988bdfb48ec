/** What is counted of the requests of a FlowSchema at a priority level, for metrics. */
import { maxKeptWaits } from './limits.js';

/** Why a request was refused, in Kubernetes' words. */
export type RejectionReason = 'queue-full' | 'concurrency-limit' | 'time-out' | 'cancelled';

export class FlowCounts {
  readonly schema: string;
  readonly level: string;
  /** What there is now. */
  waiting = 0;
  waitingSeats = 0;
  executing = 0;
  executingSeats = 0;
  /** What there was since the last scrape. */
  dispatched = 0;
  readonly rejected: Partial<Record<RejectionReason, number>> = {};
  /** Waits that ended, of requests that had to wait. */
  readonly waits: { readonly seconds: number; readonly isServed: boolean }[] = [];

  constructor(schema: string, level: string) {
    this.schema = schema;
    this.level = level;
  }

  queued(seats: number): void {
    this.waiting += 1;
    this.waitingSeats += seats;
  }

  /** A wait has ended. */
  waited(seats: number, ms: number, isServed: boolean): void {
    this.waiting -= 1;
    this.waitingSeats -= seats;
    if (this.waits.length < maxKeptWaits) this.waits.push({ seconds: ms / 1000, isServed });
  }

  begun(seats: number): void {
    this.dispatched += 1;
    this.executing += 1;
    this.executingSeats += seats;
  }

  ended(seats: number): void {
    this.executing -= 1;
    this.executingSeats -= seats;
  }

  refused(reason: RejectionReason): void {
    this.rejected[reason] = (this.rejected[reason] ?? 0) + 1;
  }
}
