import { condition } from '../../meta/v1/condition.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { defineResource } from '../../schema/resource.js';
import { definition, keyedBy, list, ref, string } from '../../schema/schema.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { validateConditions } from '../../validation/conditions.js';
import type { FieldError } from '../../validation/field-error.js';
import { child, index, invalid } from '../../validation/field-error.js';
import { immutable } from '../../validation/object-meta.js';
import { byName, disruptionModes, groupFields } from './pod-group-parts.js';
import { validateGroup, validateShortName } from './pod-group-validation.js';
import type { PodGroup, PodGroupTemplateReference } from './types.js';

export const workloadPodGroupTemplateReference = definition(
  'io.k8s.api.scheduling.v1alpha2.WorkloadPodGroupTemplateReference',
  'Names a template of a workload.',
  {
    podGroupTemplateName: string(2, 'Name of the template.', { required: true }),
    workloadName: string(1, 'Name of the workload.', { required: true }),
  },
);

export const podGroupTemplateReference = definition(
  'io.k8s.api.scheduling.v1alpha2.PodGroupTemplateReference',
  'Names what a group was made from.',
  {
    workload: ref(1, workloadPodGroupTemplateReference, 'A template of a workload.'),
  },
);

export const podGroupSpec = definition(
  'io.k8s.api.scheduling.v1alpha2.PodGroupSpec',
  'How the pods of a group are scheduled; never changes.',
  {
    disruptionMode: string(5, 'Whether pods may be disturbed one by one or all together.', {
      enum: disruptionModes,
      default: 'Pod',
    }),
    podGroupTemplateRef: ref(1, podGroupTemplateReference, 'What the group was made from.'),
    ...groupFields,
  },
);

export const podGroupResourceClaimStatus = definition(
  'io.k8s.api.scheduling.v1alpha2.PodGroupResourceClaimStatus',
  'Which claim was made for one that the group has from a template.',
  {
    name: string(1, 'The name of the claim in the group.', { required: true }),
    resourceClaimName: string(2, 'Name of the claim that was made.'),
  },
);

export const podGroupStatus = definition(
  'io.k8s.api.scheduling.v1alpha2.PodGroupStatus',
  'How far the group is.',
  {
    conditions: list(
      1,
      condition,
      'PodGroupScheduled, and DisruptionTarget before it is disturbed.',
      keyedBy('type'),
    ),
    resourceClaimStatuses: list(
      2,
      podGroupResourceClaimStatus,
      'The claims made from templates.',
      byName,
    ),
  },
);

export const podGroup = definition(
  'io.k8s.api.scheduling.v1alpha2.PodGroup',
  'Pods that are scheduled together.',
  {
    ...objectFields,
    spec: ref(2, podGroupSpec, 'What is wanted.', { required: true }),
    status: ref(3, podGroupStatus, 'What is the case; written by the scheduler.'),
  },
);

function validateTemplateReference(reference: PodGroupTemplateReference): FieldError[] {
  const field = 'spec.podGroupTemplateRef';
  const { workload } = reference;
  if (workload === undefined) return [invalid(field, '', 'must specify one of: `workload`')];
  const path = child(field, 'workload');
  return [
    ...validateShortName(workload.workloadName, child(path, 'workloadName')),
    ...validateShortName(workload.podGroupTemplateName, child(path, 'podGroupTemplateName')),
  ];
}

function validateStatus({ spec, status }: PodGroup): FieldError[] {
  const { conditions, resourceClaimStatuses = [] } = status;
  const known = new Set((spec.resourceClaims ?? []).map(({ name }) => name));
  const detail = 'must match the name of an entry in `spec.resourceClaims`';
  return [
    ...validateConditions(conditions, 'status.conditions'),
    ...resourceClaimStatuses.flatMap(({ name }, at) =>
      known.has(name)
        ? []
        : [invalid(child(index('status.resourceClaimStatuses', at), 'name'), name, detail)],
    ),
  ];
}

/** PodGroups: pods that are scheduled together. */
export const podGroups = defineResource<PodGroup>({
  group: 'scheduling.k8s.io',
  version: 'v1alpha2',
  kind: 'PodGroup',
  plural: 'podgroups',
  scope: 'Namespaced',
  schema: podGroup,
  status: true,
  defaults: (draft) => {
    const partial = draft as { spec?: Partial<PodGroup['spec']>; status?: object };
    const spec = (partial.spec ??= {});
    spec.schedulingPolicy ??= {};
    spec.disruptionMode ??= 'Pod';
    fillZeroValues(podGroup, draft);
    partial.status ??= {};
  },
  validate: () => [],
  validateCreate: ({ spec }) => [
    ...(spec.podGroupTemplateRef === undefined
      ? []
      : validateTemplateReference(spec.podGroupTemplateRef)),
    ...validateGroup(spec, 'spec'),
  ],
  validateUpdate: ({ spec }, stored) =>
    Object.keys({ ...stored.spec, ...spec }).flatMap((name) => {
      const field = name as keyof typeof spec;
      return immutable(child('spec', name), spec[field], stored.spec[field]);
    }),
  validateStatusUpdate: validateStatus,
  strategy: {
    statusKeeps: 'metadata',
    tracksGeneration: true,
    prepareForCreate: (draft) => {
      draft.status = {};
    },
  },
});
