/** What metrics say of stored objects and of who follows them. */
import { groupResourceText } from '../api/meta/status-error.js';
import type { CounterMetric, Metrics } from '../machinery/metrics/metrics.js';
import type { Registries } from './registry/registries.js';

/** Figures read when metrics are scraped. */
export function storageFigures(metrics: Metrics, registries: Registries): () => void {
  const objects = metrics.gauge({
    name: 'apiserver_storage_objects',
    help: 'Stored objects by resource.',
    labels: ['resource'],
  });
  const sizes = metrics.gauge({
    name: 'apiserver_resource_size_estimate_bytes',
    help: 'Bytes of stored objects by resource, as JSON.',
    labels: ['group', 'resource'],
  });
  const watchers = metrics.gauge({
    name: 'apiserver_registered_watchers',
    help: 'Open watches by group, version and kind, those of the master itself included.',
    labels: ['group', 'version', 'kind'],
  });
  return () => {
    for (const { resource, store } of registries.all()) {
      const { group, version, kind } = resource;
      objects.set(store.count(), { resource: groupResourceText(resource) });
      sizes.set(store.sizeBytes(), { group, resource: resource.plural });
      watchers.set(store.watchers(), { group, version, kind });
    }
  };
}

/** Counts watches that were cut off. */
export const slowWatcherCounter = (metrics: Metrics): CounterMetric =>
  metrics.counter({
    name: 'apiserver_terminated_watchers_total',
    help: 'Watches ended because their client read too slowly.',
  });
