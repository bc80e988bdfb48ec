/** Checks of Jobs as Kubernetes makes them, with its texts. */
import { unselectedErrors } from '../../apps/v1/validation.js';
import { validatePodTemplate } from '../../core/v1/pod/validate-spec.js';
import { oneOf } from '../../core/v1/pod/validate-values.js';
import type { PodSpec, PodTemplateSpec } from '../../core/v1/types.js';
import { hasCondition } from '../../meta/conditions.js';
import { jsonEqual } from '../../patch/json-value.js';
import type { LabelMatcher } from '../../selectors/label.js';
import { labelMatcherFrom, matchesLabels, SelectorError } from '../../selectors/label.js';
import type { LabelSelector } from '../../meta/v1/types.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  invalid,
  key,
  notSupported,
  required,
  tooLong,
  invalidBecause,
} from '../../validation/field-error.js';
import { validateLabelSelector } from '../../validation/label-selector.js';
import { dns1123LabelErrors, domainPrefixedPathErrors } from '../../validation/names.js';
import { immutable } from '../../validation/object-meta.js';
import { validateFailurePolicy, validateSuccessPolicy } from './job-policy-validation.js';
import {
  manyCompletions,
  maxFailedIndexes as maxFailed,
  maxFailedIndexesOfMany,
  maxIndexedParallelism,
  maxManagedByLength,
  maxParallelismOfMany,
} from './limits.js';
import type { Job, JobSpec } from './types.js';
import { jobNameLabels, jobUidLabels } from './job-labels.js';
import { nonNegative } from '../../validation/numbers.js';

const counts = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const;

const isIndexed = ({ completionMode }: JobSpec): boolean => completionMode === 'Indexed';

/** A number above what the Job may have. */
const above = (
  spec: JobSpec,
  name: 'parallelism' | 'maxFailedIndexes',
  field: string,
  limit: number,
  detail: string,
): FieldError[] => {
  const value = spec[name];
  return value !== undefined && value > limit ? [invalid(child(field, name), value, detail)] : [];
};

function validateManyCompletions(spec: JobSpec, field: string): FieldError[] {
  const { completions = 0, backoffLimitPerIndex, maxFailedIndexes } = spec;
  if (completions <= manyCompletions || backoffLimitPerIndex === undefined) return [];
  const rest = `when completions are above ${String(manyCompletions)} and used with backoff limit per index`;
  const limit = (value: number): string => `must be less than or equal to ${String(value)} ${rest}`;
  return [
    ...(maxFailedIndexes === undefined
      ? [
          required(
            child(field, 'maxFailedIndexes'),
            `must be specified when completions is above ${String(manyCompletions)}`,
          ),
        ]
      : []),
    ...above(spec, 'parallelism', field, maxParallelismOfMany, limit(maxParallelismOfMany)),
    ...above(
      spec,
      'maxFailedIndexes',
      field,
      maxFailedIndexesOfMany,
      limit(maxFailedIndexesOfMany),
    ),
  ];
}

function validateIndexed(spec: JobSpec, field: string): FieldError[] {
  const { completions } = spec;
  const atMost = (limit: number): string => `must be less than or equal to ${String(limit)}`;
  return [
    ...(completions === undefined
      ? [required(child(field, 'completions'), 'when completion mode is Indexed')]
      : []),
    ...above(
      spec,
      'parallelism',
      field,
      maxIndexedParallelism,
      `${atMost(maxIndexedParallelism)} when completion mode is Indexed`,
    ),
    ...above(
      spec,
      'maxFailedIndexes',
      field,
      completions ?? Infinity,
      'must be less than or equal to completions',
    ),
    ...above(spec, 'maxFailedIndexes', field, maxFailed, atMost(maxFailed)),
    ...validateManyCompletions(spec, field),
  ];
}

function validateMode(spec: JobSpec, field: string): FieldError[] {
  const { completionMode, maxFailedIndexes, backoffLimitPerIndex, managedBy } = spec;
  const errors: FieldError[] = [];
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    const detail = 'when maxFailedIndexes is specified';
    errors.push(required(child(field, 'backoffLimitPerIndex'), detail));
  }
  if (managedBy !== undefined) {
    const path = child(field, 'managedBy');
    errors.push(...invalidBecause(path, managedBy, domainPrefixedPathErrors(managedBy)));
    if (managedBy.length > maxManagedByLength) errors.push(tooLong(path, maxManagedByLength));
  }
  errors.push(...oneOf(child(field, 'completionMode'), completionMode, ['NonIndexed', 'Indexed']));
  if (isIndexed(spec)) return [...errors, ...validateIndexed(spec, field)];
  for (const name of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
    const value = spec[name];
    if (value === undefined) continue;
    errors.push(invalid(child(field, name), value, 'requires indexed completion mode'));
  }
  return errors;
}

function validatePolicies(spec: JobSpec, field: string): FieldError[] {
  const { podFailurePolicy, successPolicy, podReplacementPolicy: replacement } = spec;
  const errors: FieldError[] = [];
  if (podFailurePolicy !== undefined) {
    errors.push(...validateFailurePolicy(spec, child(field, 'podFailurePolicy')));
  }
  if (successPolicy !== undefined) {
    const path = child(field, 'successPolicy');
    errors.push(
      ...(isIndexed(spec)
        ? validateSuccessPolicy(spec, path)
        : [invalid(path, successPolicy, 'requires indexed completion mode')]),
    );
  }
  if (replacement !== undefined) {
    const allowed = podFailurePolicy === undefined ? ['Failed', 'TerminatingOrFailed'] : ['Failed'];
    const path = child(field, 'podReplacementPolicy');
    if (!allowed.includes(replacement)) errors.push(notSupported(path, replacement, allowed));
  }
  return errors;
}

function validateRestartPolicy(spec: JobSpec, field: string): FieldError[] {
  const path = child(field, 'template', 'spec', 'restartPolicy');
  const policy: string = spec.template.spec?.restartPolicy ?? '';
  if (policy === 'Always' || policy === '') {
    return [required(path, 'valid values: "OnFailure", "Never"')];
  }
  if (policy !== 'OnFailure' && policy !== 'Never') {
    return [notSupported(path, policy, ['OnFailure', 'Never'])];
  }
  return spec.podFailurePolicy !== undefined && policy !== 'Never'
    ? [invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified')]
    : [];
}

/** Checks what Jobs and the templates of CronJobs have in common. */
export const validateJobTemplate = (
  spec: JobSpec,
  field: string,
  stored?: JobSpec,
): FieldError[] => [
  ...counts.flatMap((name) => nonNegative(spec[name], child(field, name))),
  ...validateMode(spec, field),
  ...validatePolicies(spec, field),
  ...validatePodTemplate(spec.template, child(field, 'template'), stored?.template),
  ...validateRestartPolicy(spec, field),
];

/** The selector as a matcher; undefined where it cannot be read, which is reported elsewhere. */
function matcherOf(selector: LabelSelector | undefined): LabelMatcher | undefined {
  try {
    return labelMatcherFrom(selector);
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}

/** Unless a Job brings its own selector, it has to have the one made for it, and its pods the labels. */
function validateGenerated({ metadata, spec }: Job, prefixed: boolean): FieldError[] {
  const { selector, manualSelector, template } = spec;
  if (manualSelector === true || selector === undefined) return [];
  const labels = new Map<string, string>();
  for (const form of prefixed ? (['legacy', 'prefixed'] as const) : (['legacy'] as const)) {
    labels.set(jobUidLabels[form], metadata.uid);
    labels.set(jobNameLabels[form], metadata.name);
  }
  const given = template.metadata?.labels ?? {};
  const errors = [...labels].flatMap(([name, value]) => {
    const path = key('spec.template.metadata.labels', name);
    const detail = `must be '${value}'`;
    if (given[name] === undefined) return [required(path, detail)];
    return given[name] === value ? [] : [invalid(path, given, detail)];
  });
  const matcher = matcherOf(selector);
  return matcher === undefined || matchesLabels(matcher, Object.fromEntries(labels))
    ? errors
    : [...errors, invalid('spec.selector', selector, '`selector` not auto-generated')];
}

/** Pods of indexed Jobs take their hostname from the Job's name and their index. */
function validateHostnames({ metadata, spec }: Job): FieldError[] {
  const { completions = 0 } = spec;
  if (!isIndexed(spec) || completions < 1) return [];
  const hostname = `${metadata.name}-${String(completions - 1)}`;
  return dns1123LabelErrors(hostname).length === 0
    ? []
    : [
        invalid(
          'metadata.name',
          metadata.name,
          `will not able to create pod with invalid DNS label: ${hostname}`,
        ),
      ];
}

/** Checks a Job; its metadata is checked by the registry. */
export function validateJob(job: Job, stored?: Job): readonly FieldError[] {
  const { spec } = job;
  // Jobs from before the prefixed labels have the plain ones only.
  const prefixed = Object.keys(spec.selector?.matchLabels ?? {}).includes(jobUidLabels.prefixed);
  const { resourceVersion = '' } = job.metadata as Partial<Job['metadata']>;
  const matcher = matcherOf(spec.selector);
  return [
    ...validateGenerated(job, prefixed || resourceVersion === ''),
    ...validateJobTemplate(spec, 'spec', stored?.spec),
    ...(spec.selector === undefined
      ? [required('spec.selector')]
      : validateLabelSelector(spec.selector, 'spec.selector')),
    ...(matcher === undefined ? [] : unselectedErrors(spec.template, matcher, 'spec.template')),
    ...validateHostnames(job),
  ];
}

type AllowedPart = Pick<PodSpec, 'affinity' | 'containers' | 'initContainers'>;

const withoutResources = (containers: PodSpec['containers'] | undefined): unknown =>
  containers?.map((container) => ({ ...container, resources: null }));

/** What stays of the pods while the Job waits to start: not where they go, nor what they request. */
function fixedSpec({ spec }: PodTemplateSpec): object {
  const { affinity, containers, initContainers }: AllowedPart = spec ?? { containers: [] };
  const { nodeAffinity: _moved, ...otherAffinity } = affinity ?? {};
  return {
    ...spec,
    affinity: Object.keys(otherAffinity).length === 0 ? null : otherAffinity,
    containers: withoutResources(containers),
    initContainers: withoutResources(initContainers),
    nodeSelector: null,
    tolerations: null,
    schedulingGates: null,
  };
}

/** Whether nothing of a Job runs, so that a queue may still decide where it will. */
function isWaiting(job: Job): boolean {
  const { spec, status } = job;
  const isStopped = status.startTime === undefined || hasCondition(job, 'Suspended');
  return spec.suspend === true && (status.active ?? 0) === 0 && isStopped;
}

function validateTemplateUpdate(job: Job, stored: Job): FieldError[] {
  const [next, last] = [job.spec.template, stored.spec.template];
  if (!isWaiting(stored)) return immutable('spec.template', next, last);
  return jsonEqual(fixedSpec(next), fixedSpec(last))
    ? []
    : [invalid('spec.template.spec', next.spec, 'field is immutable')];
}

function validateCompletionsUpdate({ spec }: Job, stored: Job): FieldError[] {
  const field = 'spec.completions';
  if (!isIndexed(spec)) return immutable(field, spec.completions, stored.spec.completions);
  const changed = spec.completions !== undefined && spec.completions !== stored.spec.completions;
  return changed && spec.completions !== spec.parallelism
    ? [invalid(field, spec.completions, 'can only be modified in tandem with spec.parallelism')]
    : [];
}

const fixedFields = [
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
] as const;

/** What may change in a Job once it is stored. */
export const validateJobUpdate = (job: Job, stored: Job): readonly FieldError[] => [
  ...validateCompletionsUpdate(job, stored),
  ...immutable('spec.selector', job.spec.selector, stored.spec.selector),
  ...validateTemplateUpdate(job, stored),
  ...fixedFields.flatMap((name) =>
    immutable(child('spec', name), job.spec[name], stored.spec[name]),
  ),
];
