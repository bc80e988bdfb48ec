/** What is counted of the requests of a FlowSchema between two scrapes of the metrics. */

/** Why a request was refused, in Kubernetes' words. */
export type RejectionReason = 'queue-full' | 'concurrency-limit' | 'time-out' | 'cancelled';

export interface FlowCounts {
  readonly schema: string;
  readonly level: string;
  dispatched: number;
  readonly rejected: Partial<Record<RejectionReason, number>>;
  /** Waits that ended, of requests that had to wait. */
  waits: { readonly seconds: number; readonly isServed: boolean }[];
}

/** Counts a request that was refused. */
export function noteRejected(counts: FlowCounts, reason: RejectionReason): void {
  counts.rejected[reason] = (counts.rejected[reason] ?? 0) + 1;
}

/** Waits beyond this many are not kept for the next scrape. */
const maxKeptWaits = 10_000;

/** Keeps how long a request waited for its turn. */
export function noteWait(counts: FlowCounts, ms: number, isServed: boolean): void {
  if (counts.waits.length < maxKeptWaits) counts.waits.push({ seconds: ms / 1000, isServed });
}
