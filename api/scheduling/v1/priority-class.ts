/** PriorityClasses: the kind and its resource, `priorityclasses`. */
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import type { FieldError } from '../../validation/field-error.js';
import { forbidden, notSupported } from '../../validation/field-error.js';
import { immutable } from '../../validation/object-meta.js';
import { highestUserPriority } from './limits.js';
import { systemPriorityClasses } from './system-classes.js';
import type { PriorityClass } from './types.js';
import { boolean, definition, int32, string } from '../../schema/schema.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const priorityClass = definition(
  'io.k8s.api.scheduling.v1.PriorityClass',
  'Names a priority that pods can ask for.',
  {
    ...objectFields,
    description: string(4, 'Text for people that says when to use it.'),
    globalDefault: boolean(3, 'Whether pods that name no class get this one.'),
    preemptionPolicy: string(
      5,
      'Whether pods of the class may displace others: PreemptLowerPriority or Never.',
    ),
    value: int32(2, 'The priority; a pod with a higher number goes first. It cannot be changed.'),
  },
);

/** Why a class named `system-…` is not one of the system's; undefined where it is. */
function misnamed({ metadata, value, globalDefault }: PriorityClass): string | undefined {
  const known = systemPriorityClasses.find(({ name }) => name === metadata.name);
  if (known === undefined) return `${metadata.name} is not a known system priority class`;
  if (value !== known.value) {
    return `value of ${known.name} PriorityClass must be ${String(known.value)}`;
  }
  return globalDefault === true
    ? `globalDefault of ${known.name} PriorityClass must be false`
    : undefined;
}

function validate(object: PriorityClass): FieldError[] {
  const { metadata, value = 0, preemptionPolicy } = object;
  const errors: FieldError[] = [];
  if (metadata.name.startsWith('system-')) {
    const why = misnamed(object);
    if (why !== undefined) {
      const detail = `priority class names with 'system-' prefix are reserved for system use only. error: ${why}`;
      errors.push(forbidden('metadata.name', detail));
    }
  } else if (value > highestUserPriority) {
    const detail = `maximum allowed value of a user defined priority is ${String(highestUserPriority)}`;
    errors.push(forbidden('value', detail));
  }
  const policies = ['PreemptLowerPriority', 'Never'];
  if (preemptionPolicy !== undefined && !policies.includes(preemptionPolicy)) {
    errors.push(notSupported('preemptionPolicy', preemptionPolicy, policies));
  }
  return errors;
}

const validateUpdate = (object: PriorityClass, stored: PriorityClass): FieldError[] => [
  ...((object.value ?? 0) === (stored.value ?? 0)
    ? []
    : [forbidden('value', 'may not be changed in an update.')]),
  ...immutable('preemptionPolicy', object.preemptionPolicy, stored.preemptionPolicy),
];

export const priorityClasses = defineResource<PriorityClass>({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  scope: 'Cluster',
  shortNames: ['pc'],
  schema: priorityClass,
  defaults: (draft) => {
    draft.preemptionPolicy ??= 'PreemptLowerPriority';
    draft.value ??= 0;
  },
  validate,
  validateUpdate,
  strategy: {
    prepareForCreate: (draft) => {
      draft.metadata.generation = 1;
    },
    prepareForUpdate: (draft, stored) => {
      draft.metadata.generation = stored.metadata.generation;
    },
  },
  columns: [
    nameColumn,
    {
      name: 'Value',
      type: 'integer',
      description: 'The priority; a pod with a higher number goes first.',
      priority: 0,
      cell: ({ value }) => value ?? 0,
    },
    {
      name: 'Global-Default',
      type: 'boolean',
      description: 'Whether pods that name no class get this one.',
      priority: 0,
      cell: ({ globalDefault }) => globalDefault ?? false,
    },
    ageColumn,
    {
      name: 'PreemptionPolicy',
      type: 'string',
      description: 'Whether pods of the class may displace others.',
      priority: 0,
      cell: ({ preemptionPolicy }) => preemptionPolicy ?? '',
    },
  ],
});
