/** CronJobs: the kind and its resource, `cronjobs`. */
import { dropDisabledTemplateFields } from '../../core/v1/pod/disabled-fields.js';
import { ageText } from '../../age.js';
import { templateColumns } from '../../apps/v1/workload-columns.js';
import type { PodTemplateSpec } from '../../core/v1/types.js';
import { podNameWarnings } from '../../core/v1/pod/warnings.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { formatLabelSelector } from '../../selectors/label.js';
import { validateCronJob, validateCronJobUpdate } from './cron-job-validation.js';
import { defaultJobTemplate, jobSpecWarnings } from './job.js';
import type { CronJob, CronJobSpec } from './types.js';
import { boolean, definition, int32, int64, list, ref, string, time } from '../../schema/schema.js';
import { jobSpec } from './job.js';
import { objectReference } from '../../core/v1/references.js';
import { objectFields, objectMeta } from '../../meta/v1/object-meta.js';

export const jobTemplateSpec = definition(
  'io.k8s.api.batch.v1.JobTemplateSpec',
  'The Job to make on each occasion.',
  {
    metadata: ref(1, objectMeta, 'Labels and annotations of the Job.'),
    spec: ref(2, jobSpec, 'What is wanted of the Job.'),
  },
);

export const cronJobSpec = definition(
  'io.k8s.api.batch.v1.CronJobSpec',
  'What is wanted of a CronJob.',
  {
    concurrencyPolicy: string(
      3,
      'What happens when the last Job still runs: start another, skip, or replace it.',
      { enum: ['Allow', 'Forbid', 'Replace'] },
    ),
    failedJobsHistoryLimit: int32(7, 'Number of failed Jobs kept.'),
    jobTemplate: ref(5, jobTemplateSpec, 'The Job to make on each occasion.', { required: true }),
    schedule: string(1, 'When to make Jobs, in the five fields of cron.', { required: true }),
    startingDeadlineSeconds: int64(2, 'Seconds by which a Job may be late and still be started.'),
    successfulJobsHistoryLimit: int32(6, 'Number of successful Jobs kept.'),
    suspend: boolean(4, 'Whether no further Jobs are made for now.'),
    timeZone: string(
      8,
      "Time zone of the schedule, such as Europe/Berlin; the controller's own when absent.",
    ),
  },
);

export const cronJobStatus = definition(
  'io.k8s.api.batch.v1.CronJobStatus',
  "What is known of a CronJob's Jobs.",
  {
    active: list(1, objectReference, 'Jobs that are running.', { listType: 'atomic' }),
    lastScheduleTime: time(4, 'When a Job was last made.'),
    lastSuccessfulTime: time(5, 'When a Job last succeeded.'),
  },
);

export const cronJob = definition(
  'io.k8s.api.batch.v1.CronJob',
  'Makes a Job at each time of a schedule.',
  {
    ...objectFields,
    spec: ref(2, cronJobSpec, 'What is wanted.', { required: true }),
    status: ref(3, cronJobStatus, 'What is known of the Jobs.'),
  },
);

function defaultCronJob(draft: CronJob): void {
  const partial = draft as Partial<CronJob>;
  const spec: Partial<CronJobSpec> = (partial.spec ??= {} as CronJobSpec);
  fillZeroValues(cronJob, draft);
  partial.status ??= {};
  spec.concurrencyPolicy ||= 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  const template = (spec.jobTemplate ??= {});
  template.metadata ??= {} as NonNullable<typeof template.metadata>;
  defaultJobTemplate((template.spec ??= { template: {} }));
}

const podTemplateOf = ({ spec }: CronJob): PodTemplateSpec | undefined =>
  spec.jobTemplate.spec?.template;

function cronJobWarnings({ metadata, spec }: CronJob, stored: CronJob | undefined): string[] {
  const { spec: job } = spec.jobTemplate;
  const isChanged = metadata.generation !== stored?.metadata.generation;
  return [
    ...(stored === undefined ? podNameWarnings(metadata.name) : []),
    ...(job === undefined || !isChanged
      ? []
      : jobSpecWarnings(job, stored?.spec.jobTemplate.spec, 'spec.jobTemplate.spec')),
    ...(spec.schedule.includes('TZ')
      ? [
          'CRON_TZ or TZ used in spec.schedule is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
        ]
      : []),
  ];
}

export const cronJobs = defineResource<CronJob>({
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  scope: 'Namespaced',
  shortNames: ['cj'],
  categories: ['all'],
  schema: cronJob,
  status: true,
  defaults: defaultCronJob,
  validate: validateCronJob,
  validateUpdate: validateCronJobUpdate,
  strategy: {
    tracksGeneration: true,
    prepareForCreate: (draft) => {
      draft.status = {};
      dropDisabledTemplateFields(draft.spec.jobTemplate.spec?.template);
    },
    prepareForUpdate: ({ spec }, stored) => {
      dropDisabledTemplateFields(
        spec.jobTemplate.spec?.template,
        stored.spec.jobTemplate.spec?.template,
      );
    },
    warnings: cronJobWarnings,
  },
  columns: [
    nameColumn,
    {
      name: 'Schedule',
      type: 'string',
      description: 'When Jobs are made.',
      priority: 0,
      cell: ({ spec }) => spec.schedule,
    },
    {
      name: 'Timezone',
      type: 'string',
      description: 'Time zone of the schedule.',
      priority: 0,
      cell: ({ spec }) => spec.timeZone ?? '<none>',
    },
    {
      name: 'Suspend',
      type: 'boolean',
      description: 'Whether no further Jobs are made.',
      priority: 0,
      cell: ({ spec: { suspend } }) =>
        suspend === undefined ? '<unset>' : suspend ? 'True' : 'False',
    },
    {
      name: 'Active',
      type: 'integer',
      description: 'Number of Jobs that are running.',
      priority: 0,
      cell: ({ status }) => (status.active ?? []).length,
    },
    {
      name: 'Last Schedule',
      type: 'string',
      description: 'Time since a Job was last made.',
      priority: 0,
      cell: ({ status }, now) =>
        status.lastScheduleTime === undefined ? '<none>' : ageText(status.lastScheduleTime, now),
    },
    ageColumn,
    ...templateColumns<CronJob>(podTemplateOf),
    {
      name: 'Selector',
      type: 'string',
      description: 'Label selector of the pods that belong to the object.',
      priority: 1,
      cell: ({ spec }) => formatLabelSelector(spec.jobTemplate.spec?.selector),
    },
  ],
});
