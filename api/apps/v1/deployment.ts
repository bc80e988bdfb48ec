import {
  boolean,
  definition,
  inline,
  int32,
  int64,
  intOrString,
  list,
  ref,
  string,
  time,
} from '../../schema/schema.js';
import { podTemplateSpec } from '../../core/v1/pod/spec.js';
import { labelSelector } from '../../meta/v1/label-selector.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const rollingUpdateDeployment = definition(
  'io.k8s.api.apps.v1.RollingUpdateDeployment',
  '',
  {
    maxSurge: intOrString(2, ''),
    maxUnavailable: intOrString(1, ''),
  },
);

export const deploymentStrategy = definition('io.k8s.api.apps.v1.DeploymentStrategy', '', {
  rollingUpdate: ref(2, rollingUpdateDeployment, ''),
  type: string(1, '', { enum: ['Recreate', 'RollingUpdate'] }),
});

export const deploymentSpec = definition('io.k8s.api.apps.v1.DeploymentSpec', '', {
  minReadySeconds: int32(5, ''),
  paused: boolean(7, ''),
  progressDeadlineSeconds: int32(9, ''),
  replicas: int32(1, ''),
  revisionHistoryLimit: int32(6, ''),
  selector: ref(2, labelSelector, '', { required: true }),
  strategy: ref(4, deploymentStrategy, '', { patchStrategy: 'retainKeys' }),
  template: ref(3, podTemplateSpec, '', { required: true }),
});

export const deploymentCondition = definition('io.k8s.api.apps.v1.DeploymentCondition', '', {
  lastTransitionTime: time(7, ''),
  lastUpdateTime: time(6, ''),
  message: string(5, ''),
  reason: string(4, ''),
  status: string(2, '', { required: true }),
  type: string(1, '', { required: true, enum: ['Available', 'Progressing', 'ReplicaFailure'] }),
});

export const deploymentStatus = definition('io.k8s.api.apps.v1.DeploymentStatus', '', {
  availableReplicas: int32(4, ''),
  collisionCount: int32(8, ''),
  conditions: list(6, deploymentCondition, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
    listType: 'map',
    listMapKeys: ['type'],
  }),
  observedGeneration: int64(1, ''),
  readyReplicas: int32(7, ''),
  replicas: int32(2, ''),
  terminatingReplicas: int32(9, ''),
  unavailableReplicas: int32(5, ''),
  updatedReplicas: int32(3, ''),
});

export const deployment = definition('io.k8s.api.apps.v1.Deployment', '', {
  apiVersion: string(inline, ''),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
  spec: ref(2, deploymentSpec, ''),
  status: ref(3, deploymentStatus, ''),
});
