/** What the store tells `/metrics`. */
import type { Metrics } from '../../machinery/metrics/metrics.js';

export interface StoreMetrics {
  readonly committed: (commit: { readonly seconds: number; readonly transactions: number }) => void;
  readonly failed: () => void;
}

/** Registers the metrics of the embedded store; `sizeBytes` reads the size of its file. */
export function storeMetrics(metrics: Metrics, sizeBytes: () => number): StoreMetrics {
  const duration = metrics.histogram({
    name: 'pintle_store_commit_duration_seconds',
    help: 'How long a batch of transactions takes to become durable.',
    buckets: [0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.5, 1, 4],
  });
  const size = metrics.histogram({
    name: 'pintle_store_commit_transactions',
    help: 'How many transactions became durable together.',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
  });
  const failures = metrics.counter({
    name: 'pintle_store_commit_failures_total',
    help: 'Batches of transactions that could not be written.',
  });
  metrics.gauge({
    name: 'apiserver_storage_size_bytes',
    help: 'Size of the file of the embedded store.',
    collect: sizeBytes,
  });
  return {
    committed: ({ seconds, transactions }) => {
      duration.observe(seconds);
      size.observe(transactions);
    },
    failed: () => {
      failures.increment();
    },
  };
}
