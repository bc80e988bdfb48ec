/**
 * When a request has to be answered: after the time its `timeout` parameter gives, a minute at most. Kubernetes' rule for
 * everything but watches and streams.
 */
import { badRequest, timedOut } from '../../api/meta/status-error.js';
import { durationFromText } from '../../api/cel/library/time-text.js';
import type { CancelTimer, Clock } from '../../machinery/clock/clock.js';
import { longestAnswerMs } from './limits.js';
import { handedThrough } from './request-info.js';
import type { ResourceRequest } from './request-info.js';

/**
 * A link of a chain. A set would do, but V8 chains the tables that a set has outgrown: one that got old keeps alive, to the
 * next full collection, all that was in the later ones, which is every request with its answer. What is unlinked holds nothing.
 */
interface Pending {
  readonly dueMs: number;
  expire: () => void;
  previous: Pending | undefined;
  next: Pending | undefined;
}

/** Whether a request lasts as long as its client likes. */
export const isLongRunning = (target: ResourceRequest | undefined): boolean =>
  target !== undefined && (target.verb === 'watch' || handedThrough.has(target.subresource));

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

/** How long a request may take to be answered. Throws a 400 for a timeout that is none. */
export function answerMsOf(query: URLSearchParams): number {
  const asked = query.size === 0 ? '' : (query.get('timeout') ?? '');
  const wantedMs = asked === '' ? 0 : askedMs(asked);
  return wantedMs > 0 && wantedMs < longestAnswerMs ? wantedMs : longestAnswerMs;
}

const nothing = (): void => undefined;

/** Follows requests in flight. All that have the usual minute share one timer. */
export class RequestDeadlines {
  private readonly clock: Clock;
  /** In the order in which they fall due. */
  private first: Pending | undefined;
  private last: Pending | undefined;
  private isArmed = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Calls `expire` unless the function returned is called before. Throws a 400 for a timeout that is none. */
  begin(query: URLSearchParams, expire: () => void): CancelTimer {
    const answerMs = answerMsOf(query);
    if (answerMs < longestAnswerMs) return this.clock.after(answerMs, expire);
    const dueMs = this.clock.monotonicMs() + longestAnswerMs;
    const entry: Pending = { dueMs, expire, previous: this.last, next: undefined };
    if (this.last === undefined) this.first = entry;
    else this.last.next = entry;
    this.last = entry;
    this.arm(longestAnswerMs);
    return () => {
      this.unlink(entry);
    };
  }

  /** Does nothing to what is unlinked already. */
  private unlink(entry: Pending): void {
    if (entry.expire === nothing) return;
    const { previous, next } = entry;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.last = previous;
    else next.previous = previous;
    entry.expire = nothing;
    entry.previous = undefined;
    entry.next = undefined;
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
    for (let entry = this.first; entry !== undefined; entry = this.first) {
      if (entry.dueMs > nowMs) {
        this.arm(entry.dueMs - nowMs);
        return;
      }
      const { expire } = entry;
      this.unlink(entry);
      expire();
    }
  }
}
