import { definition, inline, int32, microTime, ref, string, time } from '../../schema/schema.js';
import { objectReference } from './references.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const eventSeries = definition('io.k8s.api.core.v1.EventSeries', '', {
  count: int32(1, ''),
  lastObservedTime: microTime(2, ''),
});

export const eventSource = definition('io.k8s.api.core.v1.EventSource', '', {
  component: string(1, ''),
  host: string(2, ''),
});

export const event = definition('io.k8s.api.core.v1.Event', '', {
  action: string(12, ''),
  apiVersion: string(inline, ''),
  count: int32(8, ''),
  eventTime: microTime(10, ''),
  firstTimestamp: time(6, ''),
  involvedObject: ref(2, objectReference, '', { required: true }),
  kind: string(inline, ''),
  lastTimestamp: time(7, ''),
  message: string(4, ''),
  metadata: ref(1, objectMeta, '', { required: true }),
  reason: string(3, ''),
  related: ref(13, objectReference, ''),
  reportingComponent: string(14, ''),
  reportingInstance: string(15, ''),
  series: ref(11, eventSeries, ''),
  source: ref(5, eventSource, ''),
  type: string(9, ''),
});
