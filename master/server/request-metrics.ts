/** What the server counts about requests, under Kubernetes' names. */
import type { ResourceDefinition } from '../../api/schema/resource.js';
import type { Metrics } from '../../machinery/metrics/metrics.js';
import { latencyBucketsSeconds } from '../../machinery/metrics/metrics.js';
import type { ResourceRequest } from './request-info.js';

export interface RequestMetrics {
  readonly answered: (
    target: ResourceRequest | undefined,
    code: number,
    durationMs: number,
  ) => void;
  readonly whileWatching: (
    resource: ResourceDefinition,
    watching: () => Promise<void>,
  ) => Promise<void>;
}

/** `isServed` keeps labels to names that exist, whatever paths clients invent. */
export function createRequestMetrics(
  metrics: Metrics,
  isServed: (group: string, plural: string) => boolean,
): RequestMetrics {
  const total = metrics.counter({
    name: 'apiserver_request_total',
    help: 'Requests answered, by verb, resource and status code.',
    labels: ['verb', 'group', 'version', 'resource', 'subresource', 'code'],
  });
  const duration = metrics.histogram({
    name: 'apiserver_request_duration_seconds',
    help: 'Time to answer a request, watches and other streams left out.',
    labels: ['verb', 'group', 'version', 'resource'],
    buckets: latencyBucketsSeconds,
  });
  const watchers = metrics.gauge({
    name: 'apiserver_longrunning_requests',
    help: 'Watches open.',
    labels: ['verb', 'group', 'version', 'resource'],
  });
  const streams = new Set(['log', 'exec', 'attach', 'portforward', 'proxy']);
  return {
    answered: (target, code, durationMs) => {
      const known = target !== undefined && isServed(target.group, target.plural);
      const labels = known
        ? {
            verb: target.verb.toUpperCase(),
            group: target.group,
            version: target.version,
            resource: target.plural,
          }
        : { verb: 'OTHER', group: '', version: '', resource: '' };
      const subresource =
        known && /^[a-z]{0,20}$/.test(target.subresource) ? target.subresource : '';
      total.increment({ ...labels, subresource, code });
      if (known && target.verb !== 'watch' && !streams.has(subresource)) {
        duration.observe(durationMs / 1000, labels);
      }
    },
    whileWatching: async ({ group, version, plural }, watching) => {
      const labels = { verb: 'WATCH', group, version, resource: plural };
      watchers.add(1, labels);
      try {
        await watching();
      } finally {
        watchers.add(-1, labels);
      }
    },
  };
}
