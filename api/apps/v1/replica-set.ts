import { definition, inline, int32, int64, list, ref, string, time } from '../../schema/schema.js';
import { podTemplateSpec } from '../../core/v1/pod/spec.js';
import { labelSelector } from '../../meta/v1/label-selector.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const replicaSetSpec = definition('io.k8s.api.apps.v1.ReplicaSetSpec', '', {
  minReadySeconds: int32(4, ''),
  replicas: int32(1, ''),
  selector: ref(2, labelSelector, '', { required: true }),
  template: ref(3, podTemplateSpec, ''),
});

export const replicaSetCondition = definition('io.k8s.api.apps.v1.ReplicaSetCondition', '', {
  lastTransitionTime: time(3, ''),
  message: string(5, ''),
  reason: string(4, ''),
  status: string(2, '', { required: true }),
  type: string(1, '', { required: true, enum: ['ReplicaFailure'] }),
});

export const replicaSetStatus = definition('io.k8s.api.apps.v1.ReplicaSetStatus', '', {
  availableReplicas: int32(5, ''),
  conditions: list(6, replicaSetCondition, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
    listType: 'map',
    listMapKeys: ['type'],
  }),
  fullyLabeledReplicas: int32(2, ''),
  observedGeneration: int64(3, ''),
  readyReplicas: int32(4, ''),
  replicas: int32(1, '', { required: true }),
  terminatingReplicas: int32(7, ''),
});

export const replicaSet = definition('io.k8s.api.apps.v1.ReplicaSet', '', {
  apiVersion: string(inline, ''),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
  spec: ref(2, replicaSetSpec, ''),
  status: ref(3, replicaSetStatus, ''),
});
