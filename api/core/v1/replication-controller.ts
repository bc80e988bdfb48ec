/** ReplicationControllers: the kind and its resource, `replicationcontrollers`. */
import { replicatedWarnings } from '../../apps/v1/workload.js';
import { replicaColumns, templateColumns } from '../../apps/v1/workload-columns.js';
import { atMostErrors, validateWorkloadTemplate } from '../../apps/v1/validation.js';
import { ageColumn, labelsText, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { formatLabelMatcher, labelMatcherFromMap } from '../../selectors/label.js';
import type { FieldError } from '../../validation/field-error.js';
import { child, required } from '../../validation/field-error.js';
import { defaultPodTemplate } from './pod/defaults.js';
import { dropDisabledTemplateFields } from './pod/disabled-fields.js';
import type { ReplicationController, ReplicationControllerStatus } from './types.js';
import {
  definition,
  int32,
  int64,
  list,
  map,
  ref,
  string,
  time,
  keyedBy,
} from '../../schema/schema.js';
import { podTemplateSpec } from './pod/spec.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { nonNegative } from '../../validation/numbers.js';

export const replicationControllerSpec = definition(
  'io.k8s.api.core.v1.ReplicationControllerSpec',
  'What is wanted of a ReplicationController.',
  {
    minReadySeconds: int32(4, 'Seconds a pod has to be ready to count as available.', {
      default: 0,
    }),
    replicas: int32(1, 'Number of pods wanted.', { default: 1 }),
    selector: map(
      2,
      'string',
      'Labels of the pods that belong to the controller; those of the template when absent.',
      { mapType: 'atomic' },
    ),
    template: ref(3, podTemplateSpec, 'The pod to make copies of.'),
  },
);

export const replicationControllerCondition = definition(
  'io.k8s.api.core.v1.ReplicationControllerCondition',
  "One aspect of a ReplicationController's state.",
  {
    lastTransitionTime: time(3, 'When the status last changed.', { nullWhenUnset: true }),
    message: string(5, 'Text for people that says why.'),
    reason: string(4, 'One word for programs that says why.'),
    status: string(2, 'Whether it holds: True, False or Unknown.', {
      required: true,
      enum: ['True', 'False', 'Unknown'],
    }),
    type: string(1, 'Which aspect it is about.', { required: true }),
  },
);

export const replicationControllerStatus = definition(
  'io.k8s.api.core.v1.ReplicationControllerStatus',
  "What is known of a ReplicationController's pods.",
  {
    availableReplicas: int32(5, 'Pods that have been ready for minReadySeconds.'),
    conditions: list(
      6,
      replicationControllerCondition,
      "Aspects of the ReplicationController's state.",
      keyedBy('type'),
    ),
    fullyLabeledReplicas: int32(2, 'Pods that have all labels of the template.'),
    observedGeneration: int64(3, 'Generation that the controller has taken up.'),
    readyReplicas: int32(4, 'Pods that are ready.'),
    replicas: int32(1, 'Pods that exist.', { required: true }),
  },
);

export const replicationController = definition(
  'io.k8s.api.core.v1.ReplicationController',
  'Keeps a number of equal pods running; the older form of a ReplicaSet.',
  {
    ...objectFields,
    spec: ref(2, replicationControllerSpec, 'What is wanted.'),
    status: ref(3, replicationControllerStatus, 'What is known of the pods.'),
  },
);

/** Without labels and selector of its own, a controller takes those of its template. */
function defaultReplicationController(draft: ReplicationController): void {
  const partial = draft as Partial<ReplicationController>;
  const spec = (partial.spec ??= {});
  fillZeroValues(replicationController, draft);
  const { labels } = spec.template?.metadata ?? {};
  if (labels !== undefined) {
    if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
    const { metadata } = draft;
    if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
  }
  spec.replicas ??= 1;
  if (spec.template !== undefined) defaultPodTemplate(spec.template);
  partial.status ??= { replicas: 0 };
}

function validateReplicationController(
  { spec }: ReplicationController,
  stored?: ReplicationController,
): readonly FieldError[] {
  const errors = [
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...(Object.keys(spec.selector ?? {}).length === 0 ? [required('spec.selector')] : []),
    ...nonNegative(spec.replicas, 'spec.replicas'),
  ];
  if (spec.template === undefined) return [...errors, required('spec.template')];
  const matcher = labelMatcherFromMap(spec.selector);
  return [
    ...errors,
    ...validateWorkloadTemplate(spec.template, matcher, {
      field: 'spec.template',
      kind: 'ReplicationController',
      stored: stored?.spec.template,
    }),
  ];
}

const counters = [
  'replicas',
  'fullyLabeledReplicas',
  'readyReplicas',
  'availableReplicas',
  'observedGeneration',
] as const;

function validateStatus({ status }: ReplicationController): readonly FieldError[] {
  const { replicas, readyReplicas = 0, availableReplicas, fullyLabeledReplicas } = status;
  const total = { value: replicas, name: 'status.replicas' };
  return [
    ...counters.flatMap((name) => nonNegative(status[name], child('status', name))),
    ...atMostErrors({ fullyLabeledReplicas, readyReplicas, availableReplicas }, total),
    ...atMostErrors({ availableReplicas }, { value: readyReplicas, name: 'readyReplicas' }),
  ];
}

const statusOf = (object: {
  readonly status?: ReplicationControllerStatus;
}): Partial<ReplicationControllerStatus> => object.status ?? {};

export const replicationControllers = defineResource<ReplicationController>({
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  scope: 'Namespaced',
  shortNames: ['rc'],
  categories: ['all'],
  schema: replicationController,
  status: true,
  scale: {
    missedAs: { group: 'autoscaling', plural: 'replicationcontrollers/scale' },
    replicas: ({ spec }) => spec.replicas ?? 0,
    setReplicas: (draft, replicas) => {
      draft.spec.replicas = replicas;
    },
    statusReplicas: (object) => statusOf(object).replicas ?? 0,
    selector: ({ spec }) => formatLabelMatcher(labelMatcherFromMap(spec.selector)),
  },
  defaults: defaultReplicationController,
  validate: validateReplicationController,
  validateStatusUpdate: validateStatus,
  strategy: {
    tracksGeneration: true,
    orphansDependents: {},
    prepareForCreate: (draft) => {
      draft.status = { replicas: 0 };
      dropDisabledTemplateFields(draft.spec.template);
    },
    prepareForUpdate: ({ spec }, stored) => {
      dropDisabledTemplateFields(spec.template, stored.spec.template);
    },
    warnings: replicatedWarnings,
  },
  columns: [
    nameColumn,
    ...replicaColumns,
    ageColumn,
    ...templateColumns<ReplicationController>(({ spec }) => spec.template),
    {
      name: 'Selector',
      type: 'string',
      description: 'Labels of the pods that belong to the object.',
      priority: 1,
      cell: ({ spec }) => labelsText(spec.selector),
    },
  ],
  selectableFields: { 'status.replicas': (object) => String(statusOf(object).replicas ?? 0) },
});
