import { definition, inline, int32, microTime, ref, string, time } from '../../schema/schema.js';
import { objectReference } from './references.js';
import { partOf } from '../../meta/part.js';
import { objectMeta } from '../../meta/v1/object-meta.js';
import { defineResource } from '../../schema/resource.js';
import { eventColumns } from './event-columns.js';
import { validateCoreEvent } from './event-validation.js';
import type { Event } from './types.js';

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

const aboutOf = (object: Event): Event['involvedObject'] => partOf(object.involvedObject);

const sourceOf = ({ source, reportingComponent }: Event): string => {
  const component = source?.component ?? '';
  return component === '' ? (reportingComponent ?? '') : component;
};

/** Fills in what every stored event has. */
export function defaultEvent(draft: Event): void {
  draft.source ??= {};
  draft.eventTime ??= undefined;
  draft.reportingComponent ??= '';
  draft.reportingInstance ??= '';
}

/** The field selectors of events, in the names of the core group. */
export const eventFields: Readonly<Record<string, (object: Event) => string>> = {
  'involvedObject.kind': (object) => aboutOf(object).kind ?? '',
  'involvedObject.namespace': (object) => aboutOf(object).namespace ?? '',
  'involvedObject.name': (object) => aboutOf(object).name ?? '',
  'involvedObject.uid': (object) => aboutOf(object).uid ?? '',
  'involvedObject.apiVersion': (object) => aboutOf(object).apiVersion ?? '',
  'involvedObject.resourceVersion': (object) => aboutOf(object).resourceVersion ?? '',
  'involvedObject.fieldPath': (object) => aboutOf(object).fieldPath ?? '',
  reason: ({ reason }) => reason ?? '',
  reportingComponent: ({ reportingComponent }) => reportingComponent ?? '',
  source: sourceOf,
  type: ({ type }) => type ?? '',
};

/** Events: what happened to an object, kept for an hour. */
export const events = defineResource<Event>({
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  scope: 'Namespaced',
  shortNames: ['ev'],
  schema: event,
  defaults: defaultEvent,
  validate: validateCoreEvent,
  strategy: { allowCreateOnUpdate: true },
  columns: eventColumns,
  selectableFields: eventFields,
});
