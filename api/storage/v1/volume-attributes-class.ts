import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { required } from '../../validation/field-error.js';
import {
  nameWithDefault,
  unchanging,
  validateParameters,
  validateProvisioner,
} from './storage-checks.js';
import type { VolumeAttributesClass } from './types.js';
import { definition, inline, map, ref, string } from '../../schema/schema.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const volumeAttributesClass = definition(
  'io.k8s.api.storage.v1.VolumeAttributesClass',
  'Settings of volumes that can change while they are in use.',
  {
    apiVersion: string(inline, 'The API group and version that this object is written in.'),
    driverName: string(2, 'The driver the settings are for; never changes.', { required: true }),
    kind: string(inline, 'The type of this object, as a CamelCase word.'),
    metadata: ref(1, objectMeta, 'Name, labels and what else every object has.'),
    parameters: map(3, 'string', 'The settings; at least one; never change.'),
  },
);

const defaultAnnotation = 'volumeattributesclass.alpha.kubernetes.io/is-default-class';

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
    { ...nameColumn, cell: ({ metadata }) => nameWithDefault(metadata, defaultAnnotation) },
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
