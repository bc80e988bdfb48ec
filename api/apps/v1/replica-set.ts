/** ReplicaSets: the kind and its resource, `replicaSets`. */
import { dropDisabledTemplateFields } from '../../core/v1/pod/disabled-fields.js';
import { defaultPodTemplate } from '../../core/v1/pod/defaults.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import type { FieldError } from '../../validation/field-error.js';
import { child } from '../../validation/field-error.js';
import { immutable } from '../../validation/object-meta.js';
import type { ReplicaSet, ReplicaSetSpec, ReplicaSetStatus } from './types.js';
import { replicatedScale, replicatedWarnings, workloadConditionFields } from './workload.js';
import { atMostErrors, checkWorkloadSelector, validateWorkloadTemplate } from './validation.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { replicaColumns, wideColumns } from './workload-columns.js';
import { definition, int32, int64, list, ref, string, keyedBy } from '../../schema/schema.js';
import { podTemplateSpec } from '../../core/v1/pod/spec.js';
import { labelSelector } from '../../meta/v1/label-selector.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { nonNegative } from '../../validation/numbers.js';

export const replicaSetSpec = definition(
  'io.k8s.api.apps.v1.ReplicaSetSpec',
  'What is wanted of a ReplicaSet.',
  {
    minReadySeconds: int32(4, 'Seconds a pod has to be ready to count as available.'),
    replicas: int32(1, 'Number of pods wanted.'),
    selector: ref(
      2,
      labelSelector,
      'Selects the pods that belong to the ReplicaSet; cannot be changed.',
      { required: true },
    ),
    template: ref(3, podTemplateSpec, 'The pod to make copies of.'),
  },
);

export const replicaSetCondition = definition(
  'io.k8s.api.apps.v1.ReplicaSetCondition',
  "One aspect of a ReplicaSet's state.",
  {
    ...workloadConditionFields,
    type: string(1, 'Which aspect it is about.', { required: true }),
  },
);

export const replicaSetStatus = definition(
  'io.k8s.api.apps.v1.ReplicaSetStatus',
  "What is known of a ReplicaSet's pods.",
  {
    availableReplicas: int32(5, 'Pods that have been ready for minReadySeconds.'),
    conditions: list(6, replicaSetCondition, "Aspects of the ReplicaSet's state.", keyedBy('type')),
    fullyLabeledReplicas: int32(2, 'Pods that have all labels of the template.'),
    observedGeneration: int64(3, 'Generation that the controller has taken up.'),
    readyReplicas: int32(4, 'Pods that are ready.'),
    replicas: int32(1, 'Pods that exist.', { required: true }),
    terminatingReplicas: int32(7, 'Pods that are going away.'),
  },
);

export const replicaSet = definition(
  'io.k8s.api.apps.v1.ReplicaSet',
  'Keeps a number of equal pods running.',
  {
    ...objectFields,
    spec: ref(2, replicaSetSpec, 'What is wanted.'),
    status: ref(3, replicaSetStatus, 'What is known of the pods.'),
  },
);

function defaultReplicaSet(draft: ReplicaSet): void {
  const partial = draft as { spec?: Partial<ReplicaSetSpec>; status?: Partial<ReplicaSetStatus> };
  const spec = (partial.spec ??= {});
  fillZeroValues(replicaSet, draft);
  spec.replicas ??= 1;
  defaultPodTemplate((spec.template ??= {}));
  partial.status ??= {};
  partial.status.replicas ??= 0;
}

function validateReplicaSet({ spec }: ReplicaSet, stored?: ReplicaSet): readonly FieldError[] {
  const errors = [
    ...nonNegative(spec.replicas, 'spec.replicas'),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
  ];
  // Kubernetes calls it a Deployment's here, too.
  const selector = checkWorkloadSelector(spec.selector, 'spec.selector', 'deployment');
  errors.push(...selector.errors);
  if (selector.matcher === undefined) return errors;
  const place = { field: 'spec.template', stored: stored?.spec.template };
  return [...errors, ...validateWorkloadTemplate(spec.template, selector.matcher, place)];
}

const counters = [
  'replicas',
  'fullyLabeledReplicas',
  'readyReplicas',
  'availableReplicas',
  'terminatingReplicas',
  'observedGeneration',
] as const;

function validateStatus({ status }: ReplicaSet): FieldError[] {
  const errors = counters.flatMap((name) => nonNegative(status[name], child('status', name)));
  const { replicas, readyReplicas = 0, availableReplicas = 0, fullyLabeledReplicas = 0 } = status;
  const total = { value: replicas, name: 'status.replicas' };
  return [
    ...errors,
    ...atMostErrors({ fullyLabeledReplicas, readyReplicas, availableReplicas }, total),
    ...atMostErrors({ availableReplicas }, { value: readyReplicas, name: 'readyReplicas' }),
  ];
}

export const replicaSets = defineResource<ReplicaSet>({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  scope: 'Namespaced',
  shortNames: ['rs'],
  categories: ['all'],
  schema: replicaSet,
  status: true,
  scale: { ...replicatedScale, missedAs: { group: 'apps', plural: 'replicasets/scale' } },
  defaults: defaultReplicaSet,
  validate: validateReplicaSet,
  validateUpdate: (object, stored) =>
    immutable('spec.selector', object.spec.selector, stored.spec.selector),
  validateStatusUpdate: validateStatus,
  strategy: {
    tracksGeneration: true,
    prepareForCreate: (draft) => {
      draft.status = { replicas: 0 };
      dropDisabledTemplateFields(draft.spec.template);
    },
    prepareForUpdate: ({ spec }, stored) => {
      dropDisabledTemplateFields(spec.template, stored.spec.template);
    },
    warnings: replicatedWarnings,
  },
  columns: [nameColumn, ...replicaColumns, ageColumn, ...wideColumns],
});
