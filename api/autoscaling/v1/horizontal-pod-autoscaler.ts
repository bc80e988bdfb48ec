import { definition, inline, int32, int64, ref, string, time } from '../../schema/schema.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

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
    apiVersion: string(inline, 'Group and version of the schema that the object is written in.'),
    kind: string(inline, 'Name of the kind of object.'),
    metadata: ref(1, objectMeta, 'Name, namespace, labels and the other facts every object has.'),
    spec: ref(2, horizontalPodAutoscalerSpec, 'What is wanted.', { required: true }),
    status: ref(3, horizontalPodAutoscalerStatus, 'What was last seen and done.'),
  },
);
