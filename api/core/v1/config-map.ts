import { boolean, definition, map } from '../../schema/schema.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import type { FieldError } from '../../validation/field-error.js';
import { forbidden, invalid, key, tooLong } from '../../validation/field-error.js';
import { byteLength, configMapKeyErrors } from '../../validation/names.js';
import { changed, immutableMessage, maxDataBytes } from './stored-data.js';
import type { ConfigMap } from './types.js';

export const configMap = definition(
  'io.k8s.api.core.v1.ConfigMap',
  'Settings that pods read as environment variables or files.',
  {
    ...objectFields,
    binaryData: map(
      3,
      'bytes',
      'Entries that are not UTF-8 text, in base64; their keys must not occur in data.',
    ),
    data: map(
      2,
      'string',
      'Entries of text; keys may have letters, digits, dashes, underscores and dots.',
    ),
    immutable: boolean(
      4,
      'If true the entries can never change again; the ConfigMap can only be deleted.',
    ),
  },
);

function validateConfigMap(object: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  let sizeBytes = 0;
  const { data = {} } = object;
  for (const name in data) {
    const value = data[name] ?? '';
    const field = key('data', name);
    errors.push(...configMapKeyErrors(name).map((detail) => invalid(field, name, detail)));
    if (Object.hasOwn(object.binaryData ?? {}, name)) {
      errors.push(invalid(field, name, 'duplicate of key present in binaryData'));
    }
    sizeBytes += byteLength(value);
  }
  for (const [name, value] of Object.entries(object.binaryData ?? {})) {
    const field = key('binaryData', name);
    errors.push(...configMapKeyErrors(name).map((detail) => invalid(field, name, detail)));
    sizeBytes += Buffer.byteLength(value, 'base64');
  }
  // Kubernetes writes the path of the whole object so.
  if (sizeBytes > maxDataBytes) errors.push(tooLong('[]', maxDataBytes));
  return errors;
}

function validateConfigMapUpdate(object: ConfigMap, stored: ConfigMap): FieldError[] {
  if (stored.immutable !== true) return [];
  const errors: FieldError[] = [];
  if (object.immutable !== true) errors.push(forbidden('immutable', immutableMessage));
  if (changed(object.data, stored.data)) errors.push(forbidden('data', immutableMessage));
  if (changed(object.binaryData, stored.binaryData)) {
    errors.push(forbidden('binaryData', immutableMessage));
  }
  return errors;
}

/** ConfigMaps: settings that pods read as environment variables or files. */
export const configMaps = defineResource<ConfigMap>({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  scope: 'Namespaced',
  shortNames: ['cm'],
  schema: configMap,
  validate: validateConfigMap,
  validateUpdate: validateConfigMapUpdate,
  columns: [
    nameColumn,
    {
      name: 'Data',
      type: 'string',
      description: 'How many entries the ConfigMap holds.',
      priority: 0,
      cell: ({ data, binaryData }) =>
        Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length,
    },
    ageColumn,
  ],
});
