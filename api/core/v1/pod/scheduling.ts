import { definition, int32, int64, list, ref, string } from '../../../schema/schema.js';
import { labelSelector } from '../../../meta/v1/label-selector.js';

export const nodeSelectorRequirement = definition(
  'io.k8s.api.core.v1.NodeSelectorRequirement',
  '',
  {
    key: string(1, '', { required: true }),
    operator: string(2, '', {
      required: true,
      enum: ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'],
    }),
    values: list(3, 'string', '', { listType: 'atomic' }),
  },
);

export const nodeSelectorTerm = definition('io.k8s.api.core.v1.NodeSelectorTerm', '', {
  matchExpressions: list(1, nodeSelectorRequirement, '', { listType: 'atomic' }),
  matchFields: list(2, nodeSelectorRequirement, '', { listType: 'atomic' }),
});

export const preferredSchedulingTerm = definition(
  'io.k8s.api.core.v1.PreferredSchedulingTerm',
  '',
  {
    preference: ref(2, nodeSelectorTerm, '', { required: true }),
    weight: int32(1, '', { required: true }),
  },
);

export const nodeSelector = definition('io.k8s.api.core.v1.NodeSelector', '', {
  nodeSelectorTerms: list(1, nodeSelectorTerm, '', { required: true, listType: 'atomic' }),
});

export const nodeAffinity = definition('io.k8s.api.core.v1.NodeAffinity', '', {
  preferredDuringSchedulingIgnoredDuringExecution: list(2, preferredSchedulingTerm, '', {
    listType: 'atomic',
  }),
  requiredDuringSchedulingIgnoredDuringExecution: ref(1, nodeSelector, ''),
});

export const podAffinityTerm = definition('io.k8s.api.core.v1.PodAffinityTerm', '', {
  labelSelector: ref(1, labelSelector, ''),
  matchLabelKeys: list(5, 'string', '', { listType: 'atomic' }),
  mismatchLabelKeys: list(6, 'string', '', { listType: 'atomic' }),
  namespaceSelector: ref(4, labelSelector, ''),
  namespaces: list(2, 'string', '', { listType: 'atomic' }),
  topologyKey: string(3, '', { required: true }),
});

export const weightedPodAffinityTerm = definition(
  'io.k8s.api.core.v1.WeightedPodAffinityTerm',
  '',
  {
    podAffinityTerm: ref(2, podAffinityTerm, '', { required: true }),
    weight: int32(1, '', { required: true }),
  },
);

export const podAffinity = definition('io.k8s.api.core.v1.PodAffinity', '', {
  preferredDuringSchedulingIgnoredDuringExecution: list(2, weightedPodAffinityTerm, '', {
    listType: 'atomic',
  }),
  requiredDuringSchedulingIgnoredDuringExecution: list(1, podAffinityTerm, '', {
    listType: 'atomic',
  }),
});

export const podAntiAffinity = definition('io.k8s.api.core.v1.PodAntiAffinity', '', {
  preferredDuringSchedulingIgnoredDuringExecution: list(2, weightedPodAffinityTerm, '', {
    listType: 'atomic',
  }),
  requiredDuringSchedulingIgnoredDuringExecution: list(1, podAffinityTerm, '', {
    listType: 'atomic',
  }),
});

export const affinity = definition('io.k8s.api.core.v1.Affinity', '', {
  nodeAffinity: ref(1, nodeAffinity, ''),
  podAffinity: ref(2, podAffinity, ''),
  podAntiAffinity: ref(3, podAntiAffinity, ''),
});

export const podReadinessGate = definition('io.k8s.api.core.v1.PodReadinessGate', '', {
  conditionType: string(1, '', {
    required: true,
    enum: [
      'ContainersReady',
      'Initialized',
      'Ready',
      'PodScheduled',
      'DisruptionTarget',
      'PodReadyToStartContainers',
      'PodResizePending',
      'PodResizeInProgress',
      'AllContainersRestarting',
    ],
  }),
});

export const podSchedulingGate = definition('io.k8s.api.core.v1.PodSchedulingGate', '', {
  name: string(1, '', { required: true }),
});

export const podSchedulingGroup = definition('io.k8s.api.core.v1.PodSchedulingGroup', '', {
  podGroupName: string(1, ''),
});

export const toleration = definition('io.k8s.api.core.v1.Toleration', '', {
  effect: string(4, '', { enum: ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] }),
  key: string(1, ''),
  operator: string(2, '', { enum: ['Exists', 'Equal', 'Lt', 'Gt'] }),
  tolerationSeconds: int64(5, ''),
  value: string(3, ''),
});

export const topologySpreadConstraint = definition(
  'io.k8s.api.core.v1.TopologySpreadConstraint',
  '',
  {
    labelSelector: ref(4, labelSelector, ''),
    matchLabelKeys: list(8, 'string', '', { listType: 'atomic' }),
    maxSkew: int32(1, '', { required: true }),
    minDomains: int32(5, ''),
    nodeAffinityPolicy: string(6, '', { enum: ['Ignore', 'Honor'] }),
    nodeTaintsPolicy: string(7, '', { enum: ['Ignore', 'Honor'] }),
    topologyKey: string(2, '', { required: true }),
    whenUnsatisfiable: string(3, '', { required: true, enum: ['DoNotSchedule', 'ScheduleAnyway'] }),
  },
);
