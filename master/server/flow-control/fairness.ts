/**
 * Priority and fairness: how many requests are served at the same time, and whose turn it is when there are more. Each request
 * belongs to a flow of a priority level; each level keeps some seats for itself whatever the others do, so that nodes and
 * controllers are heard while somebody floods the server.
 *
 * Levels lend each other what they do not use, at once and as long as they do not use it; Kubernetes works out every ten
 * seconds what may be lent. Called by the request server for every request from the network that is no stream, before
 * authorisation. While seats are free it costs a look into the rules.
 */
import type { FlowSchema, PriorityLevelConfiguration } from '../../../api/flowcontrol/v1/types.js';
import { tooManyRequests } from '../../../api/meta/status-error.js';
import type { Clock } from '../../../machinery/clock/clock.js';
import { Classifier, flowOf } from './classification.js';
import type { ClassifiedRequest } from './classification.js';
import { noteRejected, noteWait } from './flow-counts.js';
import type { FlowCounts, RejectionReason } from './flow-counts.js';
import { maxWaitMs, retryAfterSeconds } from './limits.js';
import { PriorityLevel } from './priority-level.js';
import type { FlowQueue, SeatLimits, Waiter } from './priority-level.js';
import { seatLimits } from './seat-limits.js';

/** The objects that say who may do how much. */
export interface FlowControlObjects {
  readonly schemas: readonly FlowSchema[];
  readonly levels: readonly PriorityLevelConfiguration[];
  /** What stands in for objects that somebody deleted. */
  readonly mandatory: {
    readonly schemas: { readonly exempt: FlowSchema; readonly catchAll: FlowSchema };
    readonly levels: readonly PriorityLevelConfiguration[];
  };
}

export interface FairnessOptions {
  /** How many requests are served at the same time, in all. */
  readonly totalSeats: number;
  readonly clock: Clock;
}

/** A request that is being served. */
export interface Seat {
  /** By which schema and level; for headers. */
  readonly schemaUid: string;
  readonly levelUid: string;
  /** It has been served; harmless the second time. */
  readonly release: () => void;
}

/** A request that asks for its turn. */
export interface FairRequest extends ClassifiedRequest {
  /** How much it takes; asked only where the level is limited. */
  readonly seats: () => number;
  /** Calls back when the client no longer waits, unless the function returned is called before. */
  readonly onGone: (callback: () => void) => () => void;
}

interface Flow {
  readonly schema: FlowSchema;
  readonly level: PriorityLevel;
  readonly counts: FlowCounts;
}

interface Held {
  readonly flow: Flow;
  readonly seats: number;
  readonly queue: FlowQueue | undefined;
}

export class Fairness {
  private readonly options: FairnessOptions;
  private classifier: Classifier;
  private levels = new Map<string, PriorityLevel>();
  /** Levels that are gone while requests of theirs still wait. */
  private closing: PriorityLevel[] = [];
  private readonly counts = new Map<string, FlowCounts>();
  /** Of all levels together. */
  private waiting = 0;

  constructor(options: FairnessOptions, objects: FlowControlObjects) {
    this.options = options;
    this.classifier = this.configure(objects);
  }

  /** Follows what was changed; requests that wait or are served stay where they are. */
  configure({ schemas, levels, mandatory }: FlowControlObjects): Classifier {
    const wanted = new Map(
      [...mandatory.levels, ...levels].map((level) => [level.metadata.name, level]),
    );
    const limits = seatLimits([...wanted.values()], this.options.totalSeats);
    const before = this.levels;
    this.levels = new Map();
    for (const [name, configuration] of wanted) {
      const its = limits.get(name) ?? { nominal: 1, least: 1, most: 1 };
      this.levels.set(name, reconfigured(before.get(name), configuration, its));
    }
    const gone = [...before.values()].filter(({ name }) => !this.levels.has(name));
    this.closing = [...this.closing, ...gone].filter((level) => level.waiting > 0);
    const named = new Set(schemas.map(({ metadata }) => metadata.name));
    const { exempt, catchAll } = mandatory.schemas;
    const known = [
      ...schemas,
      ...[exempt, catchAll].filter((own) => !named.has(own.metadata.name)),
    ];
    const usable = known.filter(({ spec }) =>
      this.levels.has(spec.priorityLevelConfiguration.name),
    );
    this.classifier = new Classifier(usable, catchAll);
    if (this.waiting > 0) this.dispatch();
    return this.classifier;
  }

  /** Gives the request a seat, once it is its turn; throws or rejects with a 429 where there is none to be had. */
  admit(request: FairRequest): Seat | Promise<Seat> {
    const flow = this.flowOf(request);
    const { level } = flow;
    if (level.isExempt) return this.seated({ flow, seats: 1, queue: undefined });
    const seats = Math.max(1, Math.min(request.seats(), level.limits.nominal));
    if (level.waiting === 0 && this.hasRoom(level, seats)) {
      return this.seated({ flow, seats, queue: undefined });
    }
    const queue = level.queueFor(`${flow.schema.metadata.name}/${flowOf(flow.schema, request)}`);
    if (queue === undefined) throw rejected(flow, 'concurrency-limit');
    if (level.isFull(queue)) throw rejected(flow, 'queue-full');
    return this.queued({ flow, seats, queue }, request);
  }

  /** What there is, for metrics. */
  get state(): {
    readonly levels: Iterable<PriorityLevel>;
    readonly counts: Iterable<FlowCounts>;
  } {
    return { levels: this.levels.values(), counts: this.counts.values() };
  }

  private flowOf(request: ClassifiedRequest): Flow {
    const schema = this.classifier.schemaOf(request);
    const { name } = schema.spec.priorityLevelConfiguration;
    const level = this.levels.get(name) ?? this.levels.get('catch-all');
    if (level === undefined) throw new Error('there is always the level catch-all');
    let counts = this.counts.get(schema.metadata.name);
    if (counts?.level !== level.name) {
      counts = {
        schema: schema.metadata.name,
        level: level.name,
        dispatched: 0,
        rejected: {},
        waits: [],
      };
      this.counts.set(schema.metadata.name, counts);
    }
    return { schema, level, counts };
  }

  /** Whether a level may have so many seats more, of its own or lent. */
  private hasRoom(level: PriorityLevel, seats: number): boolean {
    const wanted = level.seats + seats;
    if (wanted <= level.limits.least || level.seats === 0) return true;
    if (wanted > level.limits.most) return false;
    let claimed = wanted;
    for (const other of this.levels.values())
      if (other !== level && !other.isExempt) claimed += other.claimed;
    return claimed <= this.options.totalSeats;
  }

  private seated(held: Held): Seat {
    const { flow, seats, queue } = held;
    const { schema, level, counts } = flow;
    counts.dispatched += 1;
    level.occupy(seats, queue);
    const startMs = queue === undefined ? 0 : this.options.clock.monotonicMs();
    let isHeld = true;
    return {
      schemaUid: schema.metadata.uid,
      levelUid: level.configuration.metadata.uid,
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        const servedMs = queue === undefined ? 0 : this.options.clock.monotonicMs() - startMs;
        level.vacate(seats, queue, servedMs);
        if (this.waiting > 0) this.dispatch();
      },
    };
  }

  private queued(held: Held & { readonly queue: FlowQueue }, request: FairRequest): Promise<Seat> {
    const { flow, seats, queue } = held;
    const { level, counts } = flow;
    const { clock } = this.options;
    const startMs = clock.monotonicMs();
    return new Promise((resolve, reject) => {
      const settle = (isServed: boolean): void => {
        this.waiting -= 1;
        cancelTimer();
        stopListening();
        noteWait(counts, clock.monotonicMs() - startMs, isServed);
      };
      const waiter: Waiter = {
        seats,
        request,
        schema: flow.schema.metadata.name,
        flow: flowOf(flow.schema, request),
        arrivedMs: clock.now(),
        begin: () => {
          settle(true);
          resolve(this.seated(held));
        },
      };
      const giveUp = (reason: RejectionReason): void => {
        if (!queue.waiting.includes(waiter)) return;
        level.leave(queue, waiter);
        settle(false);
        reject(rejected(flow, reason));
      };
      const cancelTimer = clock.after(maxWaitMs, () => {
        giveUp('time-out');
      });
      level.join(queue, waiter);
      this.waiting += 1;
      const stopListening = request.onGone(() => {
        giveUp('cancelled');
      });
    });
  }

  /** Seats have become free: those levels first that have the least of their share. */
  private dispatch(): void {
    for (let next = this.nextLevel(); next !== undefined; next = this.nextLevel()) {
      const turn = next.next();
      if (turn === undefined) return;
      next.leave(turn.queue, turn.waiter);
      turn.waiter.begin();
    }
  }

  private nextLevel(): PriorityLevel | undefined {
    let first: PriorityLevel | undefined;
    for (const level of [...this.levels.values(), ...this.closing]) {
      const turn = level.waiting === 0 ? undefined : level.next();
      if (turn === undefined || !this.hasRoom(level, turn.waiter.seats)) continue;
      if (first === undefined || usedShare(level) < usedShare(first)) first = level;
    }
    return first;
  }
}

const usedShare = ({ seats, limits }: PriorityLevel): number => seats / limits.nominal;

function reconfigured(
  level: PriorityLevel | undefined,
  configuration: PriorityLevelConfiguration,
  limits: SeatLimits,
): PriorityLevel {
  if (level === undefined) return new PriorityLevel(configuration, limits);
  level.configuration = configuration;
  level.limits = limits;
  return level;
}

const totalFor = {
  'queue-full': 'rejected',
  'concurrency-limit': 'rejected',
  'time-out': 'timedOut',
  cancelled: 'cancelled',
} as const;

function rejected({ level, counts }: Flow, reason: RejectionReason): Error {
  noteRejected(counts, reason);
  level.totals[totalFor[reason]] += 1;
  return tooManyRequests('Too many requests, please try again later.', retryAfterSeconds);
}
