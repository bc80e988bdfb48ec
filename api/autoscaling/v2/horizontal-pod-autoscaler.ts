/** HorizontalPodAutoscalers: the kind and its resource, `horizontalpodautoscalers`, in the version it is stored in. */
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { targetsText } from './targets-text.js';
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  HorizontalPodAutoscalerStatus,
  HPAScalingRules,
  MetricSpec,
  MetricTarget,
  ObjectMetricSource,
} from './types.js';
import {
  validateAutoscaler,
  validateAutoscalerStatus,
  validateAutoscalerUpdate,
} from './validation.js';
import {
  definition,
  int32,
  int64,
  list,
  quantity,
  ref,
  string,
  time,
  keyedBy,
} from '../../schema/schema.js';
import { crossVersionObjectReference, metricSpec } from './metrics.js';
import { metricStatus } from './metric-status.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const hpaScalingPolicy = definition(
  'io.k8s.api.autoscaling.v2.HPAScalingPolicy',
  'How far the number of replicas may change in a period.',
  {
    periodSeconds: int32(3, 'Length of the period in seconds.', { required: true }),
    type: string(1, 'Whether the value is a number of pods or a percentage.', {
      required: true,
      enum: ['Pods', 'Percent'],
    }),
    value: int32(2, 'By how much the number may change.', { required: true }),
  },
);

export const hpaScalingRules = definition(
  'io.k8s.api.autoscaling.v2.HPAScalingRules',
  'How fast the number of replicas may change in one direction.',
  {
    policies: list(2, hpaScalingPolicy, 'How far it may change in a period.', {
      listType: 'atomic',
    }),
    selectPolicy: string(
      1,
      'Which policy decides: the one that allows most, least, or none at all.',
      { enum: ['Max', 'Min', 'Disabled'] },
    ),
    stabilizationWindowSeconds: int32(
      3,
      'Seconds back in which earlier recommendations still count.',
    ),
    tolerance: quantity(4, 'How far a metric may be off its target before anything is changed.'),
  },
);

export const horizontalPodAutoscalerBehavior = definition(
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior',
  'How fast the number of replicas may change.',
  {
    scaleDown: ref(2, hpaScalingRules, 'Rules for fewer replicas.'),
    scaleUp: ref(1, hpaScalingRules, 'Rules for more replicas.'),
  },
);

export const horizontalPodAutoscalerSpec = definition(
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec',
  'What is wanted of an autoscaler.',
  {
    behavior: ref(
      5,
      horizontalPodAutoscalerBehavior,
      'How fast the number of replicas may change.',
    ),
    maxReplicas: int32(3, 'Most replicas there may be.', { required: true }),
    metrics: list(
      4,
      metricSpec,
      'What is measured; the metric that asks for most replicas decides.',
      { listType: 'atomic' },
    ),
    minReplicas: int32(2, 'Fewest replicas there may be.'),
    scaleTargetRef: ref(1, crossVersionObjectReference, 'The workload whose replicas are set.', {
      required: true,
    }),
  },
);

export const horizontalPodAutoscalerCondition = definition(
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerCondition',
  "One aspect of an autoscaler's state.",
  {
    lastTransitionTime: time(3, 'When the status last changed.', { nullWhenUnset: true }),
    message: string(5, 'Text for people that says why.'),
    reason: string(4, 'One word for programs that says why.'),
    status: string(2, 'Whether it holds: True, False or Unknown.', { required: true }),
    type: string(1, 'Which aspect it is about.', {
      required: true,
      enum: ['ScalingActive', 'AbleToScale', 'ScalingLimited', 'ScaledToZero'],
    }),
  },
);

export const horizontalPodAutoscalerStatus = definition(
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus',
  'What an autoscaler last saw and did.',
  {
    conditions: list(
      6,
      horizontalPodAutoscalerCondition,
      "Aspects of the autoscaler's state.",
      keyedBy('type'),
    ),
    currentMetrics: list(5, metricStatus, 'What was last measured.', {
      listType: 'atomic',
      nullWhenUnset: true,
    }),
    currentReplicas: int32(3, 'Replicas there were when last looked at.'),
    desiredReplicas: int32(4, 'Replicas last asked for.', { required: true }),
    lastScaleTime: time(2, 'When the number of replicas was last changed.'),
    observedGeneration: int64(1, 'Generation that the controller has taken up.'),
  },
);

export const horizontalPodAutoscaler = definition(
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler',
  'Sets the number of replicas of a workload by what is measured of it.',
  {
    ...objectFields,
    spec: ref(2, horizontalPodAutoscalerSpec, 'What is wanted.', { required: true }),
    status: ref(3, horizontalPodAutoscalerStatus, 'What was last seen and done.'),
  },
);

/** CPU in percent of the request that is aimed at where nothing else is said. */
export const defaultUtilization = 80;

const growRules = (): HPAScalingRules => ({
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
});

const shrinkRules = (): HPAScalingRules => ({
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
});

/** What both versions fill in of what is wanted. */
export function defaultAutoscalerSpec(spec: Partial<HorizontalPodAutoscalerSpec>): void {
  spec.minReplicas ??= 1;
  spec.scaleTargetRef ??= { kind: '', name: '' };
  if ((spec.metrics ?? []).length === 0) {
    const target = { type: 'Utilization', averageUtilization: defaultUtilization } as const;
    spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  }
  const { behavior } = spec;
  if (behavior === undefined) return;
  behavior.scaleUp = { ...growRules(), ...behavior.scaleUp };
  behavior.scaleDown = { ...shrinkRules(), ...behavior.scaleDown };
}

const newStatus = (): HorizontalPodAutoscalerStatus => ({ desiredReplicas: 0 });

function defaultAutoscaler(draft: HorizontalPodAutoscaler): void {
  const partial = draft as {
    spec?: Partial<HorizontalPodAutoscalerSpec>;
    status?: HorizontalPodAutoscalerStatus;
  };
  const spec = (partial.spec ??= {});
  fillZeroValues(horizontalPodAutoscaler, draft);
  for (const metric of spec.metrics ?? []) fillTargets(metric);
  defaultAutoscalerSpec(spec);
  partial.status = { ...newStatus(), ...partial.status };
}

/** Gives a metric's source the parts it cannot be checked without. */
function fillTargets(metric: MetricSpec): void {
  const none = { type: '' } as unknown as MetricTarget;
  for (const source of [metric.resource, metric.containerResource]) {
    if (source !== undefined) (source as { target?: MetricTarget }).target ??= { ...none };
  }
  for (const source of [metric.pods, metric.object, metric.external]) {
    if (source === undefined) continue;
    const partial = source as Partial<typeof source>;
    partial.target ??= { ...none };
    partial.metric ??= { name: '' };
  }
  const object = metric.object as Partial<ObjectMetricSource> | undefined;
  if (object !== undefined) object.describedObject ??= { kind: '', name: '' };
}

export const horizontalPodAutoscalers = defineResource<HorizontalPodAutoscaler>({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  scope: 'Namespaced',
  shortNames: ['hpa'],
  categories: ['all'],
  schema: horizontalPodAutoscaler,
  status: true,
  defaults: defaultAutoscaler,
  validate: validateAutoscaler,
  validateUpdate: validateAutoscalerUpdate,
  validateStatusUpdate: validateAutoscalerStatus,
  strategy: {
    prepareForCreate: (draft) => {
      draft.status = newStatus();
    },
  },
  columns: [
    nameColumn,
    {
      name: 'Reference',
      type: 'string',
      description: 'The workload whose replicas are set.',
      priority: 0,
      cell: ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
    },
    {
      name: 'Targets',
      type: 'string',
      description: 'What is measured, and what is aimed at.',
      priority: 0,
      cell: targetsText,
    },
    {
      name: 'MinPods',
      type: 'string',
      description: 'Fewest replicas there may be.',
      priority: 0,
      cell: ({ spec }) => String(spec.minReplicas ?? '<unset>'),
    },
    {
      name: 'MaxPods',
      type: 'string',
      description: 'Most replicas there may be.',
      priority: 0,
      cell: ({ spec }) => spec.maxReplicas,
    },
    {
      name: 'Replicas',
      type: 'string',
      description: 'Replicas there were when last looked at.',
      priority: 0,
      cell: ({ status }) => status.currentReplicas ?? 0,
    },
    ageColumn,
  ],
});
