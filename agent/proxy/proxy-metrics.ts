/** The service proxy's metrics, under the names kube-proxy gives them. */
import type {
  CounterMetric,
  GaugeMetric,
  HistogramMetric,
  Metrics,
} from '../../machinery/metrics/metrics.js';

export interface ProxyMetrics {
  readonly syncSeconds: HistogramMetric;
  readonly fullSyncSeconds: HistogramMetric;
  readonly partialSyncSeconds: HistogramMetric;
  readonly programmingSeconds: HistogramMetric;
  readonly lastSync: GaugeMetric;
  readonly endpointChanges: CounterMetric;
  readonly serviceChanges: CounterMetric;
  readonly restoreFailures: CounterMetric;
}

/** From one to sixteen thousand milliseconds, doubling: kube-proxy's buckets. */
const syncBuckets = Array.from({ length: 15 }, (_, at) => 0.001 * 2 ** at);

/** Declares the metrics. */
export function proxyMetrics(metrics: Metrics): ProxyMetrics {
  const name = (suffix: string): string => `kubeproxy_sync_${suffix}`;
  return {
    syncSeconds: metrics.histogram({
      name: name('proxy_rules_duration_seconds'),
      help: 'Time one sync of the service rules took.',
      buckets: syncBuckets,
    }),
    fullSyncSeconds: metrics.histogram({
      name: name('full_proxy_rules_duration_seconds'),
      help: 'Time one sync that wrote every rule took.',
      buckets: syncBuckets,
    }),
    partialSyncSeconds: metrics.histogram({
      name: name('partial_proxy_rules_duration_seconds'),
      help: 'Time one sync that wrote only what changed took.',
      buckets: syncBuckets,
    }),
    programmingSeconds: metrics.histogram({
      name: 'kubeproxy_network_programming_duration_seconds',
      help: 'Time from the change that made endpoints change to the rules that follow it.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300],
    }),
    lastSync: metrics.gauge({
      name: name('proxy_rules_last_timestamp_seconds'),
      help: 'When the service rules were last synced.',
    }),
    endpointChanges: metrics.counter({
      name: name('proxy_rules_endpoint_changes_total'),
      help: 'Changes of endpoints seen.',
    }),
    serviceChanges: metrics.counter({
      name: name('proxy_rules_service_changes_total'),
      help: 'Changes of services seen.',
    }),
    restoreFailures: metrics.counter({
      name: name('proxy_rules_iptables_restore_failures_total'),
      help: 'Syncs the kernel or iptables-restore refused.',
    }),
  };
}
