/** What Workloads say of the groups of pods they are made of, and PodGroups of themselves. */
import { definition, int32, list, ref, string, type FieldOptions } from '../../schema/schema.js';

export const podGroupResourceClaim = definition(
  'io.k8s.api.scheduling.v1alpha2.PodGroupResourceClaim',
  'A claim for devices that the pods of a group share.',
  {
    name: string(1, 'The name by which pods refer to it.', { required: true }),
    resourceClaimName: string(2, 'Name of a claim in the same namespace.'),
    resourceClaimTemplateName: string(3, 'Name of a template that the claim is made from.'),
  },
);

export const topologyConstraint = definition(
  'io.k8s.api.scheduling.v1alpha2.TopologyConstraint',
  'What the nodes of a group have in common.',
  {
    key: string(1, 'The label that has one value on all of them.', { required: true }),
  },
);

export const podGroupSchedulingConstraints = definition(
  'io.k8s.api.scheduling.v1alpha2.PodGroupSchedulingConstraints',
  'Where the pods of a group may be.',
  {
    topology: list(1, topologyConstraint, 'What their nodes have in common; at most one.', {
      listType: 'atomic',
    }),
  },
);

export const basicSchedulingPolicy = definition(
  'io.k8s.api.scheduling.v1alpha2.BasicSchedulingPolicy',
  'Empty: each pod is scheduled for itself.',
  {},
);

export const gangSchedulingPolicy = definition(
  'io.k8s.api.scheduling.v1alpha2.GangSchedulingPolicy',
  'Enough pods at once or none.',
  {
    minCount: int32(1, 'How many are enough; at least 1.', { required: true }),
  },
);

export const podGroupSchedulingPolicy = definition(
  'io.k8s.api.scheduling.v1alpha2.PodGroupSchedulingPolicy',
  'How the pods of a group are scheduled; exactly one is set.',
  {
    basic: ref(1, basicSchedulingPolicy, 'Each pod for itself.'),
    gang: ref(2, gangSchedulingPolicy, 'Enough pods at once or none.'),
  },
);

export const disruptionModes = ['Pod', 'PodGroup'] as const;

/** A list merged by name, whose elements are replaced where their kind changes. */
export const byName: FieldOptions = {
  patchStrategy: 'merge,retainKeys',
  patchMergeKey: 'name',
  listType: 'map',
  listMapKeys: ['name'],
};

/** The fields that a template and the group made from it have in common. */
export const groupFields = {
  priority: int32(7, 'The priority of the group; filled in from its class.'),
  priorityClassName: string(6, 'Name of the class the priority comes from.'),
  resourceClaims: list(
    4,
    podGroupResourceClaim,
    'Claims for devices that all pods of the group share; at most 4.',
    byName,
  ),
  schedulingConstraints: ref(
    3,
    podGroupSchedulingConstraints,
    'Where the pods of the group may be.',
  ),
  schedulingPolicy: ref(2, podGroupSchedulingPolicy, 'How the pods are scheduled.', {
    required: true,
  }),
};
