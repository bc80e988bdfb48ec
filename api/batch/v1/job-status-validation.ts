/**
 * Checks of the status of Jobs, with Kubernetes' texts. Controllers of others' making write it too (`managedBy`), so it is
 * held to what everybody who waits for a Job relies on: a finished Job stays finished and adds up.
 */
import { jsonEqual } from '../../patch/json-value.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  duplicate,
  index,
  invalid,
  invalidState,
  required,
} from '../../validation/field-error.js';
import { IndexesError, parseIndexes, sharedIndex } from './job-indexes.js';
import { checkIndexes } from './job-policy-validation.js';
import type { Job, JobCondition, JobStatus } from './types.js';
import { nonNegative } from '../../validation/numbers.js';

type ConditionType = JobCondition['type'];

const holds = ({ conditions }: JobStatus, type: ConditionType): boolean =>
  conditions?.some((condition) => condition.type === type && condition.status === 'True') === true;

const isFinished = (status: JobStatus): boolean =>
  holds(status, 'Complete') || holds(status, 'Failed');

function validateUncounted({ uncountedTerminatedPods: pods }: JobStatus): FieldError[] {
  const seen = new Set<string>();
  return (['succeeded', 'failed'] as const).flatMap((name) =>
    (pods?.[name] ?? []).flatMap((uid, position) => {
      const path = index(child('status.uncountedTerminatedPods', name), position);
      if (uid === '') return [invalid(path, uid, 'must not be empty')];
      if (seen.has(uid)) return [duplicate(path, uid)];
      seen.add(uid);
      return [];
    }),
  );
}

const counters = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const;

const validateCounters = (status: JobStatus): FieldError[] => [
  ...counters.flatMap((name) => nonNegative(status[name], child('status', name))),
  ...validateUncounted(status),
];

/** Conditions that exclude each other, or that one cannot have without the other. */
function validateConditions(status: JobStatus, stored: JobStatus, job: Job): FieldError[] {
  const has = (type: ConditionType): boolean => holds(status, type);
  const changed = (...types: readonly ConditionType[]): boolean =>
    types.some((type) => holds(status, type) !== holds(stored, type));
  const failedIndexesChanged = status.failedIndexes !== stored.failedIndexes;
  const rules: readonly (readonly [boolean, string])[] = [
    [
      changed('Complete', 'Failed') && has('Complete') && has('Failed'),
      'cannot set Complete=True and Failed=true conditions',
    ],
    [
      changed('Complete', 'FailureTarget') && has('Complete') && has('FailureTarget'),
      'cannot set Complete=True and FailureTarget=true conditions',
    ],
    [
      (changed('Failed') || failedIndexesChanged) && has('Failed') && !has('FailureTarget'),
      'cannot set Failed=True condition without the FailureTarget=true condition',
    ],
    [
      changed('Complete', 'SuccessCriteriaMet') && has('Complete') && !has('SuccessCriteriaMet'),
      'cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
    ],
    [
      has('SuccessCriteriaMet') && has('Failed'),
      'cannot set SuccessCriteriaMet=True and Failed=true conditions',
    ],
    [
      has('SuccessCriteriaMet') && has('FailureTarget'),
      'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions',
    ],
    [
      job.spec.successPolicy !== undefined && !has('SuccessCriteriaMet') && has('Complete'),
      'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True',
    ],
    ...(['Failed', 'Complete', 'FailureTarget'] as const).map(
      (type) =>
        [
          holds(stored, type) && !has(type),
          `cannot disable the terminal ${type}=True condition`,
        ] as const,
    ),
    [
      holds(stored, 'SuccessCriteriaMet') && !has('SuccessCriteriaMet'),
      'cannot disable the SuccessCriteriaMet=True condition',
    ],
    [
      holds(stored, 'Complete') && changed('SuccessCriteriaMet') && has('SuccessCriteriaMet'),
      'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions',
    ],
  ];
  return rules.flatMap(([broken, detail]) =>
    broken ? [invalidState('status.conditions', detail)] : [],
  );
}

function validateTimes(status: JobStatus, stored: JobStatus, job: Job): FieldError[] {
  const { startTime, completionTime } = status;
  const field = 'status.completionTime';
  const complete = holds(status, 'Complete');
  const completionChanged = completionTime !== stored.completionTime;
  const startChanged = startTime !== stored.startTime;
  const completeChanged = complete !== holds(stored, 'Complete');
  const errors: FieldError[] = [];
  if (completionChanged || completeChanged) {
    if (completionTime !== undefined && !complete) {
      const detail = 'cannot set completionTime when there is no Complete=True condition';
      errors.push(invalid(field, completionTime, detail));
    }
    if (completionTime === undefined && complete) {
      errors.push(required(field, 'completionTime is required for Complete jobs'));
    }
  }
  if (startTime !== undefined && completionTime !== undefined) {
    const isBefore = Date.parse(completionTime) < Date.parse(startTime);
    if ((startChanged || completionChanged) && isBefore) {
      errors.push(invalid(field, completionTime, 'completionTime cannot be set before startTime'));
    }
  }
  const both = completionTime !== undefined && stored.completionTime !== undefined;
  if (both && completionChanged) {
    errors.push(invalid(field, completionTime, 'completionTime cannot be mutated'));
  }
  if (startChanged && stored.startTime !== undefined && job.spec.suspend !== true) {
    errors.push(required('status.startTime', 'startTime cannot be removed for unsuspended job'));
  }
  return errors;
}

/** What a finished Job cannot have any more, as far as this write brings it about. */
function validateFinished(status: JobStatus, stored: JobStatus, job: Job): FieldError[] {
  if (!isFinished(status)) return [];
  const finishes = !isFinished(stored);
  const changed = (name: keyof JobStatus): boolean =>
    finishes || !jsonEqual(status[name] ?? null, stored[name] ?? null);
  const { active = 0, terminating = 0, startTime, uncountedTerminatedPods: uncounted } = status;
  const neverStarted = job.spec.suspend === true && job.spec.completions === 0;
  const errors: FieldError[] = [];
  if (active > 0 && changed('active')) {
    errors.push(invalid('status.active', active, 'active>0 is invalid for finished job'));
  }
  if (startTime === undefined && changed('startTime') && !neverStarted) {
    errors.push(required('status.startTime', 'startTime is required for finished job'));
  }
  const left = (uncounted?.failed ?? []).length + (uncounted?.succeeded ?? []).length;
  if (left > 0 && changed('uncountedTerminatedPods')) {
    const detail = 'uncountedTerminatedPods needs to be empty for finished job';
    errors.push(invalid('status.uncountedTerminatedPods', uncounted, detail));
  }
  if (terminating > 0 && changed('terminating')) {
    const detail = 'terminating>0 is invalid for finished job';
    errors.push(invalid('status.terminating', terminating, detail));
  }
  return errors;
}

/** The lowest index that is both completed and failed; undefined where there is none or a text cannot be read. */
function overlap(status: JobStatus, completions: number): number | undefined {
  try {
    return sharedIndex(
      parseIndexes(status.completedIndexes ?? '', completions),
      parseIndexes(status.failedIndexes ?? '', completions),
    );
  } catch (error) {
    if (error instanceof IndexesError) return undefined;
    throw error;
  }
}

function validateIndexes(status: JobStatus, stored: JobStatus, { spec }: Job): FieldError[] {
  const { completedIndexes = '', failedIndexes } = status;
  const [completed, failed] = ['status.completedIndexes', 'status.failedIndexes'];
  const completedChanged = completedIndexes !== (stored.completedIndexes ?? '');
  const failedChanged = failedIndexes !== stored.failedIndexes;
  const { completions } = spec;
  const errors: FieldError[] = [];
  if (completedChanged && completions !== undefined) {
    errors.push(...checkIndexes(completedIndexes, completions, completed).errors);
  }
  if (completedChanged && completedIndexes !== '' && spec.completionMode !== 'Indexed') {
    const detail = 'cannot set non-empty completedIndexes when non-indexed completion mode';
    errors.push(invalid(completed, completedIndexes, detail));
  }
  if (failedIndexes === undefined) return errors;
  if (failedChanged && spec.backoffLimitPerIndex === undefined) {
    const detail = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null';
    errors.push(invalid(failed, failedIndexes, detail));
  } else if (failedChanged && completions !== undefined) {
    errors.push(...checkIndexes(failedIndexes, completions, failed).errors);
  }
  const shared = completedChanged || failedChanged ? overlap(status, completions ?? 0) : undefined;
  if (shared === undefined) return errors;
  const detail = `failedIndexes and completedIndexes overlap at index: ${String(shared)}`;
  return [...errors, invalid(failed, failedIndexes, detail)];
}

function validateProgress(status: JobStatus, stored: JobStatus, { spec }: Job): FieldError[] {
  const { active = 0, ready = 0, failed = 0, succeeded = 0 } = status;
  const isElastic = spec.completionMode === 'Indexed' && spec.completions === spec.parallelism;
  const errors: FieldError[] = [];
  const readyChanged = ready !== (stored.ready ?? 0) || active !== (stored.active ?? 0);
  if (readyChanged && ready > active) {
    errors.push(invalid('status.ready', ready, 'cannot set more ready pods than active'));
  }
  if (failed < (stored.failed ?? 0)) {
    errors.push(invalid('status.failed', failed, 'cannot decrease the failed counter'));
  }
  if (succeeded < (stored.succeeded ?? 0) && !isElastic) {
    errors.push(invalid('status.succeeded', succeeded, 'cannot decrease the succeeded counter'));
  }
  return errors;
}

/** Checks the status of a Job against itself and against the stored one. */
export function validateJobStatus(job: Job, { status: stored }: Job): readonly FieldError[] {
  const { status } = job;
  return [
    ...validateCounters(status),
    ...validateConditions(status, stored, job),
    ...validateTimes(status, stored, job),
    ...validateFinished(status, stored, job),
    ...validateIndexes(status, stored, job),
    ...validateProgress(status, stored, job),
  ];
}
