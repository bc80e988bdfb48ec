/**
 * The pods that wait to be placed, in four pools: `active` (to be tried now, by priority, then by age), `backoff` (tried in
 * vain, may be tried again when their time has come), `unschedulable` (nothing has changed that could help them) and
 * `gated` (their scheduling gates are closed).
 *
 * Used by `scheduler.ts`, which tells it of changes and asks for the next pod. It never touches the API.
 */
import type { Pod } from '../../api/core/v1/types.js';
import type { Clock } from '../../machinery/clock/clock.js';
import { Heap } from './heap.js';
import { backOffBaseMs, backOffMaxMs, unschedulableMaxMs } from './limits.js';
import type { PodFacts } from './plugins/pod-facts.js';

export type Pool = 'active' | 'backoff' | 'unschedulable' | 'gated';

export interface QueuedPod {
  facts: PodFacts;
  pool: Pool | 'taken';
  /** When it first came, for latencies. */
  readonly queuedMs: number;
  /** Grows with each entry into the active pool: who came first is tried first. */
  turn: number;
  /** Of its present pool, milliseconds since the epoch. */
  sinceMs: number;
  attempts: number;
  /** When its last wait after a failure ends. */
  retryAtMs: number;
  /** Names of the plugins that rejected a node at the last attempt. */
  rejectedBy: ReadonlySet<string>;
}

const isMoreUrgent = (a: QueuedPod, b: QueuedPod): boolean =>
  a.facts.priority === b.facts.priority ? a.turn < b.turn : a.facts.priority > b.facts.priority;

/** How long a pod waits after its nth failed attempt. */
const backOffMs = (attempts: number): number =>
  Math.min(backOffBaseMs * 2 ** Math.min(Math.max(attempts - 1, 0), 30), backOffMaxMs);

const isGated = ({ pod }: PodFacts): boolean => (pod.spec.schedulingGates ?? []).length > 0;

export class SchedulingQueue {
  private readonly clock: Clock;
  private readonly pods = new Map<string, QueuedPod>();
  private readonly active = new Heap<QueuedPod>(isMoreUrgent);
  private readonly backoff = new Heap<QueuedPod>((a, b) => a.retryAtMs < b.retryAtMs);
  private readonly unschedulable = new Set<QueuedPod>();
  private readonly gated = new Set<QueuedPod>();
  private turns = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  sizeOf(pool: Pool): number {
    return this[pool].size;
  }

  get(uid: string): QueuedPod | undefined {
    return this.pods.get(uid);
  }

  /** When the first pod of the back-off pool may be tried again. */
  get nextRetryMs(): number | undefined {
    return this.backoff.peek()?.retryAtMs;
  }

  /** Adds a pod seen for the first time. */
  add(facts: PodFacts): QueuedPod {
    const nowMs = this.clock.now();
    const pod: QueuedPod = {
      facts,
      pool: 'taken',
      queuedMs: nowMs,
      turn: 0,
      sinceMs: nowMs,
      attempts: 0,
      retryAtMs: 0,
      rejectedBy: new Set(),
    };
    this.pods.set(facts.uid, pod);
    this.move(pod, isGated(facts) ? 'gated' : 'active');
    return pod;
  }

  /** The pod changed in a way that cannot matter to where it fits, such as its status. */
  refresh(pod: Pod): void {
    const queued = this.pods.get(pod.metadata.uid);
    if (queued !== undefined) queued.facts = { ...queued.facts, pod };
  }

  /** The pod itself changed in a way that could matter; a new attempt is due once its back-off allows. */
  update(facts: PodFacts): void {
    const pod = this.pods.get(facts.uid);
    if (pod === undefined) {
      this.add(facts);
      return;
    }
    this.detach(pod);
    pod.facts = facts;
    if (pod.pool === 'taken') return;
    if (isGated(facts)) this.move(pod, 'gated');
    else this.retry(pod);
  }

  /** Forgets a pod that was placed, deleted or has ended. */
  delete(uid: string): void {
    const pod = this.pods.get(uid);
    if (pod === undefined) return;
    this.detach(pod);
    this.pods.delete(uid);
  }

  /** The most urgent pod; it stays known until `delete`, `failed` or `rejected` says what came of it. */
  take(): QueuedPod | undefined {
    const pod = this.active.pop();
    if (pod === undefined) return undefined;
    pod.pool = 'taken';
    pod.attempts += 1;
    return pod;
  }

  /** No node could take the pod: it waits until something changes that could help. */
  rejected(pod: QueuedPod, by: ReadonlySet<string>): void {
    if (this.pods.get(pod.facts.uid) !== pod) return;
    pod.rejectedBy = by;
    pod.retryAtMs = this.clock.now() + backOffMs(pod.attempts);
    this.move(pod, 'unschedulable');
  }

  /** Something else went wrong: it waits for its back-off alone. */
  failed(pod: QueuedPod): void {
    if (this.pods.get(pod.facts.uid) !== pod) return;
    pod.retryAtMs = this.clock.now() + backOffMs(pod.attempts);
    this.move(pod, 'backoff');
  }

  /** Moves unschedulable pods that `mayFit` to where they are tried again. Returns how many. */
  requeue(mayFit: (pod: QueuedPod) => boolean): number {
    let moved = 0;
    for (const pod of [...this.unschedulable]) {
      if (!mayFit(pod)) continue;
      this.detach(pod);
      this.retry(pod);
      moved += 1;
    }
    return moved;
  }

  /** Brings back the pods whose time has come. */
  flush(): void {
    const nowMs = this.clock.now();
    for (let pod = this.backoff.peek(); pod !== undefined; pod = this.backoff.peek()) {
      if (pod.retryAtMs > nowMs) break;
      this.detach(pod);
      this.move(pod, 'active');
    }
  }

  /** Tries again what has waited so long that a change may have been missed. */
  sweep(): void {
    const beforeMs = this.clock.now() - unschedulableMaxMs;
    this.requeue((pod) => pod.sinceMs <= beforeMs);
  }

  private retry(pod: QueuedPod): void {
    this.move(pod, pod.retryAtMs > this.clock.now() ? 'backoff' : 'active');
  }

  private move(pod: QueuedPod, pool: Pool): void {
    pod.pool = pool;
    pod.sinceMs = this.clock.now();
    if (pool === 'active') pod.turn = this.turns += 1;
    if (pool === 'active' || pool === 'backoff') this[pool].push(pod);
    else this[pool].add(pod);
  }

  private detach(pod: QueuedPod): void {
    if (pod.pool !== 'taken') this[pod.pool].delete(pod);
  }
}
