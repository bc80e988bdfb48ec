/** StatefulSets: the kind and its resource, `statefulsets`. */
import { dropDisabledTemplateFields } from '../../core/v1/pod/disabled-fields.js';
import { claimWarnings } from '../../core/v1/volume-warnings.js';
import { child, index } from '../../validation/field-error.js';
import { defaultClaim } from '../../core/v1/persistent-volume-claim.js';
import { defaultPodTemplate } from '../../core/v1/pod/defaults.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import {
  validateStatefulSet,
  validateStatefulSetStatus,
  validateStatefulSetUpdate,
} from './stateful-set-validation.js';
import type { StatefulSet, StatefulSetSpec, StatefulSetStatus } from './types.js';
import { replicatedScale, workloadConditionFields, workloadWarnings } from './workload.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { readyColumn, templateColumns } from './workload-columns.js';
import {
  definition,
  int32,
  int64,
  intOrString,
  list,
  ref,
  string,
  keyedBy,
} from '../../schema/schema.js';
import { persistentVolumeClaim } from '../../core/v1/persistent-volume-claim.js';
import { podTemplateSpec } from '../../core/v1/pod/spec.js';
import { labelSelector } from '../../meta/v1/label-selector.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const statefulSetOrdinals = definition(
  'io.k8s.api.apps.v1.StatefulSetOrdinals',
  'How the pods of a StatefulSet are numbered.',
  {
    start: int32(1, 'Number of the first pod.'),
  },
);

export const statefulSetPersistentVolumeClaimRetentionPolicy = definition(
  'io.k8s.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy',
  'What becomes of the claims a StatefulSet made for its pods.',
  {
    whenDeleted: string(1, 'What becomes of them when the StatefulSet is deleted.', {
      enum: ['Retain', 'Delete'],
    }),
    whenScaled: string(2, 'What becomes of those of pods that scaling down removes.', {
      enum: ['Retain', 'Delete'],
    }),
  },
);

export const rollingUpdateStatefulSetStrategy = definition(
  'io.k8s.api.apps.v1.RollingUpdateStatefulSetStrategy',
  'How far and how fast a rolling update of a StatefulSet goes.',
  {
    maxUnavailable: intOrString(
      2,
      'Pods that may be unavailable at once, as a count or percentage rounded up.',
    ),
    partition: int32(
      1,
      'Number of the first pod to update; pods with lower numbers stay as they are.',
    ),
  },
);

export const statefulSetUpdateStrategy = definition(
  'io.k8s.api.apps.v1.StatefulSetUpdateStrategy',
  'How a StatefulSet replaces old pods by new ones.',
  {
    rollingUpdate: ref(2, rollingUpdateStatefulSetStrategy, 'Settings of a rolling update.'),
    type: string(
      1,
      'Whether pods are replaced one after the other, or only once somebody deletes them.',
      { enum: ['RollingUpdate', 'OnDelete'] },
    ),
  },
);

export const statefulSetSpec = definition(
  'io.k8s.api.apps.v1.StatefulSetSpec',
  'What is wanted of a StatefulSet.',
  {
    minReadySeconds: int32(9, 'Seconds a pod has to be ready to count as available.'),
    ordinals: ref(11, statefulSetOrdinals, 'How the pods are numbered.'),
    persistentVolumeClaimRetentionPolicy: ref(
      10,
      statefulSetPersistentVolumeClaimRetentionPolicy,
      'What becomes of claims that are no longer needed; they are kept by default.',
    ),
    podManagementPolicy: string(
      6,
      'Whether pods start and stop one after the other or all at once.',
      { enum: ['OrderedReady', 'Parallel'] },
    ),
    replicas: int32(1, 'Number of pods wanted.'),
    revisionHistoryLimit: int32(8, 'Number of old revisions kept for going back.'),
    selector: ref(
      2,
      labelSelector,
      'Selects the pods that belong to the StatefulSet; cannot be changed.',
      { required: true },
    ),
    serviceName: string(5, 'Headless Service under whose name the pods appear in DNS.'),
    template: ref(
      3,
      podTemplateSpec,
      'The pod to make copies of; each gets a number in its name.',
      { required: true },
    ),
    updateStrategy: ref(7, statefulSetUpdateStrategy, 'How old pods are replaced by new ones.'),
    volumeClaimTemplates: list(
      4,
      persistentVolumeClaim,
      "Claims to make for every pod; a claim keeps its pod's number.",
      { listType: 'atomic' },
    ),
  },
);

export const statefulSetCondition = definition(
  'io.k8s.api.apps.v1.StatefulSetCondition',
  "One aspect of a StatefulSet's state.",
  {
    ...workloadConditionFields,
    type: string(1, 'Which aspect it is about.', { required: true }),
  },
);

export const statefulSetStatus = definition(
  'io.k8s.api.apps.v1.StatefulSetStatus',
  "What is known of a StatefulSet's pods.",
  {
    availableReplicas: int32(11, 'Pods that have been ready for minReadySeconds.'),
    collisionCount: int32(9, 'How often the name of a new revision was taken already.'),
    conditions: list(
      10,
      statefulSetCondition,
      "Aspects of the StatefulSet's state.",
      keyedBy('type'),
    ),
    currentReplicas: int32(4, 'Pods made from the revision that is being replaced.'),
    currentRevision: string(6, 'Name of the revision that is being replaced.'),
    observedGeneration: int64(1, 'Generation that the controller has taken up.'),
    readyReplicas: int32(3, 'Pods that are ready.'),
    replicas: int32(2, 'Pods that exist.', { required: true }),
    updateRevision: string(7, 'Name of the revision that pods are being updated to.'),
    updatedReplicas: int32(5, 'Pods made from the revision that is being updated to.'),
  },
);

export const statefulSet = definition(
  'io.k8s.api.apps.v1.StatefulSet',
  'Keeps numbered pods running, each with a name and storage of its own.',
  {
    ...objectFields,
    spec: ref(2, statefulSetSpec, 'What is wanted.'),
    status: ref(3, statefulSetStatus, 'What is known of the pods.'),
  },
);

const newStatus = (): StatefulSetStatus => ({ replicas: 0, availableReplicas: 0 });

function defaultStatefulSet(draft: StatefulSet): void {
  const partial = draft as { spec?: Partial<StatefulSetSpec>; status?: Partial<StatefulSetStatus> };
  const spec = (partial.spec ??= {});
  fillZeroValues(statefulSet, draft);
  spec.podManagementPolicy ||= 'OrderedReady';
  const strategy = (spec.updateStrategy ??= {});
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') (strategy.rollingUpdate ??= {}).partition ??= 0;
  const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {});
  retention.whenDeleted ||= 'Retain';
  retention.whenScaled ||= 'Retain';
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  spec.serviceName ??= '';
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion = 'v1';
    claim.kind = 'PersistentVolumeClaim';
    (claim as { metadata?: object }).metadata ??= {};
    defaultClaim(claim);
  }
  defaultPodTemplate((spec.template ??= {}));
  const status = (partial.status ??= {});
  status.replicas ??= 0;
  status.availableReplicas ??= 0;
}

/** How many pods may be unavailable at once is switched off in Kubernetes 1.36: it is dropped unless it was there. */
function dropMaxUnavailable({ spec }: StatefulSet, stored?: StatefulSet): void {
  if (stored?.spec.updateStrategy?.rollingUpdate?.maxUnavailable !== undefined) return;
  delete spec.updateStrategy?.rollingUpdate?.maxUnavailable;
}

function statefulSetWarnings(draft: StatefulSet, stored: StatefulSet | undefined): string[] {
  const { volumeClaimTemplates = [], revisionHistoryLimit = 0 } = draft.spec;
  // The paths are those of Kubernetes, which differ between a create and an update.
  const claims = volumeClaimTemplates.flatMap((claim, at) => {
    const path = index('spec.volumeClaimTemplates', at);
    return claimWarnings(claim.spec, stored === undefined ? path : child(path, 'Spec'));
  });
  const limit =
    'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended';
  return [
    ...workloadWarnings(draft, stored),
    ...claims,
    ...(revisionHistoryLimit < 0 ? [limit] : []),
  ];
}

export const statefulSets = defineResource<StatefulSet>({
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  scope: 'Namespaced',
  shortNames: ['sts'],
  categories: ['all'],
  nameFormat: 'label',
  schema: statefulSet,
  status: true,
  scale: replicatedScale,
  defaults: defaultStatefulSet,
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  validateStatusUpdate: validateStatefulSetStatus,
  strategy: {
    tracksGeneration: true,
    prepareForCreate: (draft) => {
      draft.status = newStatus();
      dropMaxUnavailable(draft);
      dropDisabledTemplateFields(draft.spec.template);
    },
    prepareForUpdate: (draft, stored) => {
      dropMaxUnavailable(draft, stored);
      dropDisabledTemplateFields(draft.spec.template, stored.spec.template);
    },
    warnings: statefulSetWarnings,
  },
  columns: [
    nameColumn,
    readyColumn,
    ageColumn,
    ...templateColumns<StatefulSet>(({ spec }) => spec.template),
  ],
});
