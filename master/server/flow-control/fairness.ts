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
import { StatusError, tooManyRequests } from '../../../api/meta/status-error.js';
import type { Clock } from '../../../machinery/clock/clock.js';
import { Classifier, flowOf } from './classification.js';
import type { ClassifiedRequest } from './classification.js';
import { FlowCounts } from './flow-counts.js';
import type { RejectionReason } from './flow-counts.js';
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

/** How a request was classed; for headers. */
export interface Classed {
  readonly schemaUid: string;
  readonly levelUid: string;
}

/** A request that is being served. */
export interface Seat extends Classed {
  /** It has been served; harmless the second time. */
  readonly release: () => void;
}

/** A 429 for a request that has no turn. */
export class TurnRefused extends StatusError {
  readonly classed: Classed;

  constructor(retryAfterSeconds: number, classed: Classed) {
    super(tooManyRequests('Too many requests, please try again later.', retryAfterSeconds).status);
    this.name = 'TurnRefused';
    this.classed = classed;
  }
}

/** A request that asks for its turn. */
export interface FairRequest extends ClassifiedRequest {
  /** How much it takes; asked only where the level is limited. */
  readonly seats: () => number;
  /** How long it waits at most. */
  readonly maxWaitMs: () => number;
  /** Calls back when the client no longer waits, unless the function returned is called before. */
  readonly onGone: (callback: () => void) => () => void;
}

/** What is the same for all requests of a schema. */
interface Flow extends Classed {
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
  /** By schema, as long as neither it nor its level changes. */
  private flows = new Map<FlowSchema, Flow>();
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
      const its = limits.get(name) ?? { nominal: 1, least: 1, most: 1, mostEach: 1 };
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
    this.flows = new Map();
    if (this.waiting > 0) this.dispatch();
    return this.classifier;
  }

  /** Gives the request a seat, once it is its turn; throws or rejects with a 429 where there is none to be had. */
  admit(request: FairRequest): Seat | Promise<Seat> {
    const flow = this.flowOf(request);
    const { level } = flow;
    if (level.isExempt) return this.seated({ flow, seats: 1, queue: undefined });
    const seats = Math.min(request.seats(), level.limits.mostEach);
    if (level.waiting === 0 && this.hasRoom(level, seats)) {
      return this.seated({ flow, seats, queue: undefined });
    }
    const queue = level.queueFor(`${flow.schema.metadata.name}/${flowOf(flow.schema, request)}`);
    if (queue === undefined) throw this.rejected(flow, 'concurrency-limit');
    if (level.isFull(queue)) throw this.rejected(flow, 'queue-full');
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
    const known = this.flows.get(schema);
    if (known !== undefined) return known;
    const { name } = schema.spec.priorityLevelConfiguration;
    const level = this.levels.get(name) ?? this.levels.get('catch-all');
    if (level === undefined) throw new Error('there is always the level catch-all');
    const flow = {
      schema,
      level,
      counts: this.countsOf(schema.metadata.name, level.name),
      schemaUid: schema.metadata.uid,
      levelUid: level.configuration.metadata.uid,
    };
    this.flows.set(schema, flow);
    return flow;
  }

  private countsOf(schema: string, level: string): FlowCounts {
    const key = `${schema} ${level}`;
    const counts = this.counts.get(key) ?? new FlowCounts(schema, level);
    this.counts.set(key, counts);
    return counts;
  }

  /** Whether a level may have so many seats more, of its own or lent. */
  private hasRoom(level: PriorityLevel, seats: number): boolean {
    const wanted = level.seats + seats;
    if (level.isJail) return false;
    if (wanted <= level.limits.least || level.seats === 0) return true;
    if (wanted > level.limits.most) return false;
    let claimed = wanted;
    for (const other of this.levels.values())
      if (other !== level && !other.isExempt) claimed += other.claimed;
    return claimed <= this.options.totalSeats;
  }

  private seated(held: Held): Seat {
    const { flow, seats, queue } = held;
    const { level, counts, schemaUid, levelUid } = flow;
    counts.begun(seats);
    level.occupy(seats, queue);
    const startMs = queue === undefined ? 0 : this.options.clock.monotonicMs();
    let isHeld = true;
    return {
      schemaUid,
      levelUid,
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        counts.ended(seats);
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
        counts.waited(seats, clock.monotonicMs() - startMs, isServed);
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
        reject(this.rejected(flow, reason));
      };
      const cancelTimer = clock.after(request.maxWaitMs(), () => {
        giveUp('time-out');
      });
      level.join(queue, waiter);
      counts.queued(seats);
      this.waiting += 1;
      const stopListening = request.onGone(() => {
        giveUp('cancelled');
      });
    });
  }

  private rejected(flow: Flow, reason: RejectionReason): Error {
    const { level, counts } = flow;
    counts.refused(reason);
    level.totals[totalFor[reason]] += 1;
    return new TurnRefused(level.advice.refused(this.options.clock.now()), flow);
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

const usedShare = ({ seats, limits }: PriorityLevel): number => seats / Math.max(1, limits.nominal);

const totalFor = {
  'queue-full': 'rejected',
  'concurrency-limit': 'rejected',
  'time-out': 'timedOut',
  cancelled: 'cancelled',
} as const;

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
