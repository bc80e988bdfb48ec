import { plainNameColumn } from '../../meta/columns.js';
import { hasCondition } from '../../meta/conditions.js';
import { condition } from '../../meta/v1/condition.js';
import { groupResource } from '../../meta/v1/group-resource.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { defineResource } from '../../schema/resource.js';
import { definition, keyedBy, list, ref, string } from '../../schema/schema.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { validateConditions } from '../../validation/conditions.js';
import type { FieldError } from '../../validation/field-error.js';
import { invalid, required } from '../../validation/field-error.js';
import type { StorageVersionMigration } from './types.js';

export const storageVersionMigrationSpec = definition(
  'io.k8s.api.storagemigration.v1beta1.StorageVersionMigrationSpec',
  'What is to be stored anew; never changes.',
  {
    resource: ref(1, groupResource, 'The resource.', { required: true }),
  },
);

export const storageVersionMigrationStatus = definition(
  'io.k8s.api.storagemigration.v1beta1.StorageVersionMigrationStatus',
  'How far the migration is.',
  {
    conditions: list(1, condition, 'Running, Succeeded or Failed.', keyedBy('type')),
    resourceVersion: string(2, 'The revision at which the migration began; never changes.'),
  },
);

export const storageVersionMigration = definition(
  'io.k8s.api.storagemigration.v1beta1.StorageVersionMigration',
  'Has all objects of a resource stored anew, in the version they are stored in today.',
  {
    ...objectFields,
    spec: ref(2, storageVersionMigrationSpec, 'What is wanted.'),
    status: ref(3, storageVersionMigrationStatus, 'What is the case; written by a controller.'),
  },
);

/** A migration before anything has checked that what the type calls required is there. */
const resourceOf = ({ spec }: StorageVersionMigration): { group: string; resource: string } => {
  const { group = '', resource = '' } =
    (spec as Partial<StorageVersionMigration['spec']>).resource ?? {};
  return { group, resource };
};

function validateFixed(object: StorageVersionMigration, stored: StorageVersionMigration) {
  const [now, before] = [resourceOf(object), resourceOf(stored)];
  // Kubernetes names these fields by their last words alone.
  return (['group', 'resource'] as const).flatMap((field) =>
    now[field] === before[field] ? [] : [invalid(field, now[field], 'field is immutable')],
  );
}

const stages = ['Running', 'Succeeded', 'Failed'] as const;

const texts = {
  both: 'Both success and failed conditions cannot be true at the same time',
  runningSuccess: 'Running condition cannot be true when success condition is true',
  runningFailure: 'Running condition cannot be true when failed condition is true',
  lostSuccess: 'Success condition cannot be set to false once it is true',
  lostFailure: 'Failed condition cannot be set to false once it is true',
} as const;

function validateStages(object: StorageVersionMigration, stored: StorageVersionMigration) {
  const [running, succeeded, failed] = stages.map((stage) => hasCondition(object, stage));
  const found: (keyof typeof texts | false | undefined)[] = [
    succeeded && failed && 'both',
    succeeded && running && 'runningSuccess',
    failed && running && 'runningFailure',
    hasCondition(stored, 'Succeeded') && succeeded !== true && 'lostSuccess',
    hasCondition(stored, 'Failed') && failed !== true && 'lostFailure',
  ];
  return found
    .filter((name) => name !== false && name !== undefined)
    .map((name) => invalid('status.conditions', object.status.conditions ?? [], texts[name]));
}

function validateStatus(
  object: StorageVersionMigration,
  stored: StorageVersionMigration,
): FieldError[] {
  const { resourceVersion = '', conditions } = object.status;
  const before = stored.status.resourceVersion ?? '';
  const field = 'status.resourceVersion';
  const errors: FieldError[] = [];
  if (!/^\d*$/.test(resourceVersion)) {
    const detail = `failed to parse resource version ${JSON.stringify(resourceVersion)}: strconv.ParseInt: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`;
    errors.push(invalid(field, resourceVersion, detail));
  }
  errors.push(...validateConditions(conditions, 'status.conditions'));
  if (before !== '' && before !== resourceVersion) {
    errors.push(invalid(field, resourceVersion, 'cannot be updated'));
  }
  return [...errors, ...validateStages(object, stored)];
}

/** A resource of the core group ends in a dot here, as Kubernetes shows it. */
const resourceText = (object: StorageVersionMigration): string => {
  const { group, resource } = resourceOf(object);
  return `${resource}.${group}`;
};

/** StorageVersionMigrations: have the objects of a resource stored anew. */
export const storageVersionMigrations = defineResource<StorageVersionMigration>({
  group: 'storagemigration.k8s.io',
  version: 'v1beta1',
  kind: 'StorageVersionMigration',
  plural: 'storageversionmigrations',
  scope: 'Cluster',
  schema: storageVersionMigration,
  status: true,
  defaults: (draft) => {
    const partial = draft as { spec?: { resource?: unknown }; status?: object };
    const spec = (partial.spec ??= {});
    spec.resource ??= {};
    fillZeroValues(storageVersionMigration, draft);
    partial.status ??= {};
  },
  validate: (object) =>
    resourceOf(object).resource === ''
      ? [required('spec.resource.resource', 'resource is required')]
      : [],
  validateUpdate: validateFixed,
  validateStatusUpdate: validateStatus,
  strategy: {
    statusKeeps: 'metadata',
    tracksGeneration: true,
    prepareForCreate: (draft) => {
      draft.status = {};
    },
  },
  columns: [
    plainNameColumn,
    {
      name: 'Resource',
      type: 'string',
      description: 'What is stored anew.',
      priority: 0,
      cell: resourceText,
    },
  ],
});
