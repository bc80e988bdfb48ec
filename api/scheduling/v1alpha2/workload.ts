import { objectFields } from '../../meta/v1/object-meta.js';
import { defineResource } from '../../schema/resource.js';
import { definition, list, ref, string } from '../../schema/schema.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  duplicate,
  invalidBecause,
  index,
  required,
  tooMany,
} from '../../validation/field-error.js';
import { dns1123SubdomainErrors, pathSegmentNameErrors } from '../../validation/names.js';
import { immutable } from '../../validation/object-meta.js';
import { maxGroupTemplates } from './limits.js';
import { disruptionModes, groupFields } from './pod-group-parts.js';
import { validateGroup, validateShortName } from './pod-group-validation.js';
import type { PodGroupTemplate, TypedLocalObjectReference, Workload } from './types.js';

export const typedLocalObjectReference = definition(
  'io.k8s.api.scheduling.v1alpha2.TypedLocalObjectReference',
  'Names an object in the same namespace.',
  {
    apiGroup: string(1, 'The API group; empty for the core group.'),
    kind: string(2, 'The kind of the object.', { required: true }),
    name: string(3, 'The name of the object.', { required: true }),
  },
);

export const podGroupTemplate = definition(
  'io.k8s.api.scheduling.v1alpha2.PodGroupTemplate',
  'What groups of pods are made from.',
  {
    disruptionMode: string(5, 'Whether pods may be disturbed one by one or all together.', {
      enum: disruptionModes,
    }),
    name: string(1, 'The name of the template in its workload.', { required: true }),
    ...groupFields,
  },
);

export const workloadSpec = definition(
  'io.k8s.api.scheduling.v1alpha2.WorkloadSpec',
  'The groups of pods a workload is made of.',
  {
    controllerRef: ref(
      1,
      typedLocalObjectReference,
      'The object that makes the pods, such as a Job; never changes.',
    ),
    podGroupTemplates: list(2, podGroupTemplate, 'The groups, at most 8; never change.', {
      required: true,
      listType: 'map',
      listMapKeys: ['name'],
    }),
  },
);

export const workload = definition(
  'io.k8s.api.scheduling.v1alpha2.Workload',
  'Pods that belong together when they are scheduled.',
  {
    ...objectFields,
    spec: ref(2, workloadSpec, 'What is wanted.', { required: true }),
  },
);

function validateController(reference: TypedLocalObjectReference, field: string): FieldError[] {
  const { apiGroup = '', kind, name } = reference;
  const named = (part: string, value: string): FieldError[] =>
    value === ''
      ? [required(child(field, part))]
      : invalidBecause(child(field, part), value, pathSegmentNameErrors(value));
  return [
    ...(apiGroup === ''
      ? []
      : invalidBecause(child(field, 'apiGroup'), apiGroup, dns1123SubdomainErrors(apiGroup))),
    ...named('kind', kind),
    ...named('name', name),
  ];
}

function validateTemplates(templates: readonly PodGroupTemplate[]): FieldError[] {
  const field = 'spec.podGroupTemplates';
  if (templates.length === 0) return [required(field, 'must have at least one item')];
  if (templates.length > maxGroupTemplates) {
    return [tooMany(field, templates.length, maxGroupTemplates)];
  }
  const names = templates.map(({ name }) => name);
  return templates.flatMap((template, at) => {
    const path = index(field, at);
    const repeated = names.indexOf(template.name) === at ? [] : [duplicate(path, template.name)];
    return [
      ...repeated,
      ...validateShortName(template.name, child(path, 'name')),
      ...validateGroup(template, path),
    ];
  });
}

/** Workloads: pods that belong together when they are scheduled. */
export const workloads = defineResource<Workload>({
  group: 'scheduling.k8s.io',
  version: 'v1alpha2',
  kind: 'Workload',
  plural: 'workloads',
  scope: 'Namespaced',
  schema: workload,
  defaults: (draft) => {
    const partial = draft as { spec?: { podGroupTemplates?: Partial<PodGroupTemplate>[] } };
    const spec = (partial.spec ??= {});
    for (const template of spec.podGroupTemplates ?? []) template.schedulingPolicy ??= {};
    fillZeroValues(workload, draft);
  },
  validate: ({ spec }) =>
    spec.controllerRef === undefined
      ? []
      : validateController(spec.controllerRef, 'spec.controllerRef'),
  validateCreate: ({ spec }) => validateTemplates(spec.podGroupTemplates),
  validateUpdate: ({ spec }, stored) => [
    ...(stored.spec.controllerRef === undefined
      ? []
      : immutable('spec.controllerRef', spec.controllerRef, stored.spec.controllerRef)),
    ...immutable('spec.podGroupTemplates', spec.podGroupTemplates, stored.spec.podGroupTemplates),
  ],
  strategy: { tracksGeneration: true },
});
