/**
 * The scheduler gives every pending pod a node. It follows pods and nodes through informers, decides one pod at a time
 * against its own picture of the cluster, and binds many at once: a pod counts as placed from the decision on, so binding
 * never holds up the next decision.
 *
 * Started by `master/control-plane.ts`. An API client like any other; it must never reach into the server,
 * and never decide on a pod that names another scheduler.
 */
import { nodes as nodesRef } from '../../api/core/v1/node.js';
import { pods as podsRef } from '../../api/core/v1/pod/pod.js';
import { isPodTerminal } from '../../api/core/v1/pod/conditions.js';
import type { Node, Pod } from '../../api/core/v1/types.js';
import { hasReason } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceRef } from '../../api/schema/resource.js';
import type { Client } from '../../machinery/client/client.js';
import type { CancelTimer, Clock } from '../../machinery/clock/clock.js';
import type { Random } from '../../machinery/clock/random.js';
import { EventRecorder } from '../../machinery/controller/event-recorder.js';
import type { Logger } from '../../machinery/log/log.js';
import type { Metrics } from '../../machinery/metrics/metrics.js';
import { ClusterState } from './cluster-state.js';
import { failureMessage } from './failure-message.js';
import { bindsInFlight, sliceMs, unschedulableSweepMs } from './limits.js';
import type { ClusterEvent, Plugin } from './plugins/plugin.js';
import { controllerUidOf, podFactsOf, type PodFacts } from './plugins/pod-facts.js';
import { PodWriter, type EventSink } from './pod-writer.js';
import { defaultPlugins, defaultSchedulerName } from './profile.js';
import { SchedulingQueue, type QueuedPod } from './queue.js';
import { createSchedulerMetrics, type SchedulerMetrics } from './scheduler-metrics.js';
import { filtersFor, rejectionOf, selectNode, type Decision } from './select-node.js';
import { Verdicts, type Verdict } from './verdicts.js';
import { errorText } from '../../machinery/error-text.js';

/** What the scheduler needs of an informer factory. */
export interface SchedulerInformers {
  informer<T extends KubeObject>(
    resource: ResourceRef<T>,
  ): {
    addHandler(handler: {
      readonly onAdd?: (object: T) => void;
      readonly onUpdate?: (object: T, previous: T) => void;
      readonly onDelete?: (object: T) => void;
    }): () => void;
    waitForSync(signal?: AbortSignal): Promise<void>;
  };
}

export interface SchedulerOptions {
  readonly client: Client;
  readonly informers: SchedulerInformers;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
  readonly plugins?: readonly Plugin[];
  /** Writes Events through the client when absent. */
  readonly events?: EventSink;
}

export interface RunningScheduler {
  /** What every node answered at the pod's last attempt; `podKey` is `namespace/name`. Undefined when long forgotten. */
  readonly explain: (podKey: string) => Verdict | undefined;
  /** Resolves once the caches have synced and pods are being placed. */
  readonly ready: Promise<void>;
}

/** Starts scheduling; ends with `signal`. */
export function startScheduler(options: SchedulerOptions): RunningScheduler {
  const scheduler = new Scheduler(options);
  return { explain: scheduler.explain, ready: scheduler.start() };
}

class Scheduler {
  private readonly options: SchedulerOptions;
  private readonly plugins: readonly Plugin[];
  private readonly writer: PodWriter;
  private readonly metrics: SchedulerMetrics;
  private readonly queue: SchedulingQueue;
  private readonly cluster = new ClusterState();
  private readonly verdicts = new Verdicts();
  private started = false;
  private sliceDue = false;
  private binding = 0;
  private startAt = 0;
  private cancelRetry: CancelTimer = () => undefined;

  constructor(options: SchedulerOptions) {
    this.options = options;
    this.plugins = options.plugins ?? defaultPlugins;
    const component = defaultSchedulerName;
    const events = options.events ?? new EventRecorder({ ...options, component });
    this.writer = new PodWriter({ ...options, events });
    this.metrics = createSchedulerMetrics(options.metrics);
    this.queue = new SchedulingQueue(options.clock);
  }

  readonly explain = (podKey: string): Verdict | undefined => this.verdicts.explain(podKey);

  async start(): Promise<void> {
    const { informers, signal } = this.options;
    const nodes = informers.informer(nodesRef);
    const pods = informers.informer(podsRef);
    const removers = [
      nodes.addHandler({
        onAdd: this.onNodeAdded,
        onUpdate: this.onNodeUpdated,
        onDelete: this.onNodeDeleted,
      }),
      pods.addHandler({
        onAdd: this.onPodShown,
        onUpdate: this.onPodShown,
        onDelete: this.onPodDeleted,
      }),
    ];
    signal.addEventListener('abort', () => {
      for (const remove of removers) remove();
      this.cancelRetry();
    });
    await Promise.all([nodes.waitForSync(signal), pods.waitForSync(signal)]);
    if (signal.aborted) return;
    this.started = true;
    this.sweepLater();
    this.wake();
  }

  private sweepLater(): void {
    this.options.clock.after(unschedulableSweepMs, () => {
      if (this.options.signal.aborted) return;
      this.queue.sweep();
      this.wake();
      this.sweepLater();
    });
  }

  /** Makes sure the next slice runs: at once, but after the change at hand has been taken in. */
  private wake(): void {
    if (this.sliceDue || !this.started || this.options.signal.aborted) return;
    this.sliceDue = true;
    queueMicrotask(this.runSlice);
  }

  /** Places pods until there are none, too many bindings are under way, or others in the process should have a turn. */
  private readonly runSlice = (): void => {
    const { clock, signal } = this.options;
    this.sliceDue = false;
    if (signal.aborted) return;
    this.queue.flush();
    const untilMs = clock.monotonicMs() + sliceMs;
    while (this.binding < bindsInFlight) {
      const pod = this.queue.take();
      if (pod === undefined) break;
      this.attempt(pod);
      if (clock.monotonicMs() >= untilMs) {
        this.sliceDue = true;
        clock.after(0, this.runSlice);
        break;
      }
    }
    this.metrics.sizes(this.queue, this.cluster);
    this.wakeAtNextRetry();
  };

  private wakeAtNextRetry(): void {
    this.cancelRetry();
    const atMs = this.queue.nextRetryMs;
    if (atMs === undefined) return;
    const { clock } = this.options;
    this.cancelRetry = clock.after(Math.max(atMs - clock.now(), 0), () => {
      this.wake();
    });
  }

  private attempt(pod: QueuedPod): void {
    const { clock, random } = this.options;
    const beganMs = clock.monotonicMs();
    const nodes = this.cluster.nodes;
    const decision = selectNode(pod.facts, {
      plugins: this.plugins,
      cluster: this.cluster,
      nodes,
      startAt: this.startAt,
      fraction: random.fraction,
    });
    this.metrics.decision(clock.monotonicMs() - beganMs);
    this.verdicts.record(pod.facts.key, decision, clock.now());
    if (decision.type === 'placed') {
      this.startAt = (this.startAt + decision.nodesSearched) % Math.max(nodes.length, 1);
      this.cluster.place(pod.facts, decision.nodeName, { assumed: true });
      this.binding += 1;
      void this.bind(pod, decision.nodeName, beganMs);
    } else {
      this.rejected(pod, decision);
      this.metrics.attempt('unschedulable', clock.monotonicMs() - beganMs);
    }
  }

  private rejected(pod: QueuedPod, decision: Decision & { readonly type: 'rejected' }): void {
    this.queue.rejected(pod, new Set(decision.rejections.map(({ plugin }) => plugin)));
    this.writer.notScheduled(pod.facts.pod, {
      reason: 'Unschedulable',
      message: failureMessage(decision.rejections, pod.facts.pod),
    });
  }

  private async bind(pod: QueuedPod, nodeName: string, beganMs: number): Promise<void> {
    const { clock } = this.options;
    try {
      await this.writer.bind(pod.facts.pod, nodeName);
      this.queue.delete(pod.facts.uid);
      this.metrics.attempt('scheduled', clock.monotonicMs() - beganMs);
      this.metrics.placed(pod.attempts, clock.now() - pod.queuedMs);
    } catch (error) {
      this.bindFailed(pod, error);
      this.metrics.attempt('error', clock.monotonicMs() - beganMs);
    } finally {
      this.binding -= 1;
      this.wake();
    }
  }

  /** The room it took is free again, and it waits for its back-off, unless the informer has said otherwise meanwhile. */
  private bindFailed(pod: QueuedPod, error: unknown): void {
    const { facts } = pod;
    if (this.cluster.placementOf(facts.uid)?.assumed === true) this.free(facts.uid);
    this.queue.failed(pod);
    if (hasReason(error, 'NotFound') || hasReason(error, 'Conflict')) return;
    this.options.logger.warn('binding failed', { pod: facts.key, uid: facts.uid, error });
    this.writer.notScheduled(facts.pod, {
      reason: 'SchedulerError',
      message: errorText(error),
    });
  }

  private readonly onPodShown = (pod: Pod, previous?: Pod): void => {
    const { uid } = pod.metadata;
    if (isPodTerminal(pod)) {
      this.queue.delete(uid);
      this.free(uid);
    } else if ((pod.spec.nodeName ?? '') !== '') {
      this.queue.delete(uid);
      this.confirm(pod);
    } else if (pod.metadata.deletionTimestamp !== undefined) {
      this.queue.delete(uid);
    } else if ((pod.spec.schedulerName ?? defaultSchedulerName) === defaultSchedulerName) {
      this.enqueue(pod, previous);
    } else {
      // Another scheduler's: it takes no room yet, and makes none.
      return;
    }
    this.wake();
  };

  private enqueue(pod: Pod, previous: Pod | undefined): void {
    const known = this.queue.get(pod.metadata.uid);
    if (known === undefined && this.cluster.placementOf(pod.metadata.uid) !== undefined) return;
    if (known === undefined) this.gateIfGated(this.queue.add(podFactsOf(pod)));
    else if (previous !== undefined && !isSchedulingChange(previous, pod)) this.queue.refresh(pod);
    else this.queue.update(podFactsOf(pod));
  }

  private gateIfGated({ pool, facts }: QueuedPod): void {
    if (pool !== 'gated') return;
    this.writer.notScheduled(facts.pod, {
      reason: 'SchedulingGated',
      message: 'Scheduling is blocked due to non-empty scheduling gates',
    });
  }

  /** The informer shows where a pod is. What is known of it is read again only when that can have changed. */
  private confirm(pod: Pod): void {
    const node = pod.spec.nodeName ?? '';
    const placed = this.cluster.placementOf(pod.metadata.uid);
    const unchanged = placed !== undefined && !isResourceChange(placed.facts, pod);
    if (unchanged && placed.node === node && !placed.assumed) return;
    const facts = unchanged ? placed.facts : podFactsOf(pod);
    this.cluster.place(facts, node, { assumed: false });
    const roomMade =
      placed !== undefined &&
      (placed.node !== node || differs(placed.facts.requests, facts.requests));
    if (roomMade) this.podGoneFrom(placed.node);
  }

  private readonly onPodDeleted = (pod: Pod): void => {
    this.queue.delete(pod.metadata.uid);
    this.free(pod.metadata.uid);
    this.verdicts.forget(`${pod.metadata.namespace ?? ''}/${pod.metadata.name}`);
    this.wake();
  };

  private free(uid: string): void {
    const placement = this.cluster.remove(uid);
    if (placement !== undefined) this.podGoneFrom(placement.node);
  }

  private podGoneFrom(nodeName: string): void {
    const node = this.cluster.node(nodeName);
    if (node !== undefined) this.clusterChanged({ type: 'PodGone', node });
  }

  private readonly onNodeAdded = (node: Node): void => {
    this.clusterChanged({ type: 'NodeAdded', node: this.cluster.setNode(node) });
  };

  private readonly onNodeUpdated = (node: Node, previous: Node): void => {
    if (!isNodeChange(previous, node)) return;
    this.clusterChanged({ type: 'NodeUpdated', node: this.cluster.setNode(node) });
  };

  private readonly onNodeDeleted = (node: Node): void => {
    this.cluster.removeNode(node.metadata.name);
  };

  /** Tries again the pods that a plugin rejected which cares for this change, and that the changed node would take now. */
  private clusterChanged(event: ClusterEvent): void {
    const caring = new Set(
      this.plugins
        .filter(({ requeueOn }) => requeueOn.includes(event.type))
        .map(({ name }) => name),
    );
    const moved = this.queue.requeue(({ facts, rejectedBy }) => {
      const cares = rejectedBy.size === 0 || [...rejectedBy].some((plugin) => caring.has(plugin));
      return cares && rejectionOf(filtersFor(this.plugins, facts), event.node) === undefined;
    });
    if (moved > 0) this.wake();
  }
}

const differs = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);

/** Whether something changed that plugins read; status is the agent's and the scheduler's own. */
const isSchedulingChange = (previous: Pod, pod: Pod): boolean =>
  differs(previous.spec, pod.spec) ||
  differs(previous.metadata.labels, pod.metadata.labels) ||
  differs(previous.metadata.ownerReferences, pod.metadata.ownerReferences);

/** Placed pods change in size (generation counts that) or in owner; anything else is of no account. */
const isResourceChange = (facts: PodFacts, pod: Pod): boolean =>
  facts.pod.metadata.generation !== pod.metadata.generation || facts.owner !== controllerUidOf(pod);

const isNodeChange = (previous: Node, node: Node): boolean =>
  differs(previous.spec, node.spec) ||
  differs(previous.metadata.labels, node.metadata.labels) ||
  differs(previous.status.allocatable, node.status.allocatable) ||
  differs(previous.status.images, node.status.images);
