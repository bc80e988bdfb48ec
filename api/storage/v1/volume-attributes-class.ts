import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { required } from '../../validation/field-error.js';
import { unchanging, validateParameters, validateProvisioner } from './storage-checks.js';
import type { VolumeAttributesClass } from './types.js';
import { definition, map, string } from '../../schema/schema.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const volumeAttributesClass = definition(
  'io.k8s.api.storage.v1.VolumeAttributesClass',
  'Settings of volumes that can change while they are in use.',
  {
    ...objectFields,
    driverName: string(2, 'The driver the settings are for; never changes.', { required: true }),
    parameters: map(3, 'string', 'The settings; at least one; never change.'),
  },
);

/** VolumeAttributesClasses: settings of volumes that can change while they are in use. */
export const volumeAttributesClasses = defineResource<VolumeAttributesClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  scope: 'Cluster',
  shortNames: ['vac'],
  schema: volumeAttributesClass,
  defaults: (draft) => {
    fillZeroValues(volumeAttributesClass, draft);
  },
  validate: ({ driverName, parameters }) => [
    ...validateProvisioner(driverName, 'driverName'),
    ...(Object.keys(parameters ?? {}).length === 0
      ? [required('parameters', 'must contain at least one key/value pair')]
      : validateParameters(parameters, 'parameters')),
  ],
  validateUpdate: (object, stored) => [
    ...unchanging('driverName', object.driverName, stored.driverName),
    ...unchanging('parameters', object.parameters, stored.parameters),
  ],
  columns: [
    nameColumn,
    {
      name: 'DriverName',
      type: 'string',
      description: 'The driver the settings are for.',
      priority: 0,
      cell: ({ driverName }) => driverName,
    },
    ageColumn,
  ],
});
