import { definition, int32, microTime, ref, string, time } from '../../schema/schema.js';
import { objectReference } from './references.js';
import { partOf } from '../../meta/part.js';
import { objectMeta } from '../../meta/v1/object-meta.js';
import { defineResource } from '../../schema/resource.js';
import { eventColumns } from './event-columns.js';
import { validateCoreEvent } from './event-validation.js';
import type { Event } from './types.js';
import { typeFields } from '../../meta/v1/type-meta.js';

export const eventSeries = definition('io.k8s.api.core.v1.EventSeries', 'A run of equal events.', {
  count: int32(1, 'How often the event has happened in the run so far.'),
  lastObservedTime: microTime(2, 'When it happened last.', { nullWhenUnset: true }),
});

export const eventSource = definition('io.k8s.api.core.v1.EventSource', 'Who reported an event.', {
  component: string(1, 'The program that reported it.'),
  host: string(2, 'The node the program runs on.'),
});

export const event = definition(
  'io.k8s.api.core.v1.Event',
  'Something that happened to an object, for people to read; kept for a limited time.',
  {
    action: string(12, 'What was done, or failed, to the object.'),
    ...typeFields,
    count: int32(8, 'How often the event has happened.'),
    eventTime: microTime(10, 'When the event was first seen, in microseconds.', {
      nullWhenUnset: true,
    }),
    firstTimestamp: time(6, 'When the event happened first.', { nullWhenUnset: true }),
    involvedObject: ref(2, objectReference, 'The object that the event is about.', {
      required: true,
    }),
    lastTimestamp: time(7, 'When the event happened last.', { nullWhenUnset: true }),
    message: string(4, 'What happened, for people.'),
    metadata: ref(1, objectMeta, 'Name, labels and what else every object has.', {
      required: true,
    }),
    reason: string(3, 'Why the object changed, as one CamelCase word.'),
    related: ref(13, objectReference, 'Another object that had a part in it.'),
    reportingComponent: string(
      14,
      'The controller that reported the event, such as pintle.io/scheduler.',
    ),
    reportingInstance: string(15, 'Which instance of the controller it was.'),
    series: ref(
      11,
      eventSeries,
      'The run of equal events this one stands for; absent for a single event.',
    ),
    source: ref(5, eventSource, 'Who reported the event.'),
    type: string(9, 'Normal or Warning.'),
  },
);

const aboutOf = (object: Event): Event['involvedObject'] => partOf(object.involvedObject);

const sourceOf = ({ source, reportingComponent }: Event): string => {
  const component = source?.component ?? '';
  return component === '' ? (reportingComponent ?? '') : component;
};

/** Fills in what every stored event has. */
function defaultEvent(draft: Event): void {
  draft.source ??= {};
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
  // Whatever made the event may be named in its name.
  nameFormat: 'pathSegment',
  schema: event,
  defaults: defaultEvent,
  validate: validateCoreEvent,
  strategy: { allowCreateOnUpdate: true },
  columns: eventColumns,
  selectableFields: eventFields,
});
