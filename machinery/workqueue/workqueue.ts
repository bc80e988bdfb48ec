/**
 * A queue of keys to work on, after client-go's: a key waits at most once, is worked on by one worker at a time, and is
 * queued again when it was added during its own work. Failures come back with a delay that doubles.
 *
 * Called by the controller driver, the scheduler and the agent's workers. It must never lose a key that was added.
 */
import type { CancelTimer, Clock } from '../clock/clock.js';
import type { CounterMetric, GaugeMetric, HistogramMetric, Metrics } from '../metrics/metrics.js';
import { retryBaseMs, retryMaxMs } from './limits.js';

interface WorkQueueMetrics {
  readonly depth: GaugeMetric;
  readonly adds: CounterMetric;
  readonly retries: CounterMetric;
  readonly queueSeconds: HistogramMetric;
  readonly workSeconds: HistogramMetric;
}

/** Powers of ten from 10 ns to 10 s: Kubernetes' buckets for both duration histograms. */
const durationBucketsSeconds = Array.from({ length: 10 }, (_, power) => 1e-8 * 10 ** power);

const metricsByRegistry = new WeakMap<Metrics, WorkQueueMetrics>();

/** Every queue of a process shares these metrics; the label `name` tells them apart. */
function workQueueMetrics(metrics: Metrics): WorkQueueMetrics {
  const known = metricsByRegistry.get(metrics);
  if (known !== undefined) return known;
  const labels = ['name'];
  const buckets = durationBucketsSeconds;
  const created: WorkQueueMetrics = {
    depth: metrics.gauge({ name: 'workqueue_depth', help: 'Keys waiting in the queue.', labels }),
    adds: metrics.counter({ name: 'workqueue_adds_total', help: 'Keys added.', labels }),
    retries: metrics.counter({ name: 'workqueue_retries_total', help: 'Keys retried.', labels }),
    queueSeconds: metrics.histogram({
      name: 'workqueue_queue_duration_seconds',
      help: 'How long a key waits before work on it starts.',
      labels,
      buckets,
    }),
    workSeconds: metrics.histogram({
      name: 'workqueue_work_duration_seconds',
      help: 'How long work on a key takes.',
      labels,
      buckets,
    }),
  };
  metricsByRegistry.set(metrics, created);
  return created;
}

export interface WorkQueueOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

interface DelayedAdd {
  readonly dueMs: number;
  readonly cancel: CancelTimer;
}

export class WorkQueue {
  private readonly clock: Clock;
  private readonly metrics: WorkQueueMetrics;
  private readonly labels: { readonly name: string };
  /** Keys waiting, in order, each with when it was added. */
  private readonly waiting = new Map<string, number>();
  /** Keys being worked on, each with when that began. */
  private readonly working = new Map<string, number>();
  /** Keys added while being worked on. */
  private readonly again = new Map<string, number>();
  private readonly delayed = new Map<string, DelayedAdd>();
  private readonly failures = new Map<string, number>();
  private readonly idleWorkers: ((key: string | undefined) => void)[] = [];
  private closed = false;

  constructor(options: WorkQueueOptions) {
    this.clock = options.clock;
    this.metrics = workQueueMetrics(options.metrics);
    this.labels = { name: options.name };
    this.metrics.depth.set(0, this.labels);
  }

  /** How many keys wait for a worker. */
  get depth(): number {
    return this.waiting.size;
  }

  add(key: string): void {
    if (this.closed || this.waiting.has(key) || this.again.has(key)) return;
    this.metrics.adds.increment(this.labels);
    const nowMs = this.clock.monotonicMs();
    if (this.working.has(key)) {
      this.again.set(key, nowMs);
      return;
    }
    this.enqueue(key, nowMs);
  }

  /** Adds the key after a delay. Of several pending delays the earliest counts. */
  addAfter(key: string, delayMs: number): void {
    if (this.closed) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const dueMs = this.clock.monotonicMs() + delayMs;
    const pending = this.delayed.get(key);
    if (pending !== undefined && pending.dueMs <= dueMs) return;
    pending?.cancel();
    const cancel = this.clock.after(delayMs, () => {
      this.delayed.delete(key);
      this.add(key);
    });
    this.delayed.set(key, { dueMs, cancel });
  }

  /** Adds the key after the delay its failures have earned: 5 ms, doubled by each, up to 1000 s. */
  addRateLimited(key: string): void {
    const failures = this.failures.get(key) ?? 0;
    this.failures.set(key, failures + 1);
    this.metrics.retries.increment(this.labels);
    this.addAfter(key, Math.min(retryBaseMs * 2 ** failures, retryMaxMs));
  }

  /** How often the key was added rate-limited since it was last forgotten. */
  retries(key: string): number {
    return this.failures.get(key) ?? 0;
  }

  /** Ends the key's back-off, after a success. */
  forget(key: string): void {
    this.failures.delete(key);
  }

  /** The next key to work on; undefined once the queue is shut down. `done` must follow. */
  async get(): Promise<string | undefined> {
    if (this.closed) return undefined;
    const next = this.waiting.entries().next();
    if (next.done !== true) {
      const [key, addedMs] = next.value;
      this.waiting.delete(key);
      this.begin(key, addedMs);
      return key;
    }
    return new Promise((resolve) => {
      this.idleWorkers.push(resolve);
    });
  }

  /** Ends work on a key; queues it again when it was added meanwhile. */
  done(key: string): void {
    const beganMs = this.working.get(key);
    if (beganMs === undefined) return;
    this.working.delete(key);
    const nowMs = this.clock.monotonicMs();
    this.metrics.workSeconds.observe((nowMs - beganMs) / 1000, this.labels);
    const addedMs = this.again.get(key);
    if (addedMs === undefined) return;
    this.again.delete(key);
    if (!this.closed) this.enqueue(key, addedMs);
  }

  /** Wakes all workers with undefined and drops what is waiting. */
  shutDown(): void {
    this.closed = true;
    for (const { cancel } of this.delayed.values()) cancel();
    this.delayed.clear();
    this.waiting.clear();
    this.again.clear();
    this.metrics.depth.set(0, this.labels);
    for (const wake of this.idleWorkers.splice(0)) wake(undefined);
  }

  private enqueue(key: string, addedMs: number): void {
    const worker = this.idleWorkers.shift();
    if (worker !== undefined) {
      this.begin(key, addedMs);
      worker(key);
      return;
    }
    this.waiting.set(key, addedMs);
    this.metrics.depth.set(this.waiting.size, this.labels);
  }

  private begin(key: string, addedMs: number): void {
    const nowMs = this.clock.monotonicMs();
    this.metrics.queueSeconds.observe((nowMs - addedMs) / 1000, this.labels);
    this.metrics.depth.set(this.waiting.size, this.labels);
    this.working.set(key, nowMs);
  }
}
