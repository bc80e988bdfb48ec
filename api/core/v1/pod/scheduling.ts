import { definition, int32, int64, list, ref, string } from '../../../schema/schema.js';
import { labelSelector } from '../../../meta/v1/label-selector.js';

export const nodeSelectorRequirement = definition(
  'io.k8s.api.core.v1.NodeSelectorRequirement',
  'A condition on a label or field of a node.',
  {
    key: string(1, 'Name of the label or field.', { required: true }),
    operator: string(2, 'How the value compares with those given.', {
      required: true,
      enum: ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'],
    }),
    values: list(3, 'string', 'Values to compare with.', { listType: 'atomic' }),
  },
);

export const nodeSelectorTerm = definition(
  'io.k8s.api.core.v1.NodeSelectorTerm',
  'Conditions that must all hold for a node.',
  {
    matchExpressions: list(1, nodeSelectorRequirement, 'Conditions on labels.', {
      listType: 'atomic',
    }),
    matchFields: list(2, nodeSelectorRequirement, 'Conditions on fields; only metadata.name.', {
      listType: 'atomic',
    }),
  },
  { mapType: 'atomic' },
);

export const preferredSchedulingTerm = definition(
  'io.k8s.api.core.v1.PreferredSchedulingTerm',
  'Nodes that are preferred, and how much.',
  {
    preference: ref(2, nodeSelectorTerm, 'Conditions a preferred node meets.', { required: true }),
    weight: int32(1, 'How much a match counts, from 1 to 100.', { required: true }),
  },
);

export const nodeSelector = definition(
  'io.k8s.api.core.v1.NodeSelector',
  'Nodes that meet at least one of several terms.',
  {
    nodeSelectorTerms: list(1, nodeSelectorTerm, 'Terms of which one has to match.', {
      required: true,
      listType: 'atomic',
    }),
  },
  { mapType: 'atomic' },
);

export const nodeAffinity = definition(
  'io.k8s.api.core.v1.NodeAffinity',
  'Rules about the nodes a pod may or should run on.',
  {
    preferredDuringSchedulingIgnoredDuringExecution: list(
      2,
      preferredSchedulingTerm,
      'Terms that make a node more attractive without being needed.',
      {
        listType: 'atomic',
      },
    ),
    requiredDuringSchedulingIgnoredDuringExecution: ref(
      1,
      nodeSelector,
      'Terms of which a node has to match one.',
    ),
  },
);

export const podAffinityTerm = definition(
  'io.k8s.api.core.v1.PodAffinityTerm',
  'A set of pods and what it means to be near them.',
  {
    labelSelector: ref(1, labelSelector, 'Selects the pods by their labels.'),
    matchLabelKeys: list(5, 'string', 'Labels whose values have to be those of this pod.', {
      listType: 'atomic',
    }),
    mismatchLabelKeys: list(6, 'string', 'Labels whose values must not be those of this pod.', {
      listType: 'atomic',
    }),
    namespaceSelector: ref(4, labelSelector, 'Selects namespaces to look in by their labels.'),
    namespaces: list(2, 'string', "Namespaces to look in; the pod's own when none are given.", {
      listType: 'atomic',
    }),
    topologyKey: string(3, 'Node label whose equal values mean near.', { required: true }),
  },
);

export const weightedPodAffinityTerm = definition(
  'io.k8s.api.core.v1.WeightedPodAffinityTerm',
  'Pods it is better to be near, and how much.',
  {
    podAffinityTerm: ref(2, podAffinityTerm, 'The pods, and what near means.', { required: true }),
    weight: int32(1, 'How much a match counts, from 1 to 100.', { required: true }),
  },
);

export const podAffinity = definition(
  'io.k8s.api.core.v1.PodAffinity',
  'Pods that this pod has to or should run near.',
  {
    preferredDuringSchedulingIgnoredDuringExecution: list(
      2,
      weightedPodAffinityTerm,
      'Terms that make a node more attractive without being needed.',
      {
        listType: 'atomic',
      },
    ),
    requiredDuringSchedulingIgnoredDuringExecution: list(
      1,
      podAffinityTerm,
      'Pods that have to be near.',
      {
        listType: 'atomic',
      },
    ),
  },
);

export const podAntiAffinity = definition(
  'io.k8s.api.core.v1.PodAntiAffinity',
  'Pods that this pod must not or should not run near.',
  {
    preferredDuringSchedulingIgnoredDuringExecution: list(
      2,
      weightedPodAffinityTerm,
      'Pods it is better to stay away from.',
      {
        listType: 'atomic',
      },
    ),
    requiredDuringSchedulingIgnoredDuringExecution: list(
      1,
      podAffinityTerm,
      'Pods that must not be near.',
      {
        listType: 'atomic',
      },
    ),
  },
);

export const affinity = definition('io.k8s.api.core.v1.Affinity', 'Rules about where a pod runs.', {
  nodeAffinity: ref(1, nodeAffinity, 'Rules about nodes.'),
  podAffinity: ref(2, podAffinity, 'Pods to be near.'),
  podAntiAffinity: ref(3, podAntiAffinity, 'Pods to stay away from.'),
});

export const podReadinessGate = definition(
  'io.k8s.api.core.v1.PodReadinessGate',
  'A condition that has to hold before the pod is ready.',
  {
    conditionType: string(1, "Type of the condition in the pod's status.", { required: true }),
  },
);

export const podSchedulingGate = definition(
  'io.k8s.api.core.v1.PodSchedulingGate',
  'Something that has to happen before the pod is scheduled.',
  {
    name: string(1, 'Name of the gate, unique in its pod.', { required: true }),
  },
);

export const podSchedulingGroup = definition(
  'io.k8s.api.core.v1.PodSchedulingGroup',
  'The group of pods this pod is scheduled with.',
  {
    podGroupName: string(1, 'Name of the group.'),
  },
);

export const toleration = definition(
  'io.k8s.api.core.v1.Toleration',
  'A taint of nodes that the pod puts up with.',
  {
    effect: string(4, 'Effect of the taint; any when absent.', {
      enum: ['NoSchedule', 'PreferNoSchedule', 'NoExecute'],
    }),
    key: string(1, 'Key of the taint; any when absent.'),
    operator: string(2, "How the taint's value compares; Equal when absent.", {
      enum: ['Exists', 'Equal', 'Lt', 'Gt'],
    }),
    tolerationSeconds: int64(
      5,
      'Seconds before the pod is evicted all the same; never when absent.',
    ),
    value: string(3, 'Value of the taint.'),
  },
);

export const topologySpreadConstraint = definition(
  'io.k8s.api.core.v1.TopologySpreadConstraint',
  'How evenly pods have to be spread over parts of the cluster.',
  {
    labelSelector: ref(4, labelSelector, 'Selects the pods that are counted.'),
    matchLabelKeys: list(8, 'string', 'Labels whose values have to be those of this pod.', {
      listType: 'atomic',
    }),
    maxSkew: int32(1, 'Largest difference in pods between any two parts.', { required: true }),
    minDomains: int32(5, 'Number of parts below which the emptiest counts as having no pods.'),
    nodeAffinityPolicy: string(
      6,
      'Whether nodes the pod cannot run on are left out; Honor when absent.',
      { enum: ['Ignore', 'Honor'] },
    ),
    nodeTaintsPolicy: string(
      7,
      'Whether nodes with taints the pod does not tolerate are left out; Ignore when absent.',
      { enum: ['Ignore', 'Honor'] },
    ),
    topologyKey: string(2, 'Node label whose values are the parts.', { required: true }),
    whenUnsatisfiable: string(3, 'Whether a pod that would be uneven waits or runs anyway.', {
      required: true,
      enum: ['DoNotSchedule', 'ScheduleAnyway'],
    }),
  },
);
