/** EventRateLimit (off by default): nobody floods the store with events, neither in one namespace nor in all. */
import { tooManyRequests } from '../../../api/meta/status-error.js';
import type { Clock } from '../../../machinery/clock/clock.js';
import type { AdmissionPlugin } from '../admission.js';
import { eventLimits } from '../limits.js';

interface Bucket {
  tokens: number;
  filledMs: number;
}

interface Limit {
  readonly perSecond: number;
  readonly burst: number;
}

/** Takes one token of a bucket that fills with time; false when there is none. */
function take(bucket: Bucket, { perSecond, burst }: Limit, nowMs: number): boolean {
  const gained = ((nowMs - bucket.filledMs) / 1000) * perSecond;
  bucket.tokens = Math.min(burst, bucket.tokens + gained);
  bucket.filledMs = nowMs;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

class Buckets {
  private readonly limit: Limit;
  private readonly byKey = new Map<string, Bucket>();

  constructor(limit: Limit) {
    this.limit = limit;
  }

  take(key: string, nowMs: number): boolean {
    const { burst } = this.limit;
    const bucket = this.byKey.get(key) ?? { tokens: burst, filledMs: nowMs };
    // The longest unused come first, and are dropped where there are too many.
    this.byKey.delete(key);
    this.byKey.set(key, bucket);
    const [oldest] = this.byKey.keys();
    if (this.byKey.size > eventLimits.namespacesKept && oldest !== undefined) {
      this.byKey.delete(oldest);
    }
    return take(bucket, this.limit, nowMs);
  }
}

export function eventRateLimit(clock: Clock): AdmissionPlugin {
  const server = new Buckets(eventLimits.server);
  const namespaces = new Buckets(eventLimits.namespace);
  return {
    name: 'EventRateLimit',
    concerns: ({ operation, resource, subresource }) =>
      operation !== 'DELETE' &&
      operation !== 'CONNECT' &&
      subresource === '' &&
      resource.plural === 'events' &&
      (resource.group === '' || resource.group === 'events.k8s.io'),
    validate: ({ namespace, dryRun }) => {
      if (dryRun) return;
      const nowMs = clock.monotonicMs();
      if (!namespaces.take(namespace, nowMs)) {
        throw tooManyRequests(`limit reached on type Namespace for key ${namespace}`, 1);
      }
      if (!server.take('', nowMs)) {
        throw tooManyRequests('limit reached on type Server for key ', 1);
      }
    },
  };
}
