/**
 * Whether a schema is one custom resources may have: structural, without what the server does not support, with defaults and
 * rules that hold. Paths and words are Kubernetes'.
 */
import { compilePattern } from '../../cel/library/pattern.js';
import { CelError } from '../../cel/values.js';
import {
  child,
  forbidden,
  index,
  invalid,
  key,
  notSupported,
  required,
} from '../../validation/field-error.js';
import type { FieldError } from '../../validation/field-error.js';
import { isJsonObject, itemsOf, propertyOf, valuesOf } from './json-schema.js';
import type { JsonSchema } from './json-schema.js';
import { pruneValue } from './prune.js';
import { ruleDeclarationErrors } from './rule-validation.js';
import { structuralErrors } from './structural-validation.js';
import { valueErrors } from './validate-value.js';
import { listTypeErrors } from './list-types.js';

const knownTypes = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

function typeErrors({ type = '' }: JsonSchema, path: string): FieldError[] {
  if (type === '' || knownTypes.includes(type)) return [];
  const field = child(path, 'type');
  const why = 'type cannot be set to null, use nullable as an alternative';
  return [
    notSupported(field, type, knownTypes),
    ...(type === 'null' ? [forbidden(field, why)] : []),
  ];
}

function unsupportedErrors(schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const refuse = (name: string, why: string): void => {
    errors.push(forbidden(child(path, name), why));
  };
  if (schema.uniqueItems === true) {
    refuse(
      'uniqueItems',
      'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
    );
  }
  const { additionalProperties, properties = {} } = schema;
  const restricts = additionalProperties !== undefined && additionalProperties !== true;
  if (restricts && Object.keys(properties).length > 0) {
    refuse('additionalProperties', 'additionalProperties and properties are mutual exclusive');
  }
  if (schema.patternProperties !== undefined)
    refuse('patternProperties', 'patternProperties is not supported');
  if (schema.additionalItems !== undefined)
    refuse('additionalItems', 'additionalItems is not supported');
  if (schema.definitions !== undefined) refuse('definitions', 'definitions is not supported');
  if (schema.dependencies !== undefined) refuse('dependencies', 'dependencies is not supported');
  if (schema.$ref !== undefined) refuse('$ref', '$ref is not supported');
  if (schema.id !== undefined && schema.id !== '') refuse('id', 'id is not supported');
  if (Array.isArray(schema.items))
    refuse('items', 'items must be a schema object and not an array');
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    const field = child(path, 'x-kubernetes-preserve-unknown-fields');
    errors.push(invalid(field, false, 'must be true or undefined'));
  }
  return errors;
}

function patternErrors({ pattern }: JsonSchema, path: string): FieldError[] {
  if (pattern === undefined) return [];
  try {
    compilePattern(pattern);
    return [];
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    const why = `must be a valid regular expression, but isn't: ${error.message}`;
    return [invalid(child(path, 'pattern'), pattern, why)];
  }
}

function wantsType(
  schema: JsonSchema,
  path: string,
  wanted: string,
  because: string,
): FieldError[] {
  const { type = '' } = schema;
  const why = `must be ${wanted} if ${because} is specified`;
  if (type === wanted) return [];
  return [
    type === '' ? required(child(path, 'type'), why) : invalid(child(path, 'type'), type, why),
  ];
}

function mapTypeErrors(schema: JsonSchema, path: string): FieldError[] {
  const mapType = schema['x-kubernetes-map-type'];
  if (mapType === undefined) return [];
  const field = child(path, 'x-kubernetes-map-type');
  return [
    ...wantsType(schema, path, 'object', 'x-kubernetes-map-type'),
    ...(mapType === 'granular' || mapType === 'atomic'
      ? []
      : [notSupported(field, mapType, ['atomic', 'granular'])]),
  ];
}

function mapListErrors(schema: JsonSchema, path: string): FieldError[] {
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const field = child(path, 'x-kubernetes-list-map-keys');
  const errors: FieldError[] = [];
  if (keys.length === 0) {
    errors.push(required(field, 'must not be empty if x-kubernetes-list-type is map'));
  }
  const items = itemsOf(schema);
  if (items === undefined) {
    errors.push(
      required(child(path, 'items'), 'must have a schema if x-kubernetes-list-type is map'),
    );
    return errors;
  }
  const below = child(path, 'items');
  if (items.type !== 'object') {
    const why = "must be object if parent array's x-kubernetes-list-type is map";
    errors.push(invalid(child(below, 'type'), items.type ?? '', why));
  }
  if (new Set(keys).size < keys.length) {
    errors.push(invalid(field, keys, 'must not contain duplicate entries'));
  }
  for (const name of keys) errors.push(...mapKeyErrors(name, items, { below, field, keys }));
  return [...errors, ...nullableItemErrors(items, below, 'map')];
}

function mapKeyErrors(
  name: string,
  items: JsonSchema,
  {
    below,
    field,
    keys,
  }: { readonly below: string; readonly field: string; readonly keys: readonly string[] },
): FieldError[] {
  const property = propertyOf(items, name);
  if (property === undefined) {
    return [invalid(field, keys, 'entries must all be names of item properties')];
  }
  const own = key(child(below, 'properties'), name);
  const errors: FieldError[] = [];
  if (property.type === 'array' || property.type === 'object') {
    const why = "must be a scalar type if parent array's x-kubernetes-list-type is map";
    errors.push(invalid(child(own, 'type'), items.type ?? '', why));
  }
  if (property.default === undefined && items.required?.includes(name) !== true) {
    const why =
      'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
    errors.push(required(child(own, 'default'), why));
  }
  if (property.nullable === true) {
    errors.push(
      forbidden(
        child(own, 'nullable'),
        'this property is in x-kubernetes-list-map-keys, so it cannot be nullable',
      ),
    );
  }
  return errors;
}

/** Items that are told apart are there. */
const nullableItemErrors = (items: JsonSchema, below: string, listType: string): FieldError[] =>
  items.nullable === true
    ? [
        forbidden(
          child(below, 'nullable'),
          `cannot be nullable when x-kubernetes-list-type is ${listType}`,
        ),
      ]
    : [];

function setListErrors(schema: JsonSchema, path: string): FieldError[] {
  const items = itemsOf(schema);
  if (items === undefined) return [];
  const below = child(path, 'items');
  const errors = nullableItemErrors(items, below, 'set');
  if (
    items.type === 'array' &&
    items['x-kubernetes-list-type'] !== 'atomic' &&
    items['x-kubernetes-list-type'] !== undefined
  ) {
    const why = 'must be atomic as item of a list with x-kubernetes-list-type=set';
    errors.push(
      invalid(child(below, 'x-kubernetes-list-type'), items['x-kubernetes-list-type'], why),
    );
  }
  if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') {
    const why = 'must be atomic as item of a list with x-kubernetes-list-type=set';
    const field = child(below, 'x-kubernetes-map-type');
    // Kubernetes shows the type of list here.
    errors.push(invalid(field, items['x-kubernetes-list-type'] ?? null, why));
  }
  return errors;
}

function listTypeDeclarationErrors(schema: JsonSchema, path: string): FieldError[] {
  const listType = schema['x-kubernetes-list-type'];
  const field = child(path, 'x-kubernetes-list-type');
  if (listType === undefined) {
    return (schema['x-kubernetes-list-map-keys'] ?? []).length === 0
      ? []
      : [required(field, 'must be map if x-kubernetes-list-map-keys is non-empty')];
  }
  const errors = wantsType(schema, path, 'array', 'x-kubernetes-list-type');
  if (listType !== 'map' && (schema['x-kubernetes-list-map-keys'] ?? []).length > 0) {
    const why = 'must be map if x-kubernetes-list-map-keys is non-empty';
    errors.push(invalid(field, listType, why));
  }
  switch (listType) {
    case 'map':
      return [...errors, ...mapListErrors(schema, path)];
    case 'set':
      return [...errors, ...setListErrors(schema, path)];
    case 'atomic':
      return errors;
    default:
      return [...errors, notSupported(field, listType, ['atomic', 'set', 'map'])];
  }
}

/** A default must be a value of its own schema, and nothing of it may be pruned. */
function defaultErrors(schema: JsonSchema, path: string): FieldError[] {
  const value = schema.default;
  if (value === undefined) return [];
  const field = child(path, 'default');
  const copy = structuredClone(value);
  if (pruneValue(copy, schema).length > 0) {
    return [invalid(field, value, `must not have unknown fields`)];
  }
  return [...valueErrors(value, schema, ''), ...listTypeErrors(value, schema, '')].map((error) => ({
    ...error,
    field:
      error.field === ''
        ? field
        : error.field.startsWith('[')
          ? `${field}${error.field}`
          : child(field, error.field),
  }));
}

function visit(schema: JsonSchema, path: string): FieldError[] {
  const types = typeErrors(schema, path);
  const errors = [
    ...types,
    ...unsupportedErrors(schema, path),
    ...patternErrors(schema, path),
    ...mapTypeErrors(schema, path),
    ...listTypeDeclarationErrors(schema, path),
  ];
  if (errors.length === 0) errors.push(...defaultErrors(schema, path));
  return [...errors, ...partsOf(schema, path).flatMap(([part, where]) => visit(part, where))];
}

/** Every schema below another one, with its path. */
function partsOf(schema: JsonSchema, path: string): readonly (readonly [JsonSchema, string])[] {
  const items = itemsOf(schema);
  const values = valuesOf(schema);
  const combined = (['allOf', 'anyOf', 'oneOf'] as const).flatMap((name) =>
    (schema[name] ?? []).map(
      (part, position) => [part, index(child(path, name), position)] as const,
    ),
  );
  return [
    ...(values === undefined ? [] : [[values, child(path, 'additionalProperties')] as const]),
    ...Object.entries(schema.properties ?? {}).map(
      ([name, part]) => [part, key(child(path, 'properties'), name)] as const,
    ),
    ...(items === undefined ? [] : [[items, child(path, 'items')] as const]),
    ...combined,
    ...(schema.not === undefined ? [] : [[schema.not, child(path, 'not')] as const]),
  ];
}

/** Whether a body's schema has the shape of one at all; what is not an object or list where it must be is no schema. */
function isSchema(schema: unknown): schema is JsonSchema {
  if (!isJsonObject(schema)) return false;
  return partsOf(schema as JsonSchema, '').every(([part]) => isSchema(part));
}

/** What is wrong with the schema of a version. */
export function schemaErrors(schema: JsonSchema, path: string): FieldError[] {
  if (!isSchema(schema)) return [invalid(path, schema, 'must be a schema')];
  const unsupported = visit(schema, path);
  const structural = structuralErrors(schema, path);
  const rules =
    unsupported.length + structural.length === 0 ? ruleDeclarationErrors(schema, path) : [];
  return [...unsupported, ...structural, ...rules];
}
