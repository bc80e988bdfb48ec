/** The columns of `kubectl get events`; the name comes last and, like the details, only with `-o wide`. */
import { ageText } from '../../age.js';
import { partOf } from '../../meta/part.js';
import { nameColumn } from '../../meta/columns.js';
import type { TableColumn } from '../../schema/resource.js';
import type { Event } from './types.js';

const aboutOf = (event: Event): Event['involvedObject'] => partOf(event.involvedObject);

const firstOf = (...texts: readonly (string | undefined)[]): string | undefined =>
  texts.find((text) => text !== undefined && text !== '');

const firstSeen = (event: Event, now: number): string =>
  ageText(firstOf(event.firstTimestamp, event.eventTime), now);

function lastSeen(event: Event, now: number): string {
  if (event.series !== undefined) return ageText(event.series.lastObservedTime, now);
  return ageText(firstOf(event.lastTimestamp, event.firstTimestamp, event.eventTime), now);
}

function objectText(event: Event): string {
  const { kind = '', name = '' } = aboutOf(event);
  return name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`;
}

function sourceText(event: Event): string {
  const component = firstOf(event.source?.component, event.reportingComponent) ?? '';
  const host = firstOf(event.source?.host, event.reportingInstance) ?? '';
  return host === '' ? component : `${component}, ${host}`;
}

/** How often the event happened; one that was never counted happened once. */
function countOf({ series, count = 0 }: Event): number {
  if (series !== undefined) return series.count ?? 0;
  return count === 0 ? 1 : count;
}

interface Info {
  readonly name: string;
  readonly description: string;
  readonly priority: 0 | 1;
  readonly cell: (event: Event, now: number) => string | number;
}

const text = (column: Info): TableColumn<Event> => ({ ...column, type: 'string' });

export const eventColumns: readonly TableColumn<Event>[] = [
  text({
    name: 'Last Seen',
    description: 'How long ago the event happened for the last time.',
    priority: 0,
    cell: lastSeen,
  }),
  text({
    name: 'Type',
    description: 'Normal, or Warning where something may need attention.',
    priority: 0,
    cell: ({ type }) => type ?? '',
  }),
  text({
    name: 'Reason',
    description: 'The cause in one word, for programs.',
    priority: 0,
    cell: ({ reason }) => reason ?? '',
  }),
  text({
    name: 'Object',
    description: 'What the event is about.',
    priority: 0,
    cell: objectText,
  }),
  text({
    name: 'Subobject',
    description: 'The part of the object that the event is about.',
    priority: 1,
    cell: (event) => aboutOf(event).fieldPath ?? '',
  }),
  text({
    name: 'Source',
    description: 'Who reported the event, and where it runs.',
    priority: 1,
    cell: sourceText,
  }),
  text({
    name: 'Message',
    description: 'What happened, for people.',
    priority: 0,
    cell: ({ message }) => (message ?? '').trim(),
  }),
  text({
    name: 'First Seen',
    description: 'How long ago the event happened for the first time.',
    priority: 1,
    cell: firstSeen,
  }),
  text({
    name: 'Count',
    description: 'How often the event happened.',
    priority: 1,
    cell: countOf,
  }),
  { ...nameColumn, priority: 1 },
];
