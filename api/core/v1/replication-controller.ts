import {
  definition,
  inline,
  int32,
  int64,
  list,
  map,
  ref,
  string,
  time,
} from '../../schema/schema.js';
import { podTemplateSpec } from './pod/spec.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

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
    lastTransitionTime: time(3, 'When the status last changed.'),
    message: string(5, 'Text for people that says why.'),
    reason: string(4, 'One word for programs that says why.'),
    status: string(2, 'Whether it holds: True, False or Unknown.', {
      required: true,
      enum: ['True', 'False', 'Unknown'],
    }),
    type: string(1, 'Which aspect it is about.', { required: true, enum: ['ReplicaFailure'] }),
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
      { patchStrategy: 'merge', patchMergeKey: 'type', listType: 'map', listMapKeys: ['type'] },
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
    apiVersion: string(inline, 'Group and version of the schema that the object is written in.'),
    kind: string(inline, 'Name of the kind of object.'),
    metadata: ref(1, objectMeta, 'Name, namespace, labels and the other facts every object has.'),
    spec: ref(2, replicationControllerSpec, 'What is wanted.'),
    status: ref(3, replicationControllerStatus, 'What is known of the pods.'),
  },
);
