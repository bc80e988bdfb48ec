/** DaemonSets: the kind and its resource, `daemonsets`. */
import { dropDisabledTemplateFields } from '../../core/v1/pod/disabled-fields.js';
import { defaultPodTemplate } from '../../core/v1/pod/defaults.js';
import { labelsText } from '../../meta/columns.js';
import { jsonEqual } from '../../patch/json-value.js';
import { defineResource } from '../../schema/resource.js';
import type { TableColumn } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { immutable } from '../../validation/object-meta.js';
import { validateDaemonSet, validateDaemonSetStatus } from './daemon-set-validation.js';
import type { DaemonSet, DaemonSetSpec, DaemonSetStatus } from './types.js';
import { workloadConditionFields, workloadWarnings } from './workload.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { wideColumns } from './workload-columns.js';
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
import { podTemplateSpec } from '../../core/v1/pod/spec.js';
import { labelSelector } from '../../meta/v1/label-selector.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const rollingUpdateDaemonSet = definition(
  'io.k8s.api.apps.v1.RollingUpdateDaemonSet',
  'How many nodes a rolling update may have without a pod, or with two.',
  {
    maxSurge: intOrString(
      2,
      'Nodes that may run the new pod beside the old one, as a count or percentage rounded up.',
    ),
    maxUnavailable: intOrString(
      1,
      'Nodes that may be without a ready pod, as a count or percentage rounded up.',
    ),
  },
);

export const daemonSetUpdateStrategy = definition(
  'io.k8s.api.apps.v1.DaemonSetUpdateStrategy',
  'How a DaemonSet replaces old pods by new ones.',
  {
    rollingUpdate: ref(2, rollingUpdateDaemonSet, 'Settings of a rolling update.'),
    type: string(1, 'Whether pods are replaced node by node, or only once somebody deletes them.', {
      enum: ['RollingUpdate', 'OnDelete'],
    }),
  },
);

export const daemonSetSpec = definition(
  'io.k8s.api.apps.v1.DaemonSetSpec',
  'What is wanted of a DaemonSet.',
  {
    minReadySeconds: int32(4, 'Seconds a pod has to be ready to count as available.'),
    revisionHistoryLimit: int32(6, 'Number of old revisions kept for going back.'),
    selector: ref(
      1,
      labelSelector,
      'Selects the pods that belong to the DaemonSet; cannot be changed.',
      { required: true },
    ),
    template: ref(2, podTemplateSpec, 'The pod to run on every node that it fits.', {
      required: true,
    }),
    updateStrategy: ref(3, daemonSetUpdateStrategy, 'How old pods are replaced by new ones.'),
  },
);

export const daemonSetCondition = definition(
  'io.k8s.api.apps.v1.DaemonSetCondition',
  "One aspect of a DaemonSet's state.",
  {
    ...workloadConditionFields,
    type: string(1, 'Which aspect it is about.', { required: true }),
  },
);

export const daemonSetStatus = definition(
  'io.k8s.api.apps.v1.DaemonSetStatus',
  "What is known of a DaemonSet's pods.",
  {
    collisionCount: int32(9, 'How often the name of a new revision was taken already.'),
    conditions: list(10, daemonSetCondition, "Aspects of the DaemonSet's state.", keyedBy('type')),
    currentNumberScheduled: int32(1, 'Nodes that run the pod and should.', { required: true }),
    desiredNumberScheduled: int32(3, 'Nodes that should run the pod.', { required: true }),
    numberAvailable: int32(7, 'Nodes whose pod has been ready for minReadySeconds.'),
    numberMisscheduled: int32(2, 'Nodes that run the pod and should not.', { required: true }),
    numberReady: int32(4, 'Nodes whose pod is ready.', { required: true }),
    numberUnavailable: int32(8, 'Nodes that should have an available pod and have none.'),
    observedGeneration: int64(5, 'Generation that the controller has taken up.'),
    updatedNumberScheduled: int32(6, 'Nodes whose pod was made from the current template.'),
  },
);

export const daemonSet = definition(
  'io.k8s.api.apps.v1.DaemonSet',
  'Keeps one pod running on every node that it fits.',
  {
    ...objectFields,
    spec: ref(2, daemonSetSpec, 'What is wanted.'),
    status: ref(3, daemonSetStatus, 'What is known of the pods.'),
  },
);

/** Where Kubernetes has kept the template's own generation since it left the spec. */
const templateGenerationAnnotation = 'deprecated.daemonset.template.generation';

const templateGenerationOf = ({ metadata }: DaemonSet): number => {
  const text = metadata.annotations?.[templateGenerationAnnotation] ?? '';
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : 0;
};

const setTemplateGeneration = (draft: DaemonSet, generation: number): void => {
  draft.metadata.annotations = {
    ...draft.metadata.annotations,
    [templateGenerationAnnotation]: String(generation),
  };
};

const newStatus = (): DaemonSetStatus => ({
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
});

function defaultDaemonSet(draft: DaemonSet): void {
  const partial = draft as { spec?: Partial<DaemonSetSpec>; status?: DaemonSetStatus };
  const spec = (partial.spec ??= {});
  fillZeroValues(daemonSet, draft);
  const strategy = (spec.updateStrategy ??= {});
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= 1;
    rolling.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
  defaultPodTemplate((spec.template ??= {}));
  partial.status ??= newStatus();
  // Kubernetes writes it into whatever it decodes, and so whoever writes a DaemonSet comes to own it.
  if (draft.metadata.annotations?.[templateGenerationAnnotation] === undefined) {
    setTemplateGeneration(draft, 0);
  }
}

const statusOf = (object: { readonly status?: DaemonSetStatus }): Partial<DaemonSetStatus> =>
  object.status ?? {};

const countColumn = (
  name: string,
  description: string,
  field: keyof DaemonSetStatus,
): TableColumn<DaemonSet> => ({
  name,
  type: 'integer',
  description,
  priority: 0,
  cell: (object) => {
    const count = statusOf(object)[field];
    return typeof count === 'number' ? count : 0;
  },
});

export const daemonSets = defineResource<DaemonSet>({
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  scope: 'Namespaced',
  shortNames: ['ds'],
  categories: ['all'],
  schema: daemonSet,
  derivedAnnotations: [templateGenerationAnnotation],
  status: true,
  defaults: defaultDaemonSet,
  validate: validateDaemonSet,
  validateUpdate: (object, stored) =>
    immutable('spec.selector', object.spec.selector, stored.spec.selector),
  validateStatusUpdate: validateDaemonSetStatus,
  strategy: {
    tracksGeneration: true,
    prepareForCreate: (draft) => {
      draft.status = newStatus();
      dropDisabledTemplateFields(draft.spec.template);
      setTemplateGeneration(draft, Math.max(1, templateGenerationOf(draft)));
    },
    prepareForUpdate: (draft, stored) => {
      dropDisabledTemplateFields(draft.spec.template, stored.spec.template);
      const generation = Math.max(1, templateGenerationOf(stored));
      const same = jsonEqual(draft.spec.template, stored.spec.template);
      setTemplateGeneration(draft, same ? generation : generation + 1);
    },
    warnings: workloadWarnings,
  },
  columns: [
    nameColumn,
    countColumn('Desired', 'Nodes that should run the pod.', 'desiredNumberScheduled'),
    countColumn('Current', 'Nodes that run the pod and should.', 'currentNumberScheduled'),
    countColumn('Ready', 'Nodes whose pod is ready.', 'numberReady'),
    countColumn(
      'Up-to-date',
      'Nodes whose pod was made from the current template.',
      'updatedNumberScheduled',
    ),
    countColumn('Available', 'Nodes whose pod is available.', 'numberAvailable'),
    {
      name: 'Node Selector',
      type: 'string',
      description: 'Labels that a node needs to get the pod.',
      priority: 0,
      cell: ({ spec }) => labelsText(spec.template.spec?.nodeSelector),
    },
    ageColumn,
    ...wideColumns,
  ],
});
