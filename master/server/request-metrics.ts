/** What the server counts about requests, under Kubernetes' names. */
import type { ResourceDefinition } from '../../api/schema/resource.js';
import type { Labels, Metrics } from '../../machinery/metrics/metrics.js';
import { latencyBucketsSeconds } from '../../machinery/metrics/metrics.js';
import { maxAnswerLabels } from './limits.js';
import { handedThrough } from './request-info.js';
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
  /** Counts requests that end by themselves while they are served. */
  readonly inFlight: Readonly<Record<RequestKind, InFlight>>;
  /** Has to be called before every scrape. */
  readonly settle: () => void;
}

export type RequestKind = 'readOnly' | 'mutating';

/** How many there are now, and the most there were since that was last told. */
export class InFlight {
  private current = 0;
  private most = 0;

  begin(): void {
    this.current += 1;
    if (this.current > this.most) this.most = this.current;
  }
  end(): void {
    this.current -= 1;
  }
  tellMost(): number {
    const { most } = this;
    this.most = this.current;
    return most;
  }
}

const reading = new Set(['get', 'list', 'watch']);

/** Which of the two kinds a request is. */
export const requestKindOf = (target: ResourceRequest | undefined, method: string): RequestKind => {
  const isReading = target === undefined ? method === 'GET' : reading.has(target.verb);
  return isReading ? 'readOnly' : 'mutating';
};

/** The labels of one sort of answer; `duration` where its time is of interest. */
interface AnswerLabels {
  readonly total: Labels;
  readonly duration: Labels | undefined;
}

const nowhere = { verb: 'OTHER', group: '', version: '', resource: '' };

function labelsOf(target: ResourceRequest, code: number): AnswerLabels {
  const { verb, group, version, plural: resource, subresource } = target;
  const labels = { verb: verb.toUpperCase(), group, version, resource };
  const isTimed = verb !== 'watch' && !handedThrough.has(subresource);
  return { total: { ...labels, subresource, code }, duration: isTimed ? labels : undefined };
}

/** Whether there is such a resource, in this version and with this subresource. */
export type IsServed = (target: ResourceRequest) => boolean;

/**
 * Remembers the labels of every sort of answer given so far. Clients make up names; what is not served, and past a bound what is
 * new, is counted together.
 */
class KnownLabels {
  private readonly known = new Map<string, AnswerLabels>();
  private readonly isServed: IsServed;

  constructor(isServed: IsServed) {
    this.isServed = isServed;
  }

  of(target: ResourceRequest, code: number): AnswerLabels | undefined {
    const { verb, group, version, plural, subresource } = target;
    const name = `${verb} ${group}/${version}/${plural}/${subresource} ${String(code)}`;
    const found = this.known.get(name);
    if (found !== undefined || this.known.size >= maxAnswerLabels) return found;
    if (!this.isServed(target)) return undefined;
    const made = labelsOf(target, code);
    this.known.set(name, made);
    return made;
  }
}

/** `isServed` keeps labels to what exists, whatever paths clients invent. */
export function createRequestMetrics(metrics: Metrics, isServed: IsServed): RequestMetrics {
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
  const requests = metrics.gauge({
    name: 'apiserver_current_inflight_requests',
    help: 'The most requests that were served at the same time since the last scrape.',
    labels: ['request_kind'],
  });
  const knownLabels = new KnownLabels(isServed);
  const inFlight = { readOnly: new InFlight(), mutating: new InFlight() };
  return {
    inFlight,
    settle: () => {
      for (const [kind, counted] of Object.entries(inFlight)) {
        requests.set(counted.tellMost(), { request_kind: kind });
      }
    },
    answered: (target, code, durationMs) => {
      const labels = target === undefined ? undefined : knownLabels.of(target, code);
      total.increment(labels?.total ?? { ...nowhere, subresource: '', code });
      if (labels?.duration !== undefined) duration.observe(durationMs / 1000, labels.duration);
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
