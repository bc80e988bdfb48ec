/** What is allowed in an Event. The core group holds its clients to little, and to more where `eventTime` is set. */
import { jsonEqual } from '../../patch/json-value.js';
import type { FieldError } from '../../validation/field-error.js';
import { immutable } from '../../validation/object-meta.js';
import { invalid, invalidBecause, required } from '../../validation/field-error.js';
import { byteLength, dns1123SubdomainErrors, qualifiedNameErrors } from '../../validation/names.js';
import { maxActionBytes, maxInstanceBytes, maxNoteBytes, maxReasonBytes } from './limits.js';
import type { Event } from './types.js';

/** How a group calls the controller that reports. */
type ReporterField = 'reportingComponent' | 'reportingController';

const hasEventTime = (event: Event): boolean => (event.eventTime ?? '') !== '';

/** Cluster-scoped objects have their events in the default namespace; new ones may have them in kube-system, too. */
function validateNamespace(event: Event): FieldError[] {
  const about = (event.involvedObject as Event['involvedObject'] | undefined)?.namespace ?? '';
  const own = event.metadata.namespace ?? '';
  const isNew = hasEventTime(event);
  const fits =
    about === ''
      ? own === 'default' || own === (isNew ? 'kube-system' : '')
      : isNew || own === about;
  return fits ? [] : [invalid('involvedObject.namespace', about, 'does not match event.namespace')];
}

const tooLongText = (field: string, value: string, limit: number): FieldError[] =>
  byteLength(value) > limit
    ? [invalid(field, '', `can have at most ${String(limit)} characters`)]
    : [];

const shortText = (field: string, value: string | undefined, limit: number): FieldError[] => [
  ...((value ?? '') === '' ? [required(field)] : []),
  ...tooLongText(field, value ?? '', limit),
];

/** What an event with an `eventTime` has to say. */
function validateReport(event: Event, reporterField: ReporterField): FieldError[] {
  const controller = event.reportingComponent ?? '';
  return [
    ...(controller === '' ? [required(reporterField)] : []),
    ...invalidBecause(reporterField, controller, qualifiedNameErrors(controller)),
    ...shortText('reportingInstance', event.reportingInstance, maxInstanceBytes),
    ...shortText('action', event.action, maxActionBytes),
    ...shortText('reason', event.reason, maxReasonBytes),
    ...tooLongText('message', event.message ?? '', maxNoteBytes),
  ];
}

const validateBasics = (event: Event, reporterField: ReporterField): FieldError[] => {
  const { namespace = '' } = event.metadata;
  return [
    ...validateNamespace(event),
    ...(hasEventTime(event) ? validateReport(event, reporterField) : []),
    ...invalidBecause('namespace', namespace, dns1123SubdomainErrors(namespace)),
  ];
};

/** Checks an event as the core group does. */
export const validateCoreEvent = (event: Event): FieldError[] =>
  validateBasics(event, 'reportingComponent');

/** Checks what events.k8s.io/v1 asks of every event, given in its stored form. */
export const validateNewStyleEvent = (event: Event): FieldError[] =>
  validateBasics(event, 'reportingController');

function validateSeries({ series }: Event): FieldError[] {
  if (series === undefined) return [];
  return [
    ...((series.count ?? 0) < 2 ? [invalid('series.count', '', 'should be at least 2')] : []),
    ...((series.lastObservedTime ?? '') === '' ? [required('series.lastObservedTime')] : []),
  ];
}

/** Checks a new event of events.k8s.io/v1: nothing in it may be of the old style. */
export function validateNewStyleEventCreate(event: Event): FieldError[] {
  const { type = '', firstTimestamp = '', lastTimestamp = '', count = 0, source = {} } = event;
  const isSet = {
    firstTimestamp: firstTimestamp !== '',
    lastTimestamp: lastTimestamp !== '',
    count: count !== 0,
    source: (source.component ?? '') !== '' || (source.host ?? '') !== '',
  };
  return [
    ...validateSeries(event),
    ...(hasEventTime(event) ? [] : [required('eventTime')]),
    ...(type === 'Normal' || type === 'Warning'
      ? []
      : [invalid('type', '', `has invalid value: ${type}`)]),
    ...Object.entries(isSet).flatMap(([field, is]) =>
      is ? [invalid(field, '', 'needs to be unset')] : [],
    ),
  ];
}

const fixedFields = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'type',
  'eventTime',
  'action',
  'related',
] as const;

/** In events.k8s.io/v1 only `series` and metadata change once an event is written. */
export const validateNewStyleEventUpdate = (event: Event, stored: Event): FieldError[] => [
  ...(jsonEqual(event.series ?? null, stored.series ?? null) ? [] : validateSeries(event)),
  ...fixedFields.flatMap((name) => immutable(name, event[name], stored[name])),
  ...immutable('reportingController', event.reportingComponent, stored.reportingComponent),
  ...immutable('reportingInstance', event.reportingInstance, stored.reportingInstance),
];
