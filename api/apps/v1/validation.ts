/** Checks that ReplicaSets and Deployments share, with Kubernetes' texts. */
import type { PodTemplateSpec } from '../../core/v1/types.js';
import { validatePodTemplate } from '../../core/v1/pod/validate-spec.js';
import type { LabelSelector } from '../../meta/v1/types.js';
import { labelMatcherFrom, matchesLabels, SelectorError } from '../../selectors/label.js';
import type { LabelMatcher } from '../../selectors/label.js';
import type { FieldError } from '../../validation/field-error.js';
import { child, forbidden, invalid, notSupported, required } from '../../validation/field-error.js';
import { validateLabelSelector } from '../../validation/label-selector.js';

/** Counters and periods may not be negative; absent ones are fine. */
export const nonNegative = (value: number | undefined, field: string): FieldError[] =>
  value !== undefined && value < 0
    ? [invalid(field, value, 'must be greater than or equal to 0')]
    : [];

interface SelectorCheck {
  readonly errors: FieldError[];
  /** Undefined where the selector cannot be read. */
  readonly matcher: LabelMatcher | undefined;
}

/** Checks the selector of a workload: it must be there, be readable, and not select everything. */
export function checkWorkloadSelector(
  selector: LabelSelector | undefined,
  field: string,
  kind: string,
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
    return {
      errors: [...errors, invalid(field, selector, 'invalid label selector')],
      matcher: undefined,
    };
  }
}

/** Checks the template of a workload whose pods always restart and must match its selector. */
export function validateWorkloadTemplate(
  template: PodTemplateSpec | undefined,
  matcher: LabelMatcher,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const labels = template?.metadata?.labels;
  if (!('requirements' in matcher) || matcher.requirements.length > 0) {
    if (!matchesLabels(matcher, labels)) {
      const path = child(field, 'metadata', 'labels');
      errors.push(invalid(path, labels, '`selector` does not match template `labels`'));
    }
  }
  errors.push(...validatePodTemplate(template, field));
  const spec = template?.spec;
  if (spec?.restartPolicy !== undefined && spec.restartPolicy !== 'Always') {
    errors.push(
      notSupported(child(field, 'spec', 'restartPolicy'), spec.restartPolicy, ['Always']),
    );
  }
  if (spec?.activeDeadlineSeconds !== undefined) {
    errors.push(
      forbidden(
        child(field, 'spec', 'activeDeadlineSeconds'),
        'activeDeadlineSeconds in ReplicaSet is not Supported',
      ),
    );
  }
  return errors;
}
