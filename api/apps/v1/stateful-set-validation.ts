/** Checks of StatefulSets as Kubernetes makes them, with its texts. */
import { validatePodAnnotations } from '../../core/v1/pod/validate-annotations.js';
import { optionalName } from '../../core/v1/pod/validate-values.js';
import { jsonEqual } from '../../patch/json-value.js';
import type { FieldError } from '../../validation/field-error.js';
import { child, forbidden, invalid, notSupported, required } from '../../validation/field-error.js';
import { validateAnnotations, validateLabels } from '../../validation/labels.js';
import { dns1123LabelErrors } from '../../validation/names.js';
import type { StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy } from './types.js';
import {
  atMostErrors,
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

function validateRollingUpdate(
  rolling: NonNullable<StatefulSetUpdateStrategy['rollingUpdate']>,
  field: string,
): FieldError[] {
  const { partition, maxUnavailable } = rolling;
  const errors = nonNegative(partition, child(field, 'partition'));
  if (maxUnavailable === undefined) return errors;
  const path = child(field, 'maxUnavailable');
  errors.push(...countOrPercentErrors(maxUnavailable, path));
  if (isZeroCount(maxUnavailable)) errors.push(invalid(path, maxUnavailable, 'cannot be 0'));
  return [...errors, ...overAllErrors(maxUnavailable, path)];
}

function validateStrategy(
  strategy: StatefulSetUpdateStrategy | undefined,
  field: string,
): FieldError[] {
  const rolling = strategy?.rollingUpdate;
  const path = child(field, 'rollingUpdate');
  switch (strategy?.type) {
    case undefined:
      return [required(field)];
    case 'OnDelete':
      return rolling === undefined
        ? []
        : [invalid(path, rolling, "only allowed for updateStrategy 'RollingUpdate'")];
    case 'RollingUpdate':
      return rolling === undefined ? [] : validateRollingUpdate(rolling, path);
    default:
      return [invalid(field, strategy, "must be 'RollingUpdate' or 'OnDelete'")];
  }
}

function validateManagement(policy: string | undefined, field: string): FieldError[] {
  if (policy === undefined || policy === '') return [required(field)];
  return policy === 'OrderedReady' || policy === 'Parallel'
    ? []
    : [invalid(field, policy, "must be 'OrderedReady' or 'Parallel'")];
}

function validateRetention(spec: StatefulSetSpec, field: string): FieldError[] {
  const policy = spec.persistentVolumeClaimRetentionPolicy;
  if (policy === undefined) return [];
  return (['whenDeleted', 'whenScaled'] as const).flatMap((name) => {
    const value: string | undefined = policy[name];
    return value === 'Retain' || value === 'Delete'
      ? []
      : [notSupported(child(field, name), value, ['Retain', 'Delete'])];
  });
}

/**
 * The selector, and the template it has to find. What the pods consist of is checked when they are made, as in Kubernetes:
 * they mount volumes that come from the claims and stand nowhere in the template.
 */
function validatePods(spec: StatefulSetSpec): FieldError[] {
  const { errors, matcher } = checkWorkloadSelector(spec.selector, 'spec.selector', 'statefulset');
  const field = 'spec.template';
  const { labels, annotations } = spec.template.metadata ?? {};
  return [
    ...errors,
    ...(matcher === undefined ? [] : unselectedErrors(spec.template, matcher, field)),
    ...validateLabels(labels, child(field, 'labels')),
    ...validateAnnotations(annotations, child(field, 'annotations')),
    ...validatePodAnnotations(
      annotations,
      spec.template.spec ?? { containers: [] },
      child(field, 'annotations'),
    ),
    ...restartErrors(spec.template, field),
    ...deadlineErrors(spec.template, field, 'StatefulSet'),
  ];
}

/** Checks a StatefulSet; its metadata is checked by the registry. */
export function validateStatefulSet({ metadata, spec }: StatefulSet): readonly FieldError[] {
  const { resourceVersion = '' } = metadata as Partial<StatefulSet['metadata']>;
  return [
    ...validateManagement(spec.podManagementPolicy, 'spec.podManagementPolicy'),
    ...validateStrategy(spec.updateStrategy, 'spec.updateStrategy'),
    ...validateRetention(spec, 'spec.persistentVolumeClaimRetentionPolicy'),
    ...nonNegative(spec.replicas, 'spec.replicas'),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...nonNegative(spec.ordinals?.start, 'spec.ordinals.start'),
    // Names from before they were checked are left alone.
    ...(resourceVersion === ''
      ? optionalName('spec.serviceName', spec.serviceName, dns1123LabelErrors)
      : []),
    ...validatePods(spec),
  ];
}

const changeable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;

const fixedPart = (spec: StatefulSetSpec): object =>
  Object.fromEntries(
    Object.entries(spec).filter(([name]) => !(changeable as readonly string[]).includes(name)),
  );

/** What may change in a StatefulSet once it is stored. */
export const validateStatefulSetUpdate = (
  { spec }: StatefulSet,
  stored: StatefulSet,
): readonly FieldError[] =>
  jsonEqual(fixedPart(spec), fixedPart(stored.spec))
    ? []
    : [
        forbidden(
          'spec',
          "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
        ),
      ];

const counters = [
  'replicas',
  'readyReplicas',
  'currentReplicas',
  'updatedReplicas',
  'availableReplicas',
  'observedGeneration',
  'collisionCount',
] as const;

/** Checks the status of a StatefulSet against itself and against the stored one. */
export function validateStatefulSetStatus(
  { status }: StatefulSet,
  stored: StatefulSet,
): readonly FieldError[] {
  const {
    replicas,
    readyReplicas = 0,
    currentReplicas,
    updatedReplicas,
    availableReplicas,
  } = status;
  const total = { value: replicas, name: 'status.replicas' };
  return [
    ...counters.flatMap((name) => nonNegative(status[name], child('status', name))),
    ...atMostErrors({ readyReplicas, currentReplicas, updatedReplicas, availableReplicas }, total),
    ...atMostErrors({ availableReplicas }, { value: readyReplicas, name: 'status.readyReplicas' }),
    ...collisionErrors(status, stored.status),
  ];
}
