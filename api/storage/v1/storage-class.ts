import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import type { FieldError } from '../../validation/field-error.js';
import { child, duplicate, index, notSupported, required } from '../../validation/field-error.js';
import { validateLabelName } from '../../validation/labels.js';
import { immutable } from '../../validation/object-meta.js';
import type { TopologySelectorTerm } from '../../core/v1/types.js';
import {
  nameWithDefault,
  unchanging,
  validateParameters,
  validateProvisioner,
} from './storage-checks.js';
import type { StorageClass } from './types.js';
import { boolean, definition, list, map, string } from '../../schema/schema.js';
import { topologySelectorTerm } from '../../core/v1/topology-selector.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const storageClass = definition(
  'io.k8s.api.storage.v1.StorageClass',
  'A kind of storage that claims can ask for, and who provides it.',
  {
    allowVolumeExpansion: boolean(6, 'Whether claims of the class may grow.'),
    allowedTopologies: list(
      8,
      topologySelectorTerm,
      'Where volumes may be made; anywhere when empty.',
      { listType: 'atomic' },
    ),
    ...objectFields,
    mountOptions: list(
      5,
      'string',
      'Options that volumes of the class are mounted with, such as ro; nobody checks them.',
      { listType: 'atomic' },
    ),
    parameters: map(3, 'string', 'Settings for the provisioner.'),
    provisioner: string(2, 'Who makes the volumes; never changes.', { required: true }),
    reclaimPolicy: string(
      4,
      'What becomes of a volume whose claim is gone: Delete or Retain; never changes.',
    ),
    volumeBindingMode: string(
      7,
      'Whether a claim gets its volume at once (Immediate) or with its first pod (WaitForFirstConsumer); never changes.',
      { enum: ['Immediate', 'WaitForFirstConsumer'] },
    ),
  },
);

const reclaimPolicies = ['Delete', 'Retain'] as const;
const bindingModes = ['Immediate', 'WaitForFirstConsumer'] as const;
const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
] as const;

function validateTerm(
  { matchLabelExpressions = [] }: TopologySelectorTerm,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const keys = new Set<string>();
  matchLabelExpressions.forEach(({ key, values }, at) => {
    const path = index(child(field, 'matchLabelExpressions'), at);
    const valuesPath = child(path, 'values');
    if (values.length === 0) errors.push(required(valuesPath));
    values.forEach((value, position) => {
      if (values.indexOf(value) < position) {
        errors.push(duplicate(index(valuesPath, position), value));
      }
    });
    errors.push(...validateLabelName(key, child(path, 'key')));
    if (keys.has(key)) errors.push(duplicate(child(path, 'key'), key));
    keys.add(key);
  });
  return errors;
}

/** A term without regard to the order of labels and values. */
const identityOf = ({ matchLabelExpressions = [] }: TopologySelectorTerm): string =>
  JSON.stringify(matchLabelExpressions.map(({ key, values }) => [key, [...values].sort()]).sort());

function validateTopologies(terms: readonly TopologySelectorTerm[]): FieldError[] {
  const seen = new Set<string>();
  return terms.flatMap((term, at) => {
    const path = index('allowedTopologies', at);
    const errors = validateTerm(term, path);
    const identity = identityOf(term);
    if (seen.has(identity)) errors.push(duplicate(child(path, 'matchLabelExpressions'), ''));
    seen.add(identity);
    return errors;
  });
}

function validateStorageClass(object: StorageClass): FieldError[] {
  const { provisioner, parameters, reclaimPolicy, volumeBindingMode, allowedTopologies } = object;
  const errors = [
    ...validateProvisioner(provisioner, 'provisioner'),
    ...validateParameters(parameters, 'parameters'),
  ];
  const policies: readonly string[] = ['', ...reclaimPolicies];
  if (reclaimPolicy !== undefined && !policies.includes(reclaimPolicy)) {
    errors.push(notSupported('reclaimPolicy', reclaimPolicy, reclaimPolicies));
  }
  if (volumeBindingMode === undefined) errors.push(required('volumeBindingMode'));
  else if (!bindingModes.some((known) => known === volumeBindingMode)) {
    errors.push(notSupported('volumeBindingMode', volumeBindingMode, bindingModes));
  }
  return [...errors, ...validateTopologies(allowedTopologies ?? [])];
}

/** StorageClasses: the kinds of storage that claims can ask for. */
export const storageClasses = defineResource<StorageClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  scope: 'Cluster',
  shortNames: ['sc'],
  schema: storageClass,
  defaults: (draft) => {
    fillZeroValues(storageClass, draft);
    draft.reclaimPolicy ??= 'Delete';
    draft.volumeBindingMode ??= 'Immediate';
  },
  validate: validateStorageClass,
  validateUpdate: (object, stored) => [
    ...unchanging('parameters', object.parameters, stored.parameters),
    ...unchanging('provisioner', object.provisioner, stored.provisioner),
    ...unchanging('reclaimPolicy', object.reclaimPolicy, stored.reclaimPolicy),
    ...immutable('volumeBindingMode', object.volumeBindingMode, stored.volumeBindingMode),
  ],
  columns: [
    { ...nameColumn, cell: ({ metadata }) => nameWithDefault(metadata, ...defaultAnnotations) },
    {
      name: 'Provisioner',
      type: 'string',
      description: 'Who makes the volumes.',
      priority: 0,
      cell: ({ provisioner }) => provisioner,
    },
    {
      name: 'ReclaimPolicy',
      type: 'string',
      description: 'What becomes of a volume whose claim is gone.',
      priority: 0,
      cell: ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete',
    },
    {
      name: 'VolumeBindingMode',
      type: 'string',
      description: 'When a claim gets its volume.',
      priority: 0,
      cell: ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate',
    },
    {
      name: 'AllowVolumeExpansion',
      type: 'string',
      description: 'Whether claims may grow.',
      priority: 0,
      cell: ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false,
    },
    ageColumn,
  ],
});
