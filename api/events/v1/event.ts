import { definition, inline, int32, microTime, ref, string, time } from '../../schema/schema.js';
import { eventSource } from '../../core/v1/event.js';
import { objectReference } from '../../core/v1/references.js';
import { objectMeta } from '../../meta/v1/object-meta.js';
import { eventColumns } from '../../core/v1/event-columns.js';
import { eventFields } from '../../core/v1/event.js';
import {
  validateNewStyleEvent,
  validateNewStyleEventUpdate,
} from '../../core/v1/event-validation.js';
import { defineResource } from '../../schema/resource.js';
import { coreEventFrom, eventFromCore } from './conversion.js';
import type { Event } from './types.js';

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

/** In events.k8s.io the object an event is about is called `regarding`, in field selectors too. */
const fieldNames: Readonly<Record<string, string>> = {
  reportingComponent: 'reportingController',
};

const renamed = (name: string): string =>
  name.startsWith('involvedObject.')
    ? name.replace('involvedObject', 'regarding')
    : (fieldNames[name] ?? name);

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
