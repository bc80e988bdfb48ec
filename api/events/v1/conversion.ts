/** Between the two spellings of an Event: events.k8s.io/v1 and the core form in which both are stored. */
import type { Event as CoreEvent } from '../../core/v1/types.js';
import type { KubeObject } from '../../meta/v1/types.js';
import { withoutUndefined } from '../../without-undefined.js';
import type { Event } from './types.js';

const isCoreEvent = (object: KubeObject): object is CoreEvent =>
  object.kind === 'Event' && object.apiVersion === 'v1';

/** The core form of an event. */
export function coreEventFrom(event: Event): CoreEvent {
  return withoutUndefined<CoreEvent>({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: event.metadata,
    involvedObject: event.regarding ?? {},
    reason: event.reason,
    message: event.note,
    source: event.deprecatedSource ?? {},
    firstTimestamp: event.deprecatedFirstTimestamp,
    lastTimestamp: event.deprecatedLastTimestamp,
    count: event.deprecatedCount,
    type: event.type,
    eventTime: event.eventTime,
    series: event.series,
    action: event.action,
    related: event.related,
    reportingComponent: event.reportingController ?? '',
    reportingInstance: event.reportingInstance ?? '',
  });
}

/** The events.k8s.io/v1 form of a stored event. Throws on anything but an event: the store would be corrupt. */
export function eventFromCore(stored: KubeObject): Event {
  if (!isCoreEvent(stored)) {
    throw new Error(`expected a stored v1 Event, found ${stored.apiVersion} ${stored.kind}`);
  }
  const { series } = stored;
  const converted = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: stored.metadata,
    eventTime: stored.eventTime,
    series:
      series?.count === undefined || series.lastObservedTime === undefined
        ? undefined
        : { count: series.count, lastObservedTime: series.lastObservedTime },
    reportingController: stored.reportingComponent,
    reportingInstance: stored.reportingInstance,
    action: stored.action,
    reason: stored.reason,
    regarding: stored.involvedObject,
    related: stored.related,
    note: stored.message,
    type: stored.type,
    deprecatedSource: stored.source,
    deprecatedFirstTimestamp: stored.firstTimestamp,
    deprecatedLastTimestamp: stored.lastTimestamp,
    deprecatedCount: stored.count,
  };
  // Events written by older clients have no eventTime, which events.k8s.io then shows as null.
  return withoutUndefined(converted) as Event;
}
