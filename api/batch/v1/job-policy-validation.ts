/** Checks of when a Job has failed or succeeded, with Kubernetes' texts. Called by `job-validation.ts`. */
import { eachOf } from '../../core/v1/pod/validate-values.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  duplicate,
  index,
  invalid,
  invalidState,
  notSupported,
  required,
  tooLong,
  tooMany,
  invalidBecause,
} from '../../validation/field-error.js';
import { qualifiedNameErrors } from '../../validation/names.js';
import { countIndexes, IndexesError, parseIndexes } from './job-indexes.js';
import {
  maxConditionPatterns,
  maxExitCodes,
  maxFailureRules,
  maxIndexesLength,
  maxSuccessRules,
} from './limits.js';
import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
  SuccessPolicyRule,
} from './types.js';
import { nonNegative } from '../../validation/numbers.js';

/** A word out of a sorted set; where it is missing, the set is told in Go's way of printing lists. */
function wordErrors(field: string, value: string, allowed: readonly string[]): FieldError[] {
  if (value === '') {
    const words = allowed.map((word) => JSON.stringify(word)).join(' ');
    return [required(field, `valid values: [${words}]`)];
  }
  return allowed.includes(value) ? [] : [notSupported(field, value, allowed)];
}

function validateValues(
  { operator, values }: PodFailurePolicyOnExitCodesRequirement,
  field: string,
): FieldError[] {
  if (values.length === 0) return [invalid(field, values, 'at least one value is required')];
  const errors = values.length > maxExitCodes ? [tooMany(field, values.length, maxExitCodes)] : [];
  const seen = new Set<number>();
  values.forEach((value, position) => {
    const path = index(field, position);
    if (operator === 'In' && value === 0) {
      errors.push(invalid(path, value, 'must not be 0 for the In operator'));
    }
    if (seen.has(value)) errors.push(duplicate(path, value));
    seen.add(value);
  });
  const isOrdered = values.every((value, position) => (values[position - 1] ?? value) <= value);
  return isOrdered ? errors : [...errors, invalid(field, values, 'must be ordered')];
}

function validateExitCodes(
  requirement: PodFailurePolicyOnExitCodesRequirement,
  containers: ReadonlySet<string>,
  field: string,
): FieldError[] {
  const { operator, containerName } = requirement;
  const errors = wordErrors(child(field, 'operator'), operator, ['In', 'NotIn']);
  if (containerName !== undefined && !containers.has(containerName)) {
    const detail = 'must be one of the container or initContainer names in the pod template';
    errors.push(invalid(child(field, 'containerName'), containerName, detail));
  }
  return [...errors, ...validateValues(requirement, child(field, 'values'))];
}

const validatePatterns = (
  patterns: readonly PodFailurePolicyOnPodConditionsPattern[],
  field: string,
): FieldError[] => [
  ...(patterns.length > maxConditionPatterns
    ? [tooMany(field, patterns.length, maxConditionPatterns)]
    : []),
  ...eachOf(field, patterns, ({ type, status = '' }, path) => [
    ...invalidBecause(child(path, 'type'), type, qualifiedNameErrors(type)),
    ...wordErrors(child(path, 'status'), status, ['False', 'True', 'Unknown']),
  ]),
];

function validateFailureRule(
  rule: PodFailurePolicyRule,
  spec: JobSpec,
  containers: ReadonlySet<string>,
  field: string,
): FieldError[] {
  const { action, onExitCodes, onPodConditions = [] } = rule;
  const path = child(field, 'action');
  const errors =
    action === 'FailIndex' && spec.backoffLimitPerIndex === undefined
      ? [invalid(path, action, 'requires the backoffLimitPerIndex to be set')]
      : wordErrors(path, action, ['Count', 'FailIndex', 'FailJob', 'Ignore']);
  if (onExitCodes !== undefined) {
    errors.push(...validateExitCodes(onExitCodes, containers, child(field, 'onExitCodes')));
  }
  errors.push(...validatePatterns(onPodConditions, child(field, 'onPodConditions')));
  const hasConditions = onPodConditions.length > 0;
  if (hasConditions === (onExitCodes === undefined)) return errors;
  const detail = hasConditions
    ? 'specifying both OnExitCodes and OnPodConditions is not supported'
    : 'specifying one of OnExitCodes and OnPodConditions is required';
  return [...errors, invalidState(field, detail)];
}

/** Checks how failed pods of a Job count. */
export function validateFailurePolicy(spec: JobSpec, field: string): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const path = child(field, 'rules');
  const pod = spec.template.spec;
  const containers = new Set(
    [...(pod?.containers ?? []), ...(pod?.initContainers ?? [])].map(({ name }) => name),
  );
  return [
    ...(rules.length > maxFailureRules ? [tooMany(path, rules.length, maxFailureRules)] : []),
    ...eachOf(path, rules, (rule, rulePath) =>
      validateFailureRule(rule, spec, containers, rulePath),
    ),
  ];
}

/** Checks the text of a set of indexes; gives how many there are where it can be read. */
export function checkIndexes(
  text: string,
  completions: number,
  field: string,
): { readonly errors: FieldError[]; readonly count: number } {
  try {
    return { errors: [], count: countIndexes(parseIndexes(text, completions)) };
  } catch (error) {
    if (!(error instanceof IndexesError)) throw error;
    const name = field.split('.').at(-1) ?? field;
    return { errors: [invalid(field, text, `error parsing ${name}: ${error.message}`)], count: 0 };
  }
}

function validateSuccessRule(
  { succeededCount, succeededIndexes }: SuccessPolicyRule,
  completions: number,
  field: string,
): FieldError[] {
  if (succeededCount === undefined && succeededIndexes === undefined) {
    const detail = 'at least one of succeededCount or succeededIndexes must be specified';
    return [required(field, detail)];
  }
  const path = child(field, 'succeededIndexes');
  const errors: FieldError[] = [];
  if ((succeededIndexes?.length ?? 0) > maxIndexesLength) {
    errors.push(tooLong(path, maxIndexesLength));
  }
  const indexes = checkIndexes(succeededIndexes ?? '', completions, path);
  errors.push(...indexes.errors);
  if (succeededCount === undefined) return errors;
  const countPath = child(field, 'succeededCount');
  errors.push(...nonNegative(succeededCount, countPath));
  const limits: [number, string][] = [[completions, 'specified completions']];
  if (succeededIndexes !== undefined) {
    limits.push([indexes.count, 'indexes in the specified succeededIndexes field']);
  }
  for (const [limit, what] of limits) {
    if (succeededCount <= limit) continue;
    const detail = `must be less than or equal to ${String(limit)} (the number of ${what})`;
    errors.push(invalid(countPath, succeededCount, detail));
  }
  return errors;
}

/** Checks when an indexed Job has succeeded early. */
export function validateSuccessPolicy(spec: JobSpec, field: string): FieldError[] {
  const rules = spec.successPolicy?.rules ?? [];
  const path = child(field, 'rules');
  if (rules.length === 0) {
    const detail = 'at least one rules must be specified when the successPolicy is specified';
    return [required(path, detail)];
  }
  return [
    ...(rules.length > maxSuccessRules ? [tooMany(path, rules.length, maxSuccessRules)] : []),
    ...eachOf(path, rules, (rule, rulePath) =>
      validateSuccessRule(rule, spec.completions ?? 0, rulePath),
    ),
  ];
}
