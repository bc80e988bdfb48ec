/** Deployments: the kind and its resource, `deployments`. */
import { defaultPodTemplate } from '../../core/v1/pod/defaults.js';
import { podWarnings } from '../../core/v1/pod/warnings.js';
import { defineResource } from '../../schema/resource.js';
import { formatLabelMatcher, labelMatcherFrom } from '../../selectors/label.js';
import { immutable } from '../../validation/object-meta.js';
import { validateDeployment, validateDeploymentStatus } from './deployment-validation.js';
import type { Deployment, DeploymentSpec, DeploymentStatus } from './types.js';
import { ageColumn, nameColumn, wideColumns } from './workload-columns.js';
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

function defaultDeployment(draft: Deployment): void {
  const partial = draft as { spec?: Partial<DeploymentSpec>; status?: DeploymentStatus };
  const spec = (partial.spec ??= {});
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  const strategy = (spec.strategy ??= {});
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= '25%';
    rolling.maxSurge ??= '25%';
  }
  defaultPodTemplate((spec.template ??= {}));
  partial.status ??= {};
}

const statusOf = (object: { readonly status?: DeploymentStatus }): DeploymentStatus =>
  object.status ?? {};

export const deployments = defineResource<Deployment>({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  scope: 'Namespaced',
  shortNames: ['deploy'],
  categories: ['all'],
  schema: deployment,
  status: true,
  scale: {
    replicas: ({ spec }) => spec.replicas ?? 0,
    setReplicas: (draft, replicas) => {
      draft.spec.replicas = replicas;
    },
    statusReplicas: (object) => statusOf(object).replicas ?? 0,
    selector: ({ spec }) => formatLabelMatcher(labelMatcherFrom(spec.selector)),
  },
  defaults: defaultDeployment,
  validate: validateDeployment,
  validateUpdate: (object, stored) =>
    immutable('spec.selector', object.spec.selector, stored.spec.selector),
  validateStatusUpdate: validateDeploymentStatus,
  strategy: {
    tracksGeneration: true,
    prepareForCreate: (draft) => {
      draft.status = {};
    },
    prepareForUpdate: (draft, stored) => {
      draft.status = stored.status;
    },
    prepareForStatusUpdate: (draft, stored) => {
      draft.spec = stored.spec;
    },
    warnings: ({ spec }, stored) =>
      stored === undefined && spec.template.spec !== undefined
        ? podWarnings(spec.template.spec, 'spec.template.spec')
        : [],
  },
  columns: [
    nameColumn,
    {
      name: 'Ready',
      type: 'string',
      description: 'Number of pods that are ready, of those asked for.',
      priority: 0,
      cell: (object) =>
        `${String(statusOf(object).readyReplicas ?? 0)}/${String(object.spec.replicas ?? 0)}`,
    },
    {
      name: 'Up-to-date',
      type: 'string',
      description: 'Number of pods made from the current template.',
      priority: 0,
      cell: (object) => statusOf(object).updatedReplicas ?? 0,
    },
    {
      name: 'Available',
      type: 'string',
      description: 'Number of pods that have been ready for minReadySeconds.',
      priority: 0,
      cell: (object) => statusOf(object).availableReplicas ?? 0,
    },
    ageColumn,
    ...wideColumns,
  ],
});
