/**
 * One priority level: how many seats it has, who sits on them, and who waits in which of its queues. Which level's turn it is
 * when seats are few is for `fairness.ts` to say.
 *
 * Within a level the queue comes first whose requests have had the least service so far (start-time fair queuing), so that a
 * flow with many requests delays only itself and what shares its queues.
 */
import type {
  PriorityLevelConfiguration,
  QueuingConfiguration,
} from '../../../api/flowcontrol/v1/types.js';
import type { ClassifiedRequest } from './classification.js';
import { reckonedServiceMs } from './limits.js';
import { RetryAdvice } from './retry-advice.js';
import { handOf } from './shuffle-sharding.js';

/** A request that waits for its turn. */
export interface Waiter {
  readonly seats: number;
  readonly begin: () => void;
  /** What it is, for people who look. */
  readonly request: ClassifiedRequest;
  readonly schema: string;
  /** What tells its flow from others of the schema. */
  readonly flow: string;
  /** Milliseconds since the epoch. */
  readonly arrivedMs: number;
}

/** What became of a level's requests since the start. */
interface Totals {
  dispatched: number;
  rejected: number;
  timedOut: number;
  cancelled: number;
}

/** Requests of some flows in the order in which they came. */
export interface FlowQueue {
  readonly waiting: Waiter[];
  /** Its requests that are being served. */
  executing: number;
  /** Their seats. */
  seats: number;
  /** How much service its requests have had, in milliseconds of seats; never behind that of the level. */
  served: number;
}

/** How many seats a level may have of those there are. */
export interface SeatLimits {
  /** Its share. */
  readonly nominal: number;
  /** What is kept for it whatever others need. */
  readonly least: number;
  /** What it may have while others leave it to it. */
  readonly most: number;
  /** What one request takes of it at most. */
  readonly mostEach: number;
}

export class PriorityLevel {
  readonly name: string;
  configuration: PriorityLevelConfiguration;
  limits: SeatLimits;
  /** Seats in use. */
  seats = 0;
  executing = 0;
  waiting = 0;
  /** When those it refuses are to come again. */
  readonly advice = new RetryAdvice();
  readonly totals: Totals = { dispatched: 0, rejected: 0, timedOut: 0, cancelled: 0 };
  private readonly queues = new Map<number, FlowQueue>();
  /** Queues with somebody in them. */
  private readonly busy = new Set<FlowQueue>();
  private served = 0;

  constructor(configuration: PriorityLevelConfiguration, limits: SeatLimits) {
    this.name = configuration.metadata.name;
    this.configuration = configuration;
    this.limits = limits;
  }

  /** Whether it only holds requests: none is ever served. */
  get isJail(): boolean {
    return this.limits.most === 0 && this.queuing !== undefined;
  }

  get isExempt(): boolean {
    return this.configuration.spec.type === 'Exempt';
  }

  /** Seats that are lost to others: those in use, and those kept. */
  get claimed(): number {
    return Math.max(this.seats, this.limits.least);
  }

  /** The queue a flow's next request joins; undefined where there are none. A full queue is given, too. */
  queueFor(flow: string): FlowQueue | undefined {
    const { queuing } = this;
    if (queuing === undefined) return undefined;
    const { queues = 64, handSize = 8 } = queuing;
    let shortest: FlowQueue | undefined;
    for (const card of handOf(flow, queues, handSize)) {
      const queue = this.queueAt(card);
      if (shortest === undefined || lengthOf(queue) < lengthOf(shortest)) shortest = queue;
    }
    return shortest;
  }

  isFull({ waiting }: FlowQueue): boolean {
    const { queueLengthLimit = 50 } = this.queuing ?? {};
    return waiting.length >= queueLengthLimit;
  }

  join(queue: FlowQueue, waiter: Waiter): void {
    if (queue.waiting.length === 0) queue.served = Math.max(queue.served, this.served);
    queue.waiting.push(waiter);
    this.busy.add(queue);
    this.waiting += 1;
  }

  /** Takes back a request that no longer wants its turn. */
  leave(queue: FlowQueue, waiter: Waiter): void {
    const index = queue.waiting.indexOf(waiter);
    if (index < 0) return;
    queue.waiting.splice(index, 1);
    this.waiting -= 1;
    if (queue.waiting.length === 0) this.busy.delete(queue);
  }

  /** The queues that were ever used, by number. */
  numberedQueues(): readonly (readonly [number, FlowQueue])[] {
    return [...this.queues].sort(([left], [right]) => left - right);
  }

  /** The request whose turn it is, with its queue. */
  next(): { readonly queue: FlowQueue; readonly waiter: Waiter } | undefined {
    let first: FlowQueue | undefined;
    for (const queue of this.busy)
      if (first === undefined || queue.served < first.served) first = queue;
    const waiter = first?.waiting[0];
    return first === undefined || waiter === undefined ? undefined : { queue: first, waiter };
  }

  /** A request sits down; `queue` is where it waited, if it did. */
  occupy(seats: number, queue: FlowQueue | undefined): void {
    this.seats += seats;
    this.executing += 1;
    this.totals.dispatched += 1;
    if (queue === undefined) return;
    this.served = queue.served;
    queue.executing += 1;
    queue.seats += seats;
    queue.served += seats * reckonedServiceMs;
  }

  /** A request gets up after it was served for so long. */
  vacate(seats: number, queue: FlowQueue | undefined, servedMs: number): void {
    this.seats -= seats;
    this.executing -= 1;
    if (queue === undefined) return;
    queue.executing -= 1;
    queue.seats -= seats;
    queue.served += seats * (servedMs - reckonedServiceMs);
  }

  private get queuing(): QueuingConfiguration | undefined {
    return this.configuration.spec.limited?.limitResponse?.queuing;
  }

  private queueAt(index: number): FlowQueue {
    const queue = this.queues.get(index) ?? { waiting: [], executing: 0, seats: 0, served: 0 };
    this.queues.set(index, queue);
    return queue;
  }
}

const lengthOf = ({ waiting, seats }: FlowQueue): number => waiting.length + seats;
