import {
  definition,
  inline,
  int32,
  int64,
  intOrString,
  list,
  map,
  ref,
  string,
} from '../../schema/schema.js';
import { condition } from '../../meta/v1/condition.js';
import { labelSelector } from '../../meta/v1/label-selector.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

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
    conditions: list(7, condition, "Aspects of the budget's state.", {
      patchStrategy: 'merge',
      patchMergeKey: 'type',
      listType: 'map',
      listMapKeys: ['type'],
    }),
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
    apiVersion: string(inline, 'Group and version of the schema that the object is written in.'),
    kind: string(inline, 'Name of the kind of object.'),
    metadata: ref(1, objectMeta, 'Name, namespace, labels and the other facts every object has.'),
    spec: ref(2, podDisruptionBudgetSpec, 'What is wanted.'),
    status: ref(3, podDisruptionBudgetStatus, 'What is known of the protected pods.'),
  },
);
