/** Jobs: the kind and its resource, `jobs`. */
import { dropDisabledTemplateFields } from '../../core/v1/pod/disabled-fields.js';
import { humanDuration } from '../../age.js';
import { wideColumns } from '../../apps/v1/workload-columns.js';
import { defaultPodTemplate } from '../../core/v1/pod/defaults.js';
import { podNameWarnings, templateWarnings } from '../../core/v1/pod/warnings.js';
import { maxInt32 } from '../../integers.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { hasCondition } from '../../meta/conditions.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { generateSelector } from './job-labels.js';
import { validateJobStatus } from './job-status-validation.js';
import { validateJob, validateJobUpdate } from './job-validation.js';
import { manyCompletions, maxParallelismOfMany } from './limits.js';
import type { Job, JobSpec, JobStatus } from './types.js';
import { child } from '../../validation/field-error.js';
import { boolean, definition, int32, int64, list, ref, string, time } from '../../schema/schema.js';
import { podTemplateSpec } from '../../core/v1/pod/spec.js';
import { labelSelector } from '../../meta/v1/label-selector.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const podFailurePolicyOnExitCodesRequirement = definition(
  'io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement',
  'Which exit codes of which containers a rule is about.',
  {
    containerName: string(1, "The container meant; any of the pod's when absent."),
    operator: string(2, 'Whether the exit code has to be among the values, or none of them.', {
      required: true,
      enum: ['In', 'NotIn'],
    }),
    values: list(3, 'int32', 'Exit codes, in rising order and each once.', {
      required: true,
      listType: 'set',
    }),
  },
);

export const podFailurePolicyOnPodConditionsPattern = definition(
  'io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern',
  'A condition of a failed pod that a rule is about.',
  {
    status: string(2, 'Status the condition has to have.'),
    type: string(1, 'Type the condition has to have.', { required: true }),
  },
);

export const podFailurePolicyRule = definition(
  'io.k8s.api.batch.v1.PodFailurePolicyRule',
  'What to do about a pod that failed in a certain way.',
  {
    action: string(1, 'What is done: fail the Job or the index, or let the failure count or not.', {
      required: true,
      enum: ['FailJob', 'FailIndex', 'Ignore', 'Count'],
    }),
    onExitCodes: ref(
      2,
      podFailurePolicyOnExitCodesRequirement,
      'Exit codes of containers the rule is about.',
    ),
    onPodConditions: list(
      3,
      podFailurePolicyOnPodConditionsPattern,
      'Conditions of the pod the rule is about; one of them is enough.',
      { listType: 'atomic' },
    ),
  },
);

export const podFailurePolicy = definition(
  'io.k8s.api.batch.v1.PodFailurePolicy',
  'How failed pods count, by how they failed.',
  {
    rules: list(
      1,
      podFailurePolicyRule,
      'Rules in the order they are tried; the first that fits decides.',
      { required: true, listType: 'atomic', nullWhenUnset: true },
    ),
  },
);

export const successPolicyRule = definition(
  'io.k8s.api.batch.v1.SuccessPolicyRule',
  'One way for an indexed Job to have succeeded.',
  {
    succeededCount: int32(2, 'How many indexes have to have succeeded.'),
    succeededIndexes: string(1, 'Which indexes have to have succeeded, such as 1,3-5.'),
  },
);

export const successPolicy = definition(
  'io.k8s.api.batch.v1.SuccessPolicy',
  'When an indexed Job has succeeded although pods are left to run.',
  {
    rules: list(1, successPolicyRule, 'Ways to succeed; the first that is met ends the Job.', {
      required: true,
      listType: 'atomic',
    }),
  },
);

export const jobSpec = definition('io.k8s.api.batch.v1.JobSpec', 'What is wanted of a Job.', {
  activeDeadlineSeconds: int64(
    3,
    'Seconds after its start at which the Job is stopped and counts as failed.',
  ),
  backoffLimit: int32(7, 'Failed pods after which the Job counts as failed.'),
  backoffLimitPerIndex: int32(
    12,
    'Failed pods of one index after which the index counts as failed.',
  ),
  completionMode: string(9, 'Whether all pods are alike or each works on an index of its own.', {
    enum: ['NonIndexed', 'Indexed'],
  }),
  completions: int32(2, 'Pods that have to succeed.'),
  managedBy: string(15, 'Controller that looks after the Job, where it is not the built-in one.'),
  manualSelector: boolean(5, "Whether the selector is the user's own."),
  maxFailedIndexes: int32(13, 'Failed indexes after which the Job counts as failed.'),
  parallelism: int32(1, 'Pods that may run at the same time.'),
  podFailurePolicy: ref(11, podFailurePolicy, 'How failed pods count, by how they failed.'),
  podReplacementPolicy: string(
    14,
    'Whether a pod is replaced as soon as it is being deleted, or once it has ended.',
    { enum: ['TerminatingOrFailed', 'Failed'] },
  ),
  selector: ref(
    4,
    labelSelector,
    'Selects the pods that belong to the Job; made by the server unless manualSelector is set.',
  ),
  successPolicy: ref(
    16,
    successPolicy,
    'When the Job has succeeded although pods are left to run.',
  ),
  suspend: boolean(10, 'Whether no pods are to run for now.'),
  template: ref(6, podTemplateSpec, 'The pod that does the work.', { required: true }),
  ttlSecondsAfterFinished: int32(
    8,
    'Seconds after its end at which the Job is deleted; kept when absent.',
  ),
});

export const jobCondition = definition(
  'io.k8s.api.batch.v1.JobCondition',
  "One aspect of a Job's state.",
  {
    lastProbeTime: time(3, 'When the condition was last looked at.', { nullWhenUnset: true }),
    lastTransitionTime: time(4, 'When the status last changed.', { nullWhenUnset: true }),
    message: string(6, 'Text for people that says why.'),
    reason: string(5, 'One word for programs that says why.'),
    status: string(2, 'Whether it holds: True, False or Unknown.', { required: true }),
    type: string(1, 'Which aspect it is about.', {
      required: true,
      enum: ['Suspended', 'Complete', 'Failed', 'FailureTarget', 'SuccessCriteriaMet'],
    }),
  },
);

export const uncountedTerminatedPods = definition(
  'io.k8s.api.batch.v1.UncountedTerminatedPods',
  'Pods that have ended but are not yet in the counters.',
  {
    failed: list(2, 'string', 'Uids of pods that failed.', { listType: 'set' }),
    succeeded: list(1, 'string', 'Uids of pods that succeeded.', { listType: 'set' }),
  },
);

export const jobStatus = definition(
  'io.k8s.api.batch.v1.JobStatus',
  "What is known of a Job's pods.",
  {
    active: int32(4, 'Pods that are waiting or running and not being deleted.'),
    completedIndexes: string(7, 'Indexes that have succeeded, such as 1,3-5.'),
    completionTime: time(3, 'When the Job succeeded.'),
    conditions: list(1, jobCondition, "Aspects of the Job's state.", {
      patchStrategy: 'merge',
      patchMergeKey: 'type',
      listType: 'atomic',
    }),
    failed: int32(6, 'Pods that failed.'),
    failedIndexes: string(10, 'Indexes that have failed, such as 1,3-5.'),
    ready: int32(9, 'Running pods that are ready.'),
    startTime: time(2, 'When work on the Job began, or began again after it was suspended.'),
    succeeded: int32(5, 'Pods that succeeded.'),
    terminating: int32(11, 'Pods that are being deleted and have not ended.'),
    uncountedTerminatedPods: ref(
      8,
      uncountedTerminatedPods,
      'Pods that have ended but are not yet in the counters.',
    ),
  },
);

export const job = definition(
  'io.k8s.api.batch.v1.Job',
  'Runs pods until a number of them have succeeded.',
  {
    ...objectFields,
    spec: ref(2, jobSpec, 'What is wanted.'),
    status: ref(3, jobStatus, 'What is known of the pods.'),
  },
);

/** What is filled in of a Job's spec wherever one is written down, in templates too. */
export function defaultJobTemplate(spec: Partial<JobSpec>): void {
  for (const { onPodConditions } of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of onPodConditions ?? []) pattern.status ||= 'True';
  }
  defaultPodTemplate((spec.template ??= {}));
}

function defaultJob(draft: Job): void {
  const partial = draft as Partial<Job>;
  const spec = (partial.spec ??= {} as JobSpec);
  fillZeroValues(job, draft);
  partial.status ??= {};
  if (spec.parallelism === undefined) spec.completions ??= 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : maxInt32;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.manualSelector ??= false;
  spec.podReplacementPolicy ??=
    spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed';
  defaultJobTemplate(spec);
  const { labels } = spec.template.metadata ?? {};
  const { metadata } = draft;
  if (labels !== undefined && Object.keys(metadata.labels ?? {}).length === 0) {
    metadata.labels = { ...labels };
  }
}

/** How many of the pods wanted have succeeded; a work queue has as many as it takes. */
function completionsText({ spec, status }: Job): string {
  const succeeded = String(status.succeeded ?? 0);
  if (spec.completions !== undefined) return `${succeeded}/${String(spec.completions)}`;
  const { parallelism = 0 } = spec;
  return parallelism > 1 ? `${succeeded}/1 of ${String(parallelism)}` : `${succeeded}/1`;
}

function durationText({ status }: Job, now: number): string {
  if (status.startTime === undefined) return '';
  const end = status.completionTime === undefined ? now : Date.parse(status.completionTime);
  return humanDuration(end - Date.parse(status.startTime));
}

const shownConditions = ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'] as const;

function statusText(job: Job): string {
  const holds = (type: string): boolean => hasCondition(job, type);
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  return shownConditions.find(holds) ?? 'Running';
}

/** Warnings of a Job's spec, wherever it stands; `stored` is what it replaces. */
export function jobSpecWarnings(
  spec: JobSpec,
  stored: JobSpec | undefined,
  field: string,
): readonly string[] {
  const { completions = 0, parallelism = 0, completionMode } = spec;
  const isHuge =
    completionMode === 'Indexed' &&
    completions > manyCompletions &&
    parallelism > maxParallelismOfMany;
  const warning =
    'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail';
  return [
    ...(isHuge ? [`${field}: ${warning}`] : []),
    ...templateWarnings(spec.template, stored?.template, child(field, 'template')),
  ];
}

function jobWarnings({ metadata, spec }: Job, stored: Job | undefined): readonly string[] {
  if (stored === undefined) {
    return [...podNameWarnings(metadata.name), ...jobSpecWarnings(spec, undefined, 'spec')];
  }
  const isChanged = metadata.generation !== stored.metadata.generation;
  return isChanged ? jobSpecWarnings(spec, stored.spec, 'spec') : [];
}

const jobStatusOf = (object: { readonly status?: JobStatus }): JobStatus => object.status ?? {};

export const jobs = defineResource<Job>({
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  scope: 'Namespaced',
  categories: ['all'],
  schema: job,
  status: true,
  defaults: defaultJob,
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  validateStatusUpdate: validateJobStatus,
  strategy: {
    tracksGeneration: true,
    orphansDependents: {
      warning:
        'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
    },
    prepareForCreate: (draft) => {
      draft.status = {};
      dropDisabledTemplateFields(draft.spec.template);
      generateSelector(draft);
    },
    prepareForUpdate: ({ spec }, stored) => {
      dropDisabledTemplateFields(spec.template, stored.spec.template);
    },
    warnings: jobWarnings,
  },
  columns: [
    nameColumn,
    {
      name: 'Status',
      type: 'string',
      description: 'Whether the Job runs, waits or has ended, and how.',
      priority: 0,
      cell: statusText,
    },
    {
      name: 'Completions',
      type: 'string',
      description: 'Number of pods that succeeded, of those wanted.',
      priority: 0,
      cell: completionsText,
    },
    {
      name: 'Duration',
      type: 'string',
      description: 'Time from the start to the end, or until now.',
      priority: 0,
      cell: durationText,
    },
    ageColumn,
    ...wideColumns,
  ],
  selectableFields: {
    'status.successful': (object) => String(jobStatusOf(object).succeeded ?? 0),
  },
});
