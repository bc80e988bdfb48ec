/** Checks of DaemonSets as Kubernetes makes them, with its texts. */
import { validatePodTemplate } from '../../core/v1/pod/validate-spec.js';
import { nothing } from '../../selectors/label.js';
import type { FieldError } from '../../validation/field-error.js';
import { child, invalid, notSupported, required } from '../../validation/field-error.js';
import type { DaemonSet, DaemonSetUpdateStrategy, RollingUpdateDaemonSet } from './types.js';
import {
  checkWorkloadSelector,
  collisionErrors,
  countOrPercentErrors,
  deadlineErrors,
  isZeroCount,
  overAllErrors,
  restartErrors,
  unselectedErrors,
} from './validation.js';
import { nonNegative } from '../../validation/numbers.js';

/** A node is updated either by going without a pod for a while or by running two, never both. */
function validateRollingUpdate(rolling: RollingUpdateDaemonSet, field: string): FieldError[] {
  const { maxUnavailable = 0, maxSurge = 0 } = rolling;
  const [unavailable, surge] = [child(field, 'maxUnavailable'), child(field, 'maxSurge')];
  const errors = [
    ...countOrPercentErrors(maxUnavailable, unavailable),
    ...countOrPercentErrors(maxSurge, surge),
    ...overAllErrors(maxUnavailable, unavailable),
    ...overAllErrors(maxSurge, surge),
  ];
  if (!isZeroCount(maxUnavailable) && !isZeroCount(maxSurge)) {
    errors.push(invalid(surge, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  }
  if (isZeroCount(maxUnavailable) && isZeroCount(maxSurge)) {
    errors.push(required(unavailable, 'cannot be 0 when maxSurge is 0'));
  }
  return errors;
}

function validateStrategy(
  strategy: DaemonSetUpdateStrategy | undefined,
  field: string,
): FieldError[] {
  switch (strategy?.type) {
    case 'OnDelete':
      return [];
    case 'RollingUpdate':
      return strategy.rollingUpdate === undefined
        ? [required(child(field, 'rollingUpdate'))]
        : validateRollingUpdate(strategy.rollingUpdate, child(field, 'rollingUpdate'));
    default:
      return [notSupported(field, strategy, ['RollingUpdate', 'OnDelete'])];
  }
}

const counters = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
] as const;

/** Checks the status of a DaemonSet, also against the stored one. */
export const validateDaemonSetStatus = (
  { status }: DaemonSet,
  stored: DaemonSet,
): readonly FieldError[] => [
  ...counters.flatMap((name) => nonNegative(status[name], child('status', name))),
  ...collisionErrors(status, stored.status),
];

/** Checks a DaemonSet; its metadata is checked by the registry. */
export function validateDaemonSet({ spec }: DaemonSet, stored?: DaemonSet): readonly FieldError[] {
  // A DaemonSet without a selector selects nothing, its own template included: that is all Kubernetes reports of it.
  const { selector } = spec as Partial<DaemonSet['spec']>;
  const { errors, matcher } =
    selector === undefined
      ? { errors: [], matcher: nothing }
      : checkWorkloadSelector(selector, 'spec.selector', 'daemonset');
  return [
    ...errors,
    ...(matcher === undefined ? [] : unselectedErrors(spec.template, matcher, 'spec.template')),
    ...validatePodTemplate(spec.template, 'spec.template', stored?.spec.template),
    ...restartErrors(spec.template, 'spec.template'),
    ...deadlineErrors(spec.template, 'spec.template', 'DaemonSet'),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...validateStrategy(spec.updateStrategy, 'spec.updateStrategy'),
    ...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
  ];
}
