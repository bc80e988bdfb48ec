import { definition, inline, int32, microTime, ref, string, time } from '../../schema/schema.js';
import { eventSource } from '../../core/v1/event.js';
import { objectReference } from '../../core/v1/references.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const eventSeries = definition('io.k8s.api.events.v1.EventSeries', '', {
  count: int32(1, '', { required: true }),
  lastObservedTime: microTime(2, '', { required: true }),
});

export const event = definition('io.k8s.api.events.v1.Event', '', {
  action: string(6, ''),
  apiVersion: string(inline, ''),
  deprecatedCount: int32(15, ''),
  deprecatedFirstTimestamp: time(13, ''),
  deprecatedLastTimestamp: time(14, ''),
  deprecatedSource: ref(12, eventSource, ''),
  eventTime: microTime(2, '', { required: true }),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
  note: string(10, ''),
  reason: string(7, ''),
  regarding: ref(8, objectReference, ''),
  related: ref(9, objectReference, ''),
  reportingController: string(4, ''),
  reportingInstance: string(5, ''),
  series: ref(3, eventSeries, ''),
  type: string(11, ''),
});
