/** HorizontalPodAutoscalers in their first version, which knows CPU only; they are stored as those of v2. */
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import {
  defaultUtilization,
  horizontalPodAutoscalers as storedAutoscalers,
} from '../v2/horizontal-pod-autoscaler.js';
import { roundTripAnnotations } from './annotations.js';
import { autoscalerFromStored, storedAutoscalerFrom } from './conversion.js';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus } from './types.js';
import { definition, int32, int64, ref, string, time } from '../../schema/schema.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const crossVersionObjectReference = definition(
  'io.k8s.api.autoscaling.v1.CrossVersionObjectReference',
  'Names an object of any kind in the same namespace.',
  {
    apiVersion: string(3, 'API version of the object.'),
    kind: string(1, 'Kind of the object.', { required: true }),
    name: string(2, 'Name of the object.', { required: true }),
  },
);

export const horizontalPodAutoscalerSpec = definition(
  'io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec',
  'What is wanted of an autoscaler that knows CPU only.',
  {
    maxReplicas: int32(3, 'Most replicas there may be.', { required: true }),
    minReplicas: int32(2, 'Fewest replicas there may be.'),
    scaleTargetRef: ref(1, crossVersionObjectReference, 'The workload whose replicas are set.', {
      required: true,
    }),
    targetCPUUtilizationPercentage: int32(4, 'CPU to aim at, in percent of what the pods request.'),
  },
);

export const horizontalPodAutoscalerStatus = definition(
  'io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerStatus',
  'What an autoscaler last saw and did.',
  {
    currentCPUUtilizationPercentage: int32(
      5,
      'CPU in use, in percent of what the pods request, on average.',
    ),
    currentReplicas: int32(3, 'Replicas there were when last looked at.', { required: true }),
    desiredReplicas: int32(4, 'Replicas last asked for.', { required: true }),
    lastScaleTime: time(2, 'When the number of replicas was last changed.'),
    observedGeneration: int64(1, 'Generation that the controller has taken up.'),
  },
);

export const horizontalPodAutoscaler = definition(
  'io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler',
  'Sets the number of replicas of a workload by the CPU its pods use.',
  {
    ...objectFields,
    spec: ref(2, horizontalPodAutoscalerSpec, 'What is wanted.', { required: true }),
    status: ref(3, horizontalPodAutoscalerStatus, 'What was last seen and done.'),
  },
);

const newStatus = (): HorizontalPodAutoscalerStatus => ({
  currentReplicas: 0,
  desiredReplicas: 0,
});

function defaultAutoscaler(draft: HorizontalPodAutoscaler): void {
  const partial = draft as Partial<HorizontalPodAutoscaler>;
  const spec: Partial<HorizontalPodAutoscaler['spec']> = (partial.spec ??=
    {} as HorizontalPodAutoscaler['spec']);
  fillZeroValues(horizontalPodAutoscaler, draft);
  spec.minReplicas ??= 1;
  spec.maxReplicas ??= 0;
  spec.scaleTargetRef ??= { kind: '', name: '' };
  if (draft.metadata.annotations?.[roundTripAnnotations.metrics] === undefined) {
    spec.targetCPUUtilizationPercentage ??= defaultUtilization;
  }
  partial.status = { ...newStatus(), ...partial.status };
}

/** HorizontalPodAutoscalers as clients of autoscaling/v1 see them. */
export const horizontalPodAutoscalers = defineResource<HorizontalPodAutoscaler>({
  group: 'autoscaling',
  version: 'v1',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  scope: 'Namespaced',
  shortNames: ['hpa'],
  categories: ['all'],
  schema: horizontalPodAutoscaler,
  status: true,
  defaults: defaultAutoscaler,
  validate: (object) => storedAutoscalers.validate(storedAutoscalerFrom(object)),
  validateUpdate: (object, stored) =>
    storedAutoscalers.validateUpdate?.(
      storedAutoscalerFrom(object),
      storedAutoscalerFrom(stored),
    ) ?? [],
  validateStatusUpdate: (object, stored) =>
    storedAutoscalers.validateStatusUpdate?.(
      storedAutoscalerFrom(object),
      storedAutoscalerFrom(stored),
    ) ?? [],
  strategy: {
    prepareForCreate: (draft) => {
      draft.status = newStatus();
    },
  },
  columns: (storedAutoscalers.columns ?? []).map((column) => ({
    ...column,
    cell: (object, now) => column.cell(storedAutoscalerFrom(object), now),
  })),
  storedAs: { group: 'autoscaling', version: 'v2', plural: 'horizontalpodautoscalers' },
  convert: { toStored: storedAutoscalerFrom, fromStored: autoscalerFromStored },
});
