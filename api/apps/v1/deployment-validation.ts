/** Checks of Deployments as Kubernetes makes them, with its texts. */
import type { FieldError } from '../../validation/field-error.js';
import { child, forbidden, invalid, notSupported } from '../../validation/field-error.js';
import type { Deployment, DeploymentStrategy, RollingUpdateDeployment } from './types.js';
import {
  atMostErrors,
  checkWorkloadSelector,
  collisionErrors,
  countOrPercentErrors,
  isZeroCount,
  overAllErrors,
  validateWorkloadTemplate,
} from './validation.js';
import { nonNegative } from '../../validation/numbers.js';

function validateRollingUpdate(rolling: RollingUpdateDeployment, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const { maxUnavailable = 0, maxSurge = 0 } = rolling;
  const unavailable = child(field, 'maxUnavailable');
  errors.push(...countOrPercentErrors(maxUnavailable, unavailable));
  errors.push(...countOrPercentErrors(maxSurge, child(field, 'maxSurge')));
  if (isZeroCount(maxUnavailable) && isZeroCount(maxSurge)) {
    errors.push(invalid(unavailable, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  }
  errors.push(...overAllErrors(maxUnavailable, unavailable));
  return errors;
}

function validateStrategy(strategy: DeploymentStrategy | undefined, field: string): FieldError[] {
  switch (strategy?.type) {
    case 'Recreate':
      return strategy.rollingUpdate === undefined
        ? []
        : [
            forbidden(
              child(field, 'rollingUpdate'),
              "may not be specified when strategy `type` is 'Recreate'",
            ),
          ];
    case 'RollingUpdate':
      return validateRollingUpdate(strategy.rollingUpdate ?? {}, child(field, 'rollingUpdate'));
    default:
      return [notSupported(field, strategy, ['Recreate', 'RollingUpdate'])];
  }
}

/** Checks a Deployment; its metadata is checked by the registry. */
export function validateDeployment(
  { spec }: Deployment,
  stored?: Deployment,
): readonly FieldError[] {
  const errors = nonNegative(spec.replicas, 'spec.replicas');
  const selector = checkWorkloadSelector(spec.selector, 'spec.selector', 'deployment');
  errors.push(...selector.errors);
  if (selector.matcher !== undefined) {
    const place = { field: 'spec.template', stored: stored?.spec.template };
    errors.push(...validateWorkloadTemplate(spec.template, selector.matcher, place));
  }
  errors.push(
    ...validateStrategy(spec.strategy, 'spec.strategy'),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
  );
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec;
  if (deadline !== undefined) {
    const field = 'spec.progressDeadlineSeconds';
    errors.push(...nonNegative(deadline, field));
    if (deadline <= minReadySeconds) {
      errors.push(invalid(field, deadline, 'must be greater than minReadySeconds'));
    }
  }
  return errors;
}

const counters = [
  'observedGeneration',
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'unavailableReplicas',
  'terminatingReplicas',
  'collisionCount',
] as const;

/** Checks the status of a Deployment against itself and against the stored one. */
export function validateDeploymentStatus(
  { status }: Deployment,
  stored: Deployment,
): readonly FieldError[] {
  const errors = counters.flatMap((name) => nonNegative(status[name], child('status', name)));
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  const total = { value: replicas, name: 'status.replicas' };
  const before = (stored.status as Deployment['status'] | undefined) ?? {};
  return [
    ...errors,
    ...atMostErrors({ updatedReplicas, readyReplicas, availableReplicas }, total),
    ...atMostErrors({ availableReplicas }, { value: readyReplicas, name: 'readyReplicas' }),
    ...collisionErrors(status, before),
  ];
}
