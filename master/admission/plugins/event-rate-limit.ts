/** EventRateLimit (off by default): nobody floods the store with events, as far as its limits say who. */
import { failure } from '../../../api/meta/status-error.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { Clock } from '../../../machinery/clock/clock.js';
import { TokenBuckets } from '../../../machinery/token-buckets.js';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.js';
import type { EventLimit } from '../configuration.js';

interface EventShape extends KubeObject {
  readonly source?: { readonly component?: string; readonly host?: string };
  readonly involvedObject?: Readonly<Record<string, string | undefined>>;
  readonly deprecatedSource?: EventShape['source'];
  readonly regarding?: EventShape['involvedObject'];
}

/** Who tells it and of what, in one text; the two groups of events name the fields differently. */
function sourceAndObject(object: KubeObject | undefined): string {
  const event = object as EventShape | undefined;
  const source = event?.source ?? event?.deprecatedSource ?? {};
  const about = event?.involvedObject ?? event?.regarding ?? {};
  const { kind, namespace, name, uid, apiVersion } = about;
  const parts = [source.component, source.host, kind, namespace, name, uid, apiVersion];
  return parts.map((part) => part ?? '').join('');
}

/** What is counted together. */
function keyOf(type: EventLimit['type'], { namespace, user, object }: AdmissionAttributes): string {
  switch (type) {
    case 'Server':
      return '';
    case 'Namespace':
      return namespace;
    case 'User':
      return user.username;
    case 'SourceAndObject':
      return sourceAndObject(object);
  }
}

export function eventRateLimit(clock: Clock, limits: readonly EventLimit[]): AdmissionPlugin {
  const all = limits.map((limit) => ({ type: limit.type, buckets: new TokenBuckets(limit) }));
  return {
    name: 'EventRateLimit',
    concerns: ({ operation, resource, subresource }) =>
      operation !== 'DELETE' &&
      operation !== 'CONNECT' &&
      subresource === '' &&
      resource.plural === 'events' &&
      (resource.group === '' || resource.group === 'events.k8s.io'),
    validate: (attributes) => {
      if (attributes.dryRun) return;
      const nowMs = clock.monotonicMs();
      // Every limit counts an event, whichever of them refuses it.
      const reached = all
        .map(({ type, buckets }) => {
          const key = keyOf(type, attributes);
          return buckets.take(key, nowMs) ? '' : `limit reached on type ${type} for key ${key}`;
        })
        .filter((text) => text !== '');
      const [only] = reached;
      if (only === undefined) return;
      const which = reached.length === 1 ? only : `[${reached.join(', ')}]`;
      // Nothing says when to try again: whoever tells of an event drops it.
      throw failure({
        code: 429,
        reason: 'TooManyRequests',
        message: `Too many requests: ${which}`,
      });
    },
  };
}
