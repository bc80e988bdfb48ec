/** Deployments: the kind and its resource, `deployments`. */
import { dropDisabledTemplateFields } from '../../core/v1/pod/disabled-fields.js';
import { defaultPodTemplate } from '../../core/v1/pod/defaults.js';
import { jsonEqual } from '../../patch/json-value.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { immutable } from '../../validation/object-meta.js';
import { validateDeployment, validateDeploymentStatus } from './deployment-validation.js';
import type { Deployment, DeploymentSpec, DeploymentStatus } from './types.js';
import { replicatedScale, replicatedWarnings } from './workload.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { readyColumn, wideColumns } from './workload-columns.js';
import {
  boolean,
  definition,
  int32,
  int64,
  intOrString,
  list,
  ref,
  string,
  time,
  keyedBy,
} from '../../schema/schema.js';
import { podTemplateSpec } from '../../core/v1/pod/spec.js';
import { labelSelector } from '../../meta/v1/label-selector.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const rollingUpdateDeployment = definition(
  'io.k8s.api.apps.v1.RollingUpdateDeployment',
  'How many pods a rolling update may have too many or too few.',
  {
    maxSurge: intOrString(2, 'Pods above the number wanted, as a count or percentage rounded up.'),
    maxUnavailable: intOrString(
      1,
      'Pods below the number wanted, as a count or percentage rounded down.',
    ),
  },
);

export const deploymentStrategy = definition(
  'io.k8s.api.apps.v1.DeploymentStrategy',
  'How old pods are replaced by new ones.',
  {
    rollingUpdate: ref(2, rollingUpdateDeployment, 'Settings of a rolling update.'),
    type: string(1, 'Whether pods are replaced step by step or all at once.', {
      enum: ['Recreate', 'RollingUpdate'],
    }),
  },
);

export const deploymentSpec = definition(
  'io.k8s.api.apps.v1.DeploymentSpec',
  'What is wanted of a Deployment.',
  {
    minReadySeconds: int32(5, 'Seconds a pod has to be ready to count as available.'),
    paused: boolean(7, 'Whether changes of the template are left alone.'),
    progressDeadlineSeconds: int32(
      9,
      'Seconds without progress after which an update counts as failed.',
    ),
    replicas: int32(1, 'Number of pods wanted.'),
    revisionHistoryLimit: int32(6, 'Number of old ReplicaSets kept for going back.'),
    selector: ref(
      2,
      labelSelector,
      'Selects the pods that belong to the Deployment; cannot be changed.',
      { required: true },
    ),
    strategy: ref(4, deploymentStrategy, 'How old pods are replaced by new ones.', {
      patchStrategy: 'retainKeys',
    }),
    template: ref(3, podTemplateSpec, 'The pod to make copies of.', { required: true }),
  },
);

export const deploymentCondition = definition(
  'io.k8s.api.apps.v1.DeploymentCondition',
  "One aspect of a Deployment's state.",
  {
    lastTransitionTime: time(7, 'When the status last changed.', { nullWhenUnset: true }),
    lastUpdateTime: time(6, 'When the condition was last written.', { nullWhenUnset: true }),
    message: string(5, 'Text for people that says why.'),
    reason: string(4, 'One word for programs that says why.'),
    status: string(2, 'Whether it holds: True, False or Unknown.', { required: true }),
    type: string(1, 'Which aspect it is about.', {
      required: true,
      enum: ['Available', 'Progressing', 'ReplicaFailure'],
    }),
  },
);

export const deploymentStatus = definition(
  'io.k8s.api.apps.v1.DeploymentStatus',
  "What is known of a Deployment's pods.",
  {
    availableReplicas: int32(4, 'Pods that have been ready for minReadySeconds.'),
    collisionCount: int32(8, 'How often the name of a new ReplicaSet was taken already.'),
    conditions: list(6, deploymentCondition, "Aspects of the Deployment's state.", keyedBy('type')),
    observedGeneration: int64(1, 'Generation that the controller has taken up.'),
    readyReplicas: int32(7, 'Pods that are ready.'),
    replicas: int32(2, 'Pods that exist.'),
    terminatingReplicas: int32(9, 'Pods that are going away.'),
    unavailableReplicas: int32(5, 'Pods still needed before enough are available.'),
    updatedReplicas: int32(3, 'Pods made from the current template.'),
  },
);

export const deployment = definition(
  'io.k8s.api.apps.v1.Deployment',
  'Keeps a number of equal pods running and replaces them step by step when their template changes.',
  {
    ...objectFields,
    spec: ref(2, deploymentSpec, 'What is wanted.'),
    status: ref(3, deploymentStatus, 'What is known of the pods.'),
  },
);

function defaultDeployment(draft: Deployment): void {
  const partial = draft as { spec?: Partial<DeploymentSpec>; status?: DeploymentStatus };
  const spec = (partial.spec ??= {});
  fillZeroValues(deployment, draft);
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

/** The controller's own note of the revision is not a change. */
const counted = ({ metadata }: Deployment): Record<string, string> => {
  const annotations = { ...metadata.annotations };
  delete annotations['deployment.kubernetes.io/revision'];
  return annotations;
};

/** Annotations count as changes of a Deployment: its controller copies them to ReplicaSets. */
function countAnnotations(draft: Deployment, stored: Deployment): void {
  const [next, last] = [counted(draft), counted(stored)];
  if (!jsonEqual(next, last)) draft.metadata.generation = (stored.metadata.generation ?? 0) + 1;
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
  scale: { ...replicatedScale, missedAs: { group: 'apps', plural: 'deployments/scale' } },
  defaults: defaultDeployment,
  validate: validateDeployment,
  validateUpdate: (object, stored) =>
    immutable('spec.selector', object.spec.selector, stored.spec.selector),
  validateStatusUpdate: validateDeploymentStatus,
  strategy: {
    statusKeeps: 'labels',
    countsAnnotations: true,
    tracksGeneration: true,
    prepareForCreate: (draft) => {
      draft.status = {};
      dropDisabledTemplateFields(draft.spec.template);
    },
    prepareForUpdate: (draft, stored) => {
      dropDisabledTemplateFields(draft.spec.template, stored.spec.template);
      countAnnotations(draft, stored);
    },
    warnings: replicatedWarnings,
  },
  columns: [
    nameColumn,
    readyColumn,
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
