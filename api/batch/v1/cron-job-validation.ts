/** Checks of CronJobs as Kubernetes makes them, with its texts. */
import { requiredOneOf } from '../../core/v1/pod/validate-values.js';
import type { FieldError } from '../../validation/field-error.js';
import { child, invalid, notSupported, required } from '../../validation/field-error.js';
import { parseSchedule, ScheduleError } from './cron-schedule.js';
import { validateJobTemplate } from './job-validation.js';
import { maxCronJobNameLength } from './limits.js';
import type { CronJob, CronJobSpec } from './types.js';
import { nonNegative } from '../../validation/numbers.js';

const namesZone = (schedule: string): boolean => schedule.includes('TZ');

const zonePart = /^[A-Za-z._0-9+][A-Za-z.\-_0-9+]{0,13}$/;

/** Zones are files to Kubernetes, so upper and lower case matter; to JavaScript they do not. */
function isKnownZone(zone: string): boolean {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions();
    if (timeZone.toLowerCase() === zone.toLowerCase()) return timeZone === zone;
    // Of other names for a zone it is only known how they begin.
    return zone.split('/').every((part) => /^[A-Z]/.test(part));
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Why a schedule cannot be read; a zone may stand before its fields. */
function scheduleProblem(schedule: string): string | undefined {
  const [prefix = '', , zone = ''] = /^(TZ|CRON_TZ)=(\S*)\s+/.exec(schedule) ?? [];
  if (zone !== '' && !isKnownZone(zone)) {
    return `provided bad location ${zone}: unknown time zone ${zone}`;
  }
  try {
    parseSchedule(schedule.slice(prefix.length));
    return undefined;
  } catch (error) {
    if (error instanceof ScheduleError) return error.message;
    throw error;
  }
}

/** Schedules with a zone of their own are from before there was a field for it; stored ones are left alone. */
function validateSchedule(
  { schedule, timeZone }: CronJobSpec,
  stored: CronJobSpec | undefined,
): FieldError[] {
  const field = 'spec.schedule';
  if (schedule === '') return [required(field)];
  const problem = scheduleProblem(schedule);
  const errors = problem === undefined ? [] : [invalid(field, schedule, problem)];
  if (!namesZone(schedule)) return errors;
  const tolerated = stored !== undefined && namesZone(stored.schedule);
  if (!tolerated) {
    const detail = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
    errors.push(invalid(field, schedule, detail));
  } else if (timeZone !== undefined) {
    const detail = 'cannot use both timeZone field and TZ or CRON_TZ in schedule';
    errors.push(invalid(field, schedule, detail));
  }
  return errors;
}

function validateTimeZone(zone: string | undefined): FieldError[] {
  const field = 'spec.timeZone';
  if (zone === undefined) return [];
  if (zone === '') return [invalid(field, zone, 'timeZone must be nil or non-empty string')];
  const unknown = invalid(field, zone, `unknown time zone ${zone}`);
  if (zone.toLowerCase() === 'local') {
    const detail =
      'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
    return [invalid(field, zone, detail), ...(zone === 'Local' ? [] : [unknown])];
  }
  const wellFormed = zone
    .split('/')
    .every((part) => part !== '.' && part !== '..' && zonePart.test(part));
  return wellFormed && isKnownZone(zone) ? [] : [unknown];
}

/** Jobs made on a schedule always get their selector from the server. */
function validateTemplate({ jobTemplate }: CronJobSpec, stored?: CronJobSpec): FieldError[] {
  const { spec } = jobTemplate;
  const field = 'spec.jobTemplate.spec';
  if (spec === undefined) return [];
  return [
    ...validateJobTemplate(spec, field, stored?.jobTemplate.spec),
    ...(spec.selector === undefined
      ? []
      : [invalid(child(field, 'selector'), spec.selector, '`selector` will be auto-generated')]),
    ...(spec.manualSelector === true
      ? [notSupported(child(field, 'manualSelector'), true, ['nil', 'false'])]
      : []),
  ];
}

/** Checks a CronJob's name: the Jobs made from it append to it. */
function validateName({ metadata }: CronJob): FieldError[] {
  const { resourceVersion = '', name } = metadata as Partial<CronJob['metadata']>;
  return resourceVersion === '' && (name ?? '').length > maxCronJobNameLength
    ? [
        invalid(
          'metadata.name',
          name,
          `must be no more than ${String(maxCronJobNameLength)} characters`,
        ),
      ]
    : [];
}

/** What is wrong with when and how often Jobs are made; `stored` is what was so before. */
const validateTiming = (spec: CronJobSpec, stored: CronJobSpec | undefined): FieldError[] => [
  ...validateSchedule(spec, stored),
  ...(stored !== undefined && stored.timeZone === spec.timeZone
    ? []
    : validateTimeZone(spec.timeZone)),
];

/** Checks a CronJob; its metadata is checked by the registry. */
export function validateCronJob(cronJob: CronJob, stored?: CronJob): readonly FieldError[] {
  const { metadata, spec } = cronJob;
  const { resourceVersion = '' } = metadata as Partial<CronJob['metadata']>;
  return [
    ...(resourceVersion === '' ? validateTiming(spec, undefined) : []),
    ...nonNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds'),
    ...requiredOneOf('spec.concurrencyPolicy', spec.concurrencyPolicy, [
      'Allow',
      'Forbid',
      'Replace',
    ]),
    ...validateTemplate(spec, stored?.spec),
    ...nonNegative(spec.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit'),
    ...nonNegative(spec.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit'),
    ...validateName(cronJob),
  ];
}

/** Checks what an update changes of a CronJob's timing. */
export const validateCronJobUpdate = ({ spec }: CronJob, stored: CronJob): readonly FieldError[] =>
  validateTiming(spec, stored.spec);
