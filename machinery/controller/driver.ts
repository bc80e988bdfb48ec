/**
 * Runs controllers: waits for their caches, gives each key to one worker at a time, takes snapshots, carries out the
 * actions decided, retries with back-off and records why.
 *
 * Called by `master/controllers.ts`. It must never reconcile a key before the caches show what was last written for it.
 */
import { setMaxListeners } from 'node:events';
import { isStatusError } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceRef } from '../../api/schema/resource.js';
import type { Client } from '../client/client.js';
import type { Clock } from '../clock/clock.js';
import type { Informer, InformerFactory } from '../informer/informer.js';
import { keyOf } from '../informer/object-cache.js';
import type { Logger } from '../log/log.js';
import type { CounterMetric, Metrics } from '../metrics/metrics.js';
import { WorkQueue } from '../workqueue/workqueue.js';
import { ActionRunner } from './action-runner.js';
import {
  TerminalError,
  type ActionFailure,
  type ControllerDefinition,
  type DiscoveryRule,
  type ReconcileResult,
  type WatchRule,
} from './controller.js';
import { EventRecorder } from './event-recorder.js';
import { Expectations } from './expectations.js';
import { defaultWorkers, expectationTimeoutMs } from './limits.js';
import type { ReconcileRecorder } from './replay.js';

export interface ControllerDependencies {
  readonly client: Client;
  /** Started by the caller, before or after. */
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Aborting it stops the controller once its work in flight is done. */
  readonly signal: AbortSignal;
  readonly recorder?: ReconcileRecorder;
}

const reconcileCounters = new WeakMap<Metrics, CounterMetric>();

function reconcileCounter(metrics: Metrics): CounterMetric {
  const known = reconcileCounters.get(metrics);
  if (known !== undefined) return known;
  const created = metrics.counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Reconciles by controller and result.',
    labels: ['controller', 'result'],
  });
  reconcileCounters.set(metrics, created);
  return created;
}

const resourceId = (resource: ResourceRef): string => `${resource.group}/${resource.plural}`;

class ControllerRun<P extends KubeObject, S> {
  private readonly definition: ControllerDefinition<P, S>;
  private readonly dependencies: ControllerDependencies;
  private readonly logger: Logger;
  private readonly queue: WorkQueue;
  private readonly events: EventRecorder;
  private readonly expectations = new Expectations();
  private readonly failures = new Map<string, readonly ActionFailure[]>();
  private readonly observed = new Map<string, Informer<KubeObject>>();
  private readonly counter: CounterMetric;
  private reconciles = 0;

  constructor(definition: ControllerDefinition<P, S>, dependencies: ControllerDependencies) {
    const { clock, logger, metrics, client } = dependencies;
    const { name, component = `${name}-controller` } = definition;
    this.definition = definition;
    this.dependencies = dependencies;
    this.logger = logger.with({ controller: name });
    this.queue = new WorkQueue({ name, clock, metrics });
    this.counter = reconcileCounter(metrics);
    this.events = new EventRecorder({ client, clock, logger: this.logger, component });
  }

  /** Declares the informers; changes are queued from here on. */
  wire(): void {
    const { informers } = this.dependencies;
    const { primary, watches, discovers } = this.definition;
    // Handlers hear of what is cached already at once, and may read any of the indexes then.
    for (const rule of watches) this.addIndexes(rule);
    const enqueue = (object: P): void => {
      this.queue.add(keyOf(object.metadata));
    };
    this.listen(informers.informer(primary), {
      onAdd: enqueue,
      onUpdate: enqueue,
      onDelete: enqueue,
    });
    if (discovers !== undefined) this.discover(discovers);
    for (const rule of watches) this.watch(rule);
  }

  private addIndexes({ resource, indexes }: WatchRule): void {
    const informer = this.dependencies.informers.informer(resource);
    for (const [name, valuesOf] of Object.entries(indexes ?? {})) informer.addIndex(name, valuesOf);
  }

  private watch(rule: WatchRule): void {
    const { informers } = this.dependencies;
    const tell = (object: KubeObject, previous: KubeObject | undefined): void => {
      for (const key of rule.enqueue(object, informers, previous)) this.queue.add(key);
    };
    this.listen(informers.informer(rule.resource), {
      onAdd: (object) => {
        tell(object, undefined);
      },
      onUpdate: tell,
      onDelete: (object) => {
        tell(object, undefined);
      },
    });
  }

  /** Follows resources that come and go: watches those that are told of, drops those that are not any more. */
  private discover({ source, resourceOf, watch }: DiscoveryRule): void {
    const { informers } = this.dependencies;
    const followed = new Map<string, ResourceRef>();
    const leave = (name: string): void => {
      const resource = followed.get(name);
      if (resource === undefined) return;
      followed.delete(name);
      this.observed.delete(resourceId(resource));
      informers.drop(resource);
    };
    const consider = ({ metadata }: KubeObject, resource: ResourceRef | undefined): void => {
      const before = followed.get(metadata.name);
      if (before?.version === resource?.version && before?.plural === resource?.plural) return;
      leave(metadata.name);
      if (resource === undefined) return;
      followed.set(metadata.name, resource);
      const rule = watch(resource);
      this.addIndexes(rule);
      this.watch(rule);
    };
    const look = (object: KubeObject): void => {
      consider(object, resourceOf(object));
    };
    this.listen(informers.informer(source), {
      onAdd: look,
      onUpdate: look,
      onDelete: (object) => {
        consider(object, undefined);
      },
    });
  }

  /** What has synced may tell of resources that have not. */
  private async waitForSync(signal: AbortSignal): Promise<void> {
    const waiting = [...this.observed.values()].filter((informer) => !informer.hasSynced);
    if (waiting.length === 0 || signal.aborted) return;
    await Promise.all(waiting.map((informer) => informer.waitForSync(signal)));
    await this.waitForSync(signal);
  }

  async run(): Promise<void> {
    const { signal } = this.dependencies;
    // A controller waits for as many caches as it follows resources.
    setMaxListeners(0, signal);
    await this.waitForSync(signal);
    if (signal.aborted) return;
    signal.addEventListener('abort', () => {
      this.queue.shutDown();
    });
    const workers = this.definition.workers ?? defaultWorkers;
    await Promise.all(Array.from({ length: workers }, async () => this.work()));
    await this.events.flush();
  }

  private listen<T extends KubeObject>(
    informer: Informer<T>,
    handler: {
      readonly onAdd: (object: T) => void;
      readonly onUpdate: (object: T, previous: T) => void;
      readonly onDelete: (object: T) => void;
    },
  ): void {
    this.observed.set(resourceId(informer.resource), informer as unknown as Informer<KubeObject>);
    const wake = (): void => {
      if (this.expectations.isEmpty()) return;
      for (const key of this.expectations.waitingKeys()) {
        if (this.expectations.satisfied(key)) this.queue.add(key);
      }
    };
    informer.addHandler({
      onAdd: (object) => {
        handler.onAdd(object);
        wake();
      },
      onUpdate: (object, previous) => {
        handler.onUpdate(object, previous);
        wake();
      },
      onDelete: (object) => {
        handler.onDelete(object);
        wake();
      },
    });
  }

  private async work(): Promise<void> {
    for (;;) {
      const key = await this.queue.get();
      if (key === undefined) return;
      try {
        await this.process(key);
      } finally {
        this.queue.done(key);
      }
    }
  }

  private async process(key: string): Promise<void> {
    this.reconciles += 1;
    const logger = this.logger.with({ key, reconcileId: this.reconciles });
    if (!this.mayReconcile(key, logger)) return;
    let result: 'success' | 'requeue_after' | 'requeue' | 'error';
    try {
      result = await this.reconcile(key, logger);
    } catch (error) {
      result = 'error';
      if (error instanceof TerminalError) {
        this.queue.forget(key);
        logger.error('reconcile failed for good', { error });
      } else {
        logger.error('reconcile failed', { error, retries: this.queue.retries(key) });
        this.queue.addRateLimited(key);
      }
    }
    this.counter.increment({ controller: this.definition.name, result });
  }

  /** Whether the caches show the key's own writes, or have had long enough to. */
  private mayReconcile(key: string, logger: Logger): boolean {
    if (this.expectations.satisfied(key)) return true;
    const sinceMs = this.expectations.waitingSinceMs(key) ?? 0;
    const leftMs = sinceMs + expectationTimeoutMs - this.dependencies.clock.monotonicMs();
    if (leftMs > 0) {
      this.queue.addAfter(key, leftMs);
      return false;
    }
    logger.warn('caches never showed the last writes, going on');
    this.expectations.forget(key);
    return true;
  }

  private async reconcile(
    key: string,
    logger: Logger,
  ): Promise<'success' | 'requeue_after' | 'requeue' | 'error'> {
    const { informers, clock, recorder } = this.dependencies;
    const failures = this.failures.get(key) ?? [];
    const atMs = clock.now();
    const snapshot = this.definition.snapshot(key, informers, atMs, { failures });
    if (snapshot === undefined) {
      this.failures.delete(key);
      this.queue.forget(key);
      return 'success';
    }
    const result: ReconcileResult = this.definition.reconcile(snapshot);
    recorder?.({ controller: this.definition.name, key, atMs, snapshot, result });
    const outcome = await this.runnerFor(key, logger).run(result.actions);
    if (outcome.failures.length > 0) this.failures.set(key, outcome.failures);
    else this.failures.delete(key);
    if (outcome.conflicted) {
      this.queue.addRateLimited(key);
      return 'requeue';
    }
    if (outcome.failures.length > 0) {
      logger.warn('actions failed', { failures: outcome.failures });
      this.queue.addRateLimited(key);
      return 'error';
    }
    this.queue.forget(key);
    if (failures.length > 0) this.queue.add(key);
    if (result.requeueAfterMs === undefined) return 'success';
    this.queue.addAfter(key, result.requeueAfterMs);
    return 'requeue_after';
  }

  private runnerFor(key: string, logger: Logger): ActionRunner {
    const nowMs = (): number => this.dependencies.clock.monotonicMs();
    return new ActionRunner({
      client: this.dependencies.client,
      logger,
      effects: this.definition.effects ?? {},
      report: (event) => {
        this.events.report(event);
      },
      written: (resource, object) => {
        const informer = this.observed.get(resourceId(resource));
        if (informer !== undefined) this.expectations.written(key, informer, object, nowMs());
      },
      deleted: (resource, target) => {
        const informer = this.observed.get(resourceId(resource));
        if (informer !== undefined) this.expectations.deleted(key, informer, target, nowMs());
      },
    });
  }
}

/** Runs a controller until its signal is aborted. Handlers are in place when this returns its promise. */
export async function runController<P extends KubeObject, S>(
  definition: ControllerDefinition<P, S>,
  dependencies: ControllerDependencies,
): Promise<void> {
  const run = new ControllerRun(definition, dependencies);
  run.wire();
  try {
    await run.run();
  } catch (error) {
    dependencies.logger.error('controller stopped', {
      controller: definition.name,
      error,
      ...(isStatusError(error) ? { reason: error.reason } : {}),
    });
    throw error;
  }
}
