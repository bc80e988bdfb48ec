import { definition, int32, microTime, ref, string, time } from '../../schema/schema.js';
import { eventSource } from '../../core/v1/event.js';
import { objectReference } from '../../core/v1/references.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { eventColumns } from '../../core/v1/event-columns.js';
import { eventFields } from '../../core/v1/event.js';
import {
  validateNewStyleEvent,
  validateNewStyleEventCreate,
  validateNewStyleEventUpdate,
} from '../../core/v1/event-validation.js';
import { defineResource } from '../../schema/resource.js';
import { coreEventFrom, eventFromCore } from './conversion.js';
import type { Event } from './types.js';

export const eventSeries = definition(
  'io.k8s.api.events.v1.EventSeries',
  'A run of equal events.',
  {
    count: int32(1, 'How often the event has happened in the run so far.', { required: true }),
    lastObservedTime: microTime(2, 'When it happened last.', {
      required: true,
      nullWhenUnset: true,
    }),
  },
);

export const event = definition(
  'io.k8s.api.events.v1.Event',
  'Something that happened to an object, for people to read; kept for a limited time.',
  {
    action: string(6, 'What was done, or failed, to the object.'),
    ...objectFields,
    deprecatedCount: int32(15, 'The count of the core form of the event.'),
    deprecatedFirstTimestamp: time(13, 'The first time of the core form of the event.', {
      nullWhenUnset: true,
    }),
    deprecatedLastTimestamp: time(14, 'The last time of the core form of the event.', {
      nullWhenUnset: true,
    }),
    deprecatedSource: ref(12, eventSource, 'The source of the core form of the event.'),
    eventTime: microTime(2, 'When the event was first seen, in microseconds.', {
      required: true,
      nullWhenUnset: true,
    }),
    note: string(10, 'What happened, for people; at most 1 kB.'),
    reason: string(7, 'Why the object changed, as one CamelCase word.'),
    regarding: ref(8, objectReference, 'The object that the event is about.'),
    related: ref(9, objectReference, 'Another object that had a part in it.'),
    reportingController: string(4, 'The controller that reported the event, as a qualified name.'),
    reportingInstance: string(5, 'Which instance of the controller it was.'),
    series: ref(
      3,
      eventSeries,
      'The run of equal events this one stands for; absent for a single event.',
    ),
    type: string(11, 'Normal or Warning.'),
  },
);

/** In events.k8s.io the object an event is about is called `regarding`, in field selectors too. */
const fieldNames: ReadonlyMap<string, string> = new Map<string, string>(
  Object.entries({
    reportingComponent: 'reportingController',
  }),
);

const renamed = (name: string): string =>
  name.startsWith('involvedObject.')
    ? name.replace('involvedObject', 'regarding')
    : (fieldNames.get(name) ?? name);

/** Events in the spelling of events.k8s.io/v1; they are stored as core events. */
export const events = defineResource<Event>({
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  scope: 'Namespaced',
  shortNames: ['ev'],
  schema: event,
  defaults: (draft) => {
    draft.deprecatedSource ??= {};
    draft.reportingController ??= '';
    draft.reportingInstance ??= '';
  },
  validate: (object) => validateNewStyleEvent(coreEventFrom(object)),
  validateCreate: (object) => validateNewStyleEventCreate(coreEventFrom(object)),
  validateUpdate: (object, stored) =>
    validateNewStyleEventUpdate(coreEventFrom(object), coreEventFrom(stored)),
  strategy: { allowCreateOnUpdate: true },
  columns: eventColumns.map((column) => ({
    ...column,
    cell: (object, now) => column.cell(coreEventFrom(object), now),
  })),
  selectableFields: Object.fromEntries(
    Object.entries(eventFields).map(([name, read]): [string, (object: Event) => string] => [
      renamed(name),
      (object) => read(coreEventFrom(object)),
    ]),
  ),
  storedAs: { group: '', version: 'v1', plural: 'events' },
  convert: { toStored: coreEventFrom, fromStored: eventFromCore },
});
