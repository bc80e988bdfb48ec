/**
 * A structural schema as a declared type, for what works on declarations: server-side apply, patches, `kubectl explain`.
 * What a declaration cannot say (unknown fields that are kept) is free-form there.
 */
import { objectMeta } from '../../meta/v1/object-meta.js';
import { definition, ref, string } from '../../schema/schema.js';
import type { Definition, Field, FieldOptions, Schema, ValueFacts } from '../../schema/schema.js';
import { itemsOf, valuesOf } from './json-schema.js';
import type { JsonSchema } from './json-schema.js';

const scalar = (
  name: 'string' | 'boolean' | 'int64' | 'double' | 'any' | 'object' | 'intOrString',
): Schema => ({
  type: 'scalar',
  scalar: name,
});

function schemaOf(schema: JsonSchema, name: string): Schema {
  if (schema['x-kubernetes-int-or-string'] === true) return scalar('intOrString');
  switch (schema.type) {
    case 'string':
      return scalar('string');
    case 'boolean':
      return scalar('boolean');
    case 'integer':
      return scalar('int64');
    case 'number':
      return scalar('double');
    case 'array': {
      const items = itemsOf(schema);
      return {
        type: 'list',
        items: items === undefined ? scalar('any') : schemaOf(items, `${name}.items`),
      };
    }
    case 'object': {
      const values = valuesOf(schema);
      if (values !== undefined) return mapOf(values, `${name}.values`);
      if (schema.properties === undefined) {
        return keepsUnknown(schema) ? unknownRef : scalar('object');
      }
      const target = objectOf(schema, name);
      return { type: 'ref', target: () => target };
    }
    default:
      return keepsUnknown(schema) ? unknownRef : scalar('any');
  }
}

const mapOf = (values: JsonSchema, name: string): Schema => ({
  type: 'map',
  values: schemaOf(values, name),
  valueFacts: mergeFactsOf(values),
});

/** A value that may be anything and is kept as it is. */
const unknownValue = definition(
  'x-kubernetes-preserve-unknown-fields',
  'Any value.',
  {},
  { custom: true, freeform: true, keepsUnknown: true },
);

const unknownRef: Schema = { type: 'ref', target: () => unknownValue };

const keepsUnknown = (schema: JsonSchema): boolean =>
  schema['x-kubernetes-preserve-unknown-fields'] === true;

/** What a declaration says of a structural schema beside its fields. */
const traitsOf = (schema: JsonSchema): Omit<Definition, 'name' | 'description' | 'fields'> => ({
  custom: true,
  ...(keepsUnknown(schema) ? { keepsUnknown: true } : {}),
  ...(schema['x-kubernetes-map-type'] === 'atomic' ? { mapType: 'atomic' } : {}),
});

function optionsOf(schema: JsonSchema): FieldOptions {
  const value = schema.default;
  const plain =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return { ...(plain ? { default: value } : {}), ...mergeFactsOf(schema) };
}

function mergeFactsOf(schema: JsonSchema): ValueFacts {
  const listType = schema['x-kubernetes-list-type'];
  const mapType = schema['x-kubernetes-map-type'];
  return {
    ...(listType === 'set' || listType === 'map' || listType === 'atomic' ? { listType } : {}),
    ...(schema['x-kubernetes-list-map-keys'] === undefined
      ? {}
      : { listMapKeys: schema['x-kubernetes-list-map-keys'] }),
    ...(mapType === 'atomic' || mapType === 'granular' ? { mapType } : {}),
  };
}

function fieldOf(schema: JsonSchema, name: string, isRequired: boolean): Field {
  return {
    proto: undefined,
    description: schema.description ?? '',
    schema: schemaOf(schema, name),
    ...(isRequired ? { required: true } : {}),
    ...optionsOf(schema),
  };
}

const typeMeta = {
  apiVersion: string(
    undefined,
    'APIVersion defines the group and version of the schema that the object is written in.',
  ),
  kind: string(undefined, 'Name of the kind of object.'),
  metadata: ref(undefined, objectMeta, 'Name, labels and what else every object has.'),
};

function fieldsOf(schema: JsonSchema, name: string): Readonly<Record<string, Field>> {
  const required = new Set(schema.required ?? []);
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([field, part]) => [
      field,
      fieldOf(part, `${name}.${field}`, required.has(field)),
    ]),
  );
}

function objectOf(schema: JsonSchema, name: string): Definition {
  const embedded = schema['x-kubernetes-embedded-resource'] === true ? typeMeta : {};
  const fields = { ...fieldsOf(schema, name), ...embedded };
  return definition(name, schema.description ?? '', fields, traitsOf(schema));
}

/** The declared type of a custom resource. */
export const resourceDefinitionOf = (schema: JsonSchema, name: string): Definition =>
  definition(
    name,
    schema.description ?? '',
    { ...fieldsOf(schema, name), ...typeMeta },
    { ...traitsOf(schema), jsonSchema: schema },
  );
