/** PodDisruptionBudgets: the kind and its resource, `poddisruptionbudgets`. */
import { countOrPercentErrors, overAllErrors } from '../../apps/v1/validation.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import type { TableColumn } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { validateConditions } from '../../validation/conditions.js';
import type { FieldError } from '../../validation/field-error.js';
import { child, invalid, notSupported } from '../../validation/field-error.js';
import { validateLabelSelector } from '../../validation/label-selector.js';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from './types.js';
import {
  definition,
  int32,
  int64,
  intOrString,
  list,
  map,
  ref,
  string,
  keyedBy,
} from '../../schema/schema.js';
import { condition } from '../../meta/v1/condition.js';
import { labelSelector } from '../../meta/v1/label-selector.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { nonNegative } from '../../validation/numbers.js';

export const podDisruptionBudgetSpec = definition(
  'io.k8s.api.policy.v1.PodDisruptionBudgetSpec',
  'What is wanted of a disruption budget.',
  {
    maxUnavailable: intOrString(
      3,
      'Pods that may be missing after an eviction, as a count or percentage.',
    ),
    minAvailable: intOrString(
      1,
      'Pods that have to be left after an eviction, as a count or percentage.',
    ),
    selector: ref(
      2,
      labelSelector,
      'Selects the pods that are protected; an empty one selects all of the namespace.',
      { patchStrategy: 'replace' },
    ),
    unhealthyPodEvictionPolicy: string(
      4,
      'Whether running pods that are not ready may always be evicted, or only while the budget is kept.',
      { enum: ['IfHealthyBudget', 'AlwaysAllow'] },
    ),
  },
);

export const podDisruptionBudgetStatus = definition(
  'io.k8s.api.policy.v1.PodDisruptionBudgetStatus',
  'What is known of the protected pods.',
  {
    conditions: list(7, condition, "Aspects of the budget's state.", keyedBy('type')),
    currentHealthy: int32(4, 'Pods that are ready.'),
    desiredHealthy: int32(5, 'Pods that have to be ready.'),
    disruptedPods: map(
      2,
      'time',
      'Pods whose eviction was allowed but not yet seen, with when it was.',
    ),
    disruptionsAllowed: int32(3, 'Pods that may be evicted now.'),
    expectedPods: int32(6, 'Pods that are protected.'),
    observedGeneration: int64(1, 'Generation that the controller has taken up.'),
  },
);

export const podDisruptionBudget = definition(
  'io.k8s.api.policy.v1.PodDisruptionBudget',
  'Limits how many pods of a group may be evicted at once.',
  {
    ...objectFields,
    spec: ref(2, podDisruptionBudgetSpec, 'What is wanted.'),
    status: ref(3, podDisruptionBudgetStatus, 'What is known of the protected pods.'),
  },
);

const newStatus = (): PodDisruptionBudgetStatus => ({
  disruptionsAllowed: 0,
  currentHealthy: 0,
  desiredHealthy: 0,
  expectedPods: 0,
});

const bounds = ['minAvailable', 'maxUnavailable'] as const;

function validate({ spec }: PodDisruptionBudget): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (bounds.every((name) => spec[name] !== undefined)) {
    errors.push(invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set'));
  }
  for (const name of bounds) {
    const value = spec[name];
    if (value === undefined) continue;
    const field = child('spec', name);
    errors.push(...countOrPercentErrors(value, field), ...overAllErrors(value, field));
  }
  const policy = spec.unhealthyPodEvictionPolicy;
  const policies = ['AlwaysAllow', 'IfHealthyBudget'];
  return [
    ...errors,
    ...validateLabelSelector(spec.selector, 'spec.selector'),
    ...(policy === undefined || policies.includes(policy)
      ? []
      : [notSupported('spec.unhealthyPodEvictionPolicy', policy, policies)]),
  ];
}

const counters = [
  'disruptionsAllowed',
  'currentHealthy',
  'desiredHealthy',
  'expectedPods',
] as const;

const boundColumn = (
  name: string,
  description: string,
  bound: (typeof bounds)[number],
): TableColumn<PodDisruptionBudget> => ({
  name,
  type: 'string',
  description,
  priority: 0,
  cell: ({ spec }) => String(spec[bound] ?? 'N/A'),
});

export const podDisruptionBudgets = defineResource<PodDisruptionBudget>({
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  scope: 'Namespaced',
  shortNames: ['pdb'],
  schema: podDisruptionBudget,
  status: true,
  defaults: (draft) => {
    const partial = draft as Partial<PodDisruptionBudget>;
    partial.spec ??= {};
    fillZeroValues(podDisruptionBudget, draft);
    partial.status = { ...newStatus(), ...partial.status };
  },
  validate,
  validateStatusUpdate: ({ status }) => [
    ...validateConditions(status.conditions, 'status.conditions'),
    ...counters.flatMap((name) => nonNegative(status[name], child('status', name))),
  ],
  strategy: {
    tracksGeneration: true,
    requiresVersion: true,
    prepareForCreate: (draft) => {
      draft.status = newStatus();
    },
  },
  columns: [
    nameColumn,
    boundColumn('Min Available', 'Pods that have to be left after an eviction.', 'minAvailable'),
    boundColumn('Max Unavailable', 'Pods that may be missing after an eviction.', 'maxUnavailable'),
    {
      name: 'Allowed Disruptions',
      type: 'integer',
      description: 'Number of pods that may be evicted now.',
      priority: 0,
      cell: ({ status }) => status.disruptionsAllowed ?? 0,
    },
    ageColumn,
  ],
});
