import { deprecatedNodeLabel } from '../../core/v1/node-label-warnings.js';
import { validateResources } from '../../core/v1/pod/validate-resources.js';
import { validateToleration } from '../../core/v1/pod/validate-scheduling.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import type { FieldError } from '../../validation/field-error.js';
import { duplicate, index, invalid } from '../../validation/field-error.js';
import { validateLabels } from '../../validation/labels.js';
import { dns1123LabelErrors } from '../../validation/names.js';
import { immutable } from '../../validation/object-meta.js';
import type { Toleration } from '../../core/v1/types.js';
import type { RuntimeClass } from './types.js';
import { definition, list, map, ref, string } from '../../schema/schema.js';
import { toleration } from '../../core/v1/pod/scheduling.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const overhead = definition(
  'io.k8s.api.node.v1.Overhead',
  'What running a pod costs by itself.',
  {
    podFixed: map(1, 'quantity', 'The resources each pod needs.'),
  },
);

export const scheduling = definition(
  'io.k8s.api.node.v1.Scheduling',
  'Where pods of a class can run.',
  {
    nodeSelector: map(1, 'string', 'Labels the node must have; added to those of the pod.', {
      mapType: 'atomic',
    }),
    tolerations: list(2, toleration, 'Added to those of the pod.', { listType: 'atomic' }),
  },
);

export const runtimeClass = definition(
  'io.k8s.api.node.v1.RuntimeClass',
  'A way to run containers that pods can ask for.',
  {
    ...objectFields,
    handler: string(2, 'The configuration of the runtime that is used; never changes.', {
      required: true,
    }),
    overhead: ref(3, overhead, 'What a pod needs beside what its containers need.'),
    scheduling: ref(4, scheduling, 'Which nodes can run such pods.'),
  },
);

const noClaims: ReadonlySet<string> = new Set();

function validateRuntimeClass({ handler, overhead, scheduling }: RuntimeClass): FieldError[] {
  return [
    ...dns1123LabelErrors(handler).map((detail) => invalid('handler', handler, detail)),
    ...(overhead?.podFixed === undefined
      ? []
      : validateResources({ limits: overhead.podFixed }, 'overhead', noClaims)),
    ...validateLabels(scheduling?.nodeSelector, 'scheduling.nodeSelector'),
    ...validateTolerations(scheduling?.tolerations ?? []),
  ];
}

/** Tolerations that differ in nothing but their time are the same. */
function validateTolerations(tolerations: readonly Toleration[]): FieldError[] {
  const field = 'scheduling.tolerations';
  const keys = tolerations.map(({ key = '', operator = '', value = '', effect = '' }) =>
    JSON.stringify([key, operator, value, effect]),
  );
  return [
    ...tolerations.flatMap((toleration, at) => validateToleration(toleration, index(field, at))),
    ...tolerations.flatMap((toleration, at) =>
      keys.indexOf(keys[at] ?? '') === at ? [] : [duplicate(index(field, at), toleration)],
    ),
  ];
}

/** RuntimeClasses: the ways in which pods can be run. */
export const runtimeClasses = defineResource<RuntimeClass>({
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  scope: 'Cluster',
  schema: runtimeClass,
  defaults: (draft) => {
    fillZeroValues(runtimeClass, draft);
  },
  validate: validateRuntimeClass,
  validateUpdate: (object, stored) => immutable('handler', object.handler, stored.handler),
  strategy: {
    allowCreateOnUpdate: true,
    requiresVersion: true,
    warnings: ({ scheduling }) =>
      Object.keys(scheduling?.nodeSelector ?? {}).flatMap((label) => {
        const text = deprecatedNodeLabel(label);
        return text === undefined ? [] : [`scheduling.nodeSelector: ${text}`];
      }),
  },
  columns: [
    nameColumn,
    {
      name: 'Handler',
      type: 'string',
      description: 'The configuration of the runtime.',
      priority: 0,
      cell: ({ handler }) => handler,
    },
    ageColumn,
  ],
});
