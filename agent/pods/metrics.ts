/** The metrics of pod workers, with the kubelet's names. */
import { latencyBucketsSeconds, type Metrics } from '../../machinery/metrics/metrics.js';

export interface PodMetrics {
  /** Seconds from the agent first seeing a pod to its containers running. */
  readonly podStarted: (seconds: number) => void;
  readonly containerStarted: (role: string) => void;
  readonly containerStartFailed: (role: string, reason: string) => void;
}

/** Declares the metrics; the counts are asked for whenever they are read. */
export function podMetrics(
  metrics: Metrics,
  counts: { readonly pods: () => number; readonly containers: () => number },
): PodMetrics {
  const startDuration = metrics.histogram({
    name: 'kubelet_pod_start_duration_seconds',
    help: 'Seconds from first seeing a pod to its containers running.',
    buckets: latencyBucketsSeconds,
  });
  const started = metrics.counter({
    name: 'kubelet_started_containers_total',
    help: 'Containers started.',
    labels: ['container_type'],
  });
  const failed = metrics.counter({
    name: 'kubelet_started_containers_errors_total',
    help: 'Containers that could not be started.',
    labels: ['container_type', 'code'],
  });
  metrics.gauge({
    name: 'kubelet_running_pods',
    help: 'Pods with a running sandbox.',
    collect: counts.pods,
  });
  metrics.gauge({
    name: 'kubelet_running_containers',
    help: 'Containers that run now.',
    labels: [],
    collect: counts.containers,
  });
  return {
    podStarted: (seconds) => {
      startDuration.observe(seconds);
    },
    containerStarted: (role) => {
      started.increment({ container_type: role });
    },
    containerStartFailed: (role, code) => {
      failed.increment({ container_type: role, code });
    },
  };
}
