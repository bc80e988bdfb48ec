/** What is allowed in an Event. Older clients are held to less: the strict rules apply where `eventTime` is set. */
import { jsonEqual } from '../../patch/json-value.js';
import type { FieldError } from '../../validation/field-error.js';
import { immutable } from '../../validation/object-meta.js';
import { invalid, notSupported, required } from '../../validation/field-error.js';
import { byteLength, dns1123SubdomainErrors, qualifiedNameErrors } from '../../validation/names.js';
import { maxActionBytes, maxInstanceBytes, maxNoteBytes, maxReasonBytes } from './limits.js';
import type { Event } from './types.js';

const types = ['Normal', 'Warning'] as const;
const defaultNamespace = 'default';

/** Cluster-scoped objects have their events in the default namespace. */
function validateNamespace(event: Event): FieldError[] {
  const about = (event.involvedObject as Event['involvedObject'] | undefined)?.namespace ?? '';
  const own = event.metadata.namespace ?? '';
  const fits =
    about === '' ? own === '' || own === defaultNamespace || own === 'kube-system' : own === about;
  return fits ? [] : [invalid('involvedObject.namespace', about, 'does not match event.namespace')];
}

const tooLongText = (field: string, value: string, limit: number): FieldError[] =>
  byteLength(value) > limit
    ? [invalid(field, '', `can have at most ${String(limit)} characters`)]
    : [];

/** The rules of events.k8s.io/v1, which core events with an `eventTime` obey too. */
function validateStrict(event: Event): FieldError[] {
  const errors: FieldError[] = [];
  const controller = event.reportingComponent ?? '';
  if (controller === '') errors.push(required('reportingController'));
  const wrong = controller === '' ? [] : qualifiedNameErrors(controller);
  errors.push(...wrong.map((detail) => invalid('reportingController', controller, detail)));
  const instance = event.reportingInstance ?? '';
  if (instance === '') errors.push(required('reportingInstance'));
  errors.push(...tooLongText('reportingInstance', instance, maxInstanceBytes));
  if ((event.action ?? '') === '') errors.push(required('action'));
  errors.push(...tooLongText('action', event.action ?? '', maxActionBytes));
  if ((event.reason ?? '') === '') errors.push(required('reason'));
  errors.push(...tooLongText('reason', event.reason ?? '', maxReasonBytes));
  errors.push(...tooLongText('message', event.message ?? '', maxNoteBytes));
  return errors;
}

function validateType(event: Event): FieldError[] {
  const type = event.type ?? '';
  return types.some((known) => known === type) ? [] : [notSupported('type', type, types)];
}

const hasEventTime = (event: Event): boolean => (event.eventTime ?? '') !== '';

/** Checks an event as the core group does. */
export function validateCoreEvent(event: Event): FieldError[] {
  return [
    ...validateNamespace(event),
    ...(hasEventTime(event) ? [...validateStrict(event), ...validateType(event)] : []),
    ...dns1123SubdomainErrors(event.metadata.namespace ?? '').map((detail) =>
      invalid('namespace', event.metadata.namespace ?? '', detail),
    ),
  ];
}

/** Checks a new event of events.k8s.io/v1, given in its stored form. */
export function validateNewStyleEvent(event: Event): FieldError[] {
  const errors = [...validateNamespace(event)];
  if (!hasEventTime(event)) errors.push(required('eventTime'));
  errors.push(...validateStrict(event), ...validateType(event));
  if ((event.firstTimestamp ?? '') !== '') {
    errors.push(invalid('deprecatedFirstTimestamp', event.firstTimestamp, 'must not be set'));
  }
  if ((event.lastTimestamp ?? '') !== '') {
    errors.push(invalid('deprecatedLastTimestamp', event.lastTimestamp, 'must not be set'));
  }
  if ((event.count ?? 0) !== 0)
    errors.push(invalid('deprecatedCount', event.count, 'must not be set'));
  if (!jsonEqual(event.source ?? {}, {})) {
    errors.push(invalid('deprecatedSource', event.source, 'must not be set'));
  }
  return errors;
}

/** In events.k8s.io/v1 only `series`, the note and metadata change once an event is written. */
export function validateNewStyleEventUpdate(event: Event, stored: Event): FieldError[] {
  return [
    ...immutable('involvedObject', event.involvedObject, stored.involvedObject),
    ...immutable('reason', event.reason, stored.reason),
    ...immutable('count', event.count, stored.count),
    ...immutable('type', event.type, stored.type),
    ...immutable('eventTime', event.eventTime, stored.eventTime),
    ...immutable('action', event.action, stored.action),
    ...immutable('related', event.related, stored.related),
    ...immutable('reportingController', event.reportingComponent, stored.reportingComponent),
    ...immutable('reportingInstance', event.reportingInstance, stored.reportingInstance),
  ];
}
