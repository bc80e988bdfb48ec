/** Checks that the workloads share, with Kubernetes' texts. Called by the kinds of this group and by ReplicationControllers. */
import type { PodTemplateSpec } from '../../core/v1/types.js';
import { validatePodTemplate } from '../../core/v1/pod/validate-spec.js';
import type { LabelSelector } from '../../meta/v1/types.js';
import { labelMatcherFrom, matchesLabels, SelectorError } from '../../selectors/label.js';
import type { LabelMatcher } from '../../selectors/label.js';
import type { FieldError } from '../../validation/field-error.js';
import { child, forbidden, invalid, notSupported, required } from '../../validation/field-error.js';
import { validateLabelSelector } from '../../validation/label-selector.js';
import { percentErrors } from '../../validation/names.js';
import { nonNegative } from '../../validation/numbers.js';

/** A count of at least zero or a percentage. */
export function countOrPercentErrors(value: number | string, field: string): FieldError[] {
  if (typeof value === 'number') return nonNegative(value, field);
  return percentErrors(value).map((detail) => invalid(field, value, detail));
}

/** Reports a percentage above 100. */
export const overAllErrors = (value: number | string, field: string): FieldError[] =>
  typeof value === 'string' && /^[0-9]+%$/.test(value) && Number.parseInt(value, 10) > 100
    ? [invalid(field, value, 'must not be greater than 100%')]
    : [];

/** Whether a count or percentage comes to nothing. */
export const isZeroCount = (value: number | string | undefined): boolean =>
  value === undefined ||
  value === 0 ||
  (typeof value === 'string' && !/^0*[1-9][0-9]*%$/.test(value));

/** Reports counters of a status that exceed another one. */
export const atMostErrors = (
  counts: Readonly<Record<string, number | undefined>>,
  limit: { readonly value: number; readonly name: string },
): FieldError[] =>
  Object.entries(counts).flatMap(([name, value = 0]) =>
    value > limit.value
      ? [invalid(child('status', name), value, `cannot be greater than ${limit.name}`)]
      : [],
  );

/** A counter of name collisions only ever grows. */
export const collisionErrors = (
  next: { readonly collisionCount?: number | undefined } | undefined,
  stored: { readonly collisionCount?: number | undefined } | undefined,
): FieldError[] =>
  stored?.collisionCount !== undefined && (next?.collisionCount ?? -1) < stored.collisionCount
    ? [invalid('status.collisionCount', next?.collisionCount ?? 0, 'cannot be decremented')]
    : [];

interface SelectorCheck {
  readonly errors: FieldError[];
  /** Undefined where the selector cannot be read. */
  readonly matcher: LabelMatcher | undefined;
}

/** What Kubernetes adds to what is wrong in a selector that cannot be read; DaemonSets have nothing to add. */
const unreadable: Readonly<Record<string, string | undefined>> = {
  deployment: 'invalid label selector',
  statefulset: '',
};

/** Checks the selector of a workload: it must be there, be readable, and not select everything. */
export function checkWorkloadSelector(
  selector: LabelSelector | undefined,
  field: string,
  kind: 'daemonset' | 'deployment' | 'statefulset',
): SelectorCheck {
  if (selector === undefined) {
    return { errors: [required(field)], matcher: labelMatcherFrom(undefined) };
  }
  const errors = validateLabelSelector(selector, field);
  const terms =
    Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length;
  if (terms === 0) errors.push(invalid(field, selector, `empty selector is invalid for ${kind}`));
  try {
    return { errors, matcher: labelMatcherFrom(selector) };
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    const detail = unreadable[kind];
    if (detail !== undefined) errors.push(invalid(field, selector, detail));
    return { errors, matcher: undefined };
  }
}

/** Reports a template whose labels the workload's own selector would not find. */
export const unselectedErrors = (
  template: PodTemplateSpec | undefined,
  matcher: LabelMatcher,
  field: string,
): FieldError[] =>
  matchesLabels(matcher, template?.metadata?.labels)
    ? []
    : [
        invalid(
          child(field, 'metadata', 'labels'),
          template?.metadata?.labels ?? null,
          '`selector` does not match template `labels`',
        ),
      ];

/** Pods of workloads that run for ever always restart. */
export const restartErrors = (
  template: PodTemplateSpec | undefined,
  field: string,
): FieldError[] => {
  const restartPolicy = template?.spec?.restartPolicy;
  return restartPolicy === undefined || restartPolicy === 'Always'
    ? []
    : [notSupported(child(field, 'spec', 'restartPolicy'), restartPolicy, ['Always'])];
};

/** Pods of workloads that run for ever have no deadline. */
export function deadlineErrors(
  template: PodTemplateSpec | undefined,
  field: string,
  kind: 'DaemonSet' | 'ReplicaSet' | 'ReplicationController' | 'StatefulSet',
): FieldError[] {
  if (template?.spec?.activeDeadlineSeconds === undefined) return [];
  const path = child(field, 'spec', 'activeDeadlineSeconds');
  return [forbidden(path, `activeDeadlineSeconds in ${kind} is not Supported`)];
}

/** Where a template stands: its path, the kind it is of, and what is stored there so far. */
interface TemplatePlace {
  readonly field: string;
  readonly kind?: 'ReplicaSet' | 'ReplicationController';
  readonly stored: PodTemplateSpec | undefined;
}

/** Checks the template of a workload whose pods always restart and must match its selector. */
export function validateWorkloadTemplate(
  template: PodTemplateSpec | undefined,
  matcher: LabelMatcher,
  { field, kind = 'ReplicaSet', stored }: TemplatePlace,
): FieldError[] {
  const selectsAll = 'requirements' in matcher && matcher.requirements.length === 0;
  return [
    ...(selectsAll ? [] : unselectedErrors(template, matcher, field)),
    ...validatePodTemplate(template, field, stored),
    ...restartErrors(template, field),
    ...deadlineErrors(template, field, kind),
  ];
}
