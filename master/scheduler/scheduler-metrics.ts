/** The scheduler's metrics, under the names Kubernetes gives them. */
import type { Metrics } from '../../machinery/metrics/metrics.js';
import { latencyBucketsSeconds } from '../../machinery/metrics/metrics.js';
import type { ClusterState } from './cluster-state.js';
import { defaultSchedulerName } from './profile.js';
import type { Pool, SchedulingQueue } from './queue.js';

/** Tens of microseconds to a second: what one decision takes. */
const decisionBucketsSeconds = [
  0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.1, 1,
] as const;

export type AttemptResult = 'scheduled' | 'unschedulable' | 'error';

export interface SchedulerMetrics {
  /** One attempt ended; its duration includes the binding. */
  readonly attempt: (result: AttemptResult, durationMs: number) => void;
  readonly decision: (durationMs: number) => void;
  readonly placed: (attempts: number, sinceQueuedMs: number) => void;
  /** Brings the gauges up to date. */
  readonly sizes: (queue: SchedulingQueue, cluster: ClusterState) => void;
}

const pools: readonly Pool[] = ['active', 'backoff', 'unschedulable', 'gated'];

export function createSchedulerMetrics(metrics: Metrics): SchedulerMetrics {
  const profile = defaultSchedulerName;
  const attempts = metrics.counter({
    name: 'scheduler_schedule_attempts_total',
    help: 'Attempts to place a pod, by result.',
    labels: ['result', 'profile'],
  });
  const attemptSeconds = metrics.histogram({
    name: 'scheduler_scheduling_attempt_duration_seconds',
    help: 'How long attempts took, decision and binding.',
    labels: ['result', 'profile'],
    buckets: latencyBucketsSeconds,
  });
  const decisionSeconds = metrics.histogram({
    name: 'scheduler_scheduling_algorithm_duration_seconds',
    help: 'How long choosing a node took.',
    buckets: decisionBucketsSeconds,
  });
  const attemptsPerPod = metrics.histogram({
    name: 'scheduler_pod_scheduling_attempts',
    help: 'Attempts it took to place a pod.',
    buckets: [1, 2, 4, 8, 16],
  });
  const waitSeconds = metrics.histogram({
    name: 'scheduler_pod_scheduling_sli_duration_seconds',
    help: 'Time from a pod entering the queue to its binding.',
    labels: ['attempts'],
    buckets: latencyBucketsSeconds,
  });
  const pending = metrics.gauge({
    name: 'scheduler_pending_pods',
    help: 'Pods waiting to be placed, by pool of the queue.',
    labels: ['queue'],
  });
  const cacheSize = metrics.gauge({
    name: 'scheduler_cache_size',
    help: 'Nodes, pods and pods not yet confirmed in the scheduler cache.',
    labels: ['type'],
  });
  return {
    attempt: (result, durationMs) => {
      attempts.increment({ result, profile });
      attemptSeconds.observe(durationMs / 1000, { result, profile });
    },
    decision: (durationMs) => {
      decisionSeconds.observe(durationMs / 1000);
    },
    placed: (attemptCount, sinceQueuedMs) => {
      attemptsPerPod.observe(attemptCount);
      waitSeconds.observe(sinceQueuedMs / 1000, { attempts: Math.min(attemptCount, 16) });
    },
    sizes: (queue, cluster) => {
      for (const pool of pools) pending.set(queue.sizeOf(pool), { queue: pool });
      cacheSize.set(cluster.nodeCount, { type: 'nodes' });
      cacheSize.set(cluster.podCount, { type: 'pods' });
      cacheSize.set(cluster.assumedPodCount, { type: 'assumed_pods' });
    },
  };
}
