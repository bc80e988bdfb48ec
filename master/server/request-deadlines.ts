/**
 * When a request has to be answered: after the time its `timeout` parameter gives, a minute at most. Kubernetes' rule for
 * everything but watches and streams.
 */
import { badRequest, timedOut } from '../../api/meta/status-error.js';
import { durationFromText } from '../../api/cel/library/time-text.js';
import type { CancelTimer, Clock } from '../../machinery/clock/clock.js';
import { longestAnswerMs } from './limits.js';
import type { ResourceRequest } from './request-info.js';

interface Pending {
  readonly dueMs: number;
  readonly expire: () => void;
}

const streams = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);

/** Whether a request lasts as long as its client likes. */
export const isLongRunning = (target: ResourceRequest | undefined): boolean =>
  target !== undefined && (target.verb === 'watch' || streams.has(target.subresource));

/** What a client hears that was kept waiting too long. */
export const answerOverdue = (): Error =>
  timedOut('Timeout: request did not complete within the allotted timeout');

function askedMs(text: string): number {
  const duration = durationFromText(text);
  if (duration !== undefined) return Number(duration.nanos) / 1e6;
  throw badRequest(
    `invalid timeout specified in the request URL - time: invalid duration ${JSON.stringify(text)}`,
  );
}

/** Follows requests in flight. All that have the usual minute share one timer. */
export class RequestDeadlines {
  private readonly clock: Clock;
  /** In the order in which they fall due. */
  private readonly pending = new Set<Pending>();
  private isArmed = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Calls `expire` unless the function returned is called before. Throws a 400 for a timeout that is none. */
  begin(query: URLSearchParams, expire: () => void): CancelTimer {
    const asked = query.size === 0 ? '' : (query.get('timeout') ?? '');
    const wantedMs = asked === '' ? 0 : askedMs(asked);
    if (wantedMs > 0 && wantedMs < longestAnswerMs) return this.clock.after(wantedMs, expire);
    const entry = { dueMs: this.clock.monotonicMs() + longestAnswerMs, expire };
    this.pending.add(entry);
    this.arm(longestAnswerMs);
    return () => {
      this.pending.delete(entry);
    };
  }

  private arm(delayMs: number): void {
    if (this.isArmed) return;
    this.isArmed = true;
    this.clock.after(delayMs, () => {
      this.isArmed = false;
      this.sweep();
    });
  }

  private sweep(): void {
    const nowMs = this.clock.monotonicMs();
    for (const entry of this.pending) {
      if (entry.dueMs > nowMs) {
        this.arm(entry.dueMs - nowMs);
        return;
      }
      this.pending.delete(entry);
      entry.expire();
    }
  }
}
