/**
 * Structural schemas: every value's type is said once, outside of `allOf`, `anyOf`, `oneOf` and `not`, so that pruning and
 * defaulting need no look at the value. What those hold may only restrict.
 */
import { child, forbidden, index, invalid, key, required } from '../../validation/field-error.js';
import type { FieldError } from '../../validation/field-error.js';
import { isJsonObject, itemsOf, propertyOf, valuesOf } from './json-schema.js';
import type { JsonSchema } from './json-schema.js';
import { jsonEqual } from '../../patch/json-value.js';

type Level = 'root' | 'item' | 'field';

const missingType: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function typeErrors(schema: JsonSchema, path: string, level: Level): FieldError[] {
  const { type = '' } = schema;
  const field = child(path, 'type');
  if (schema['x-kubernetes-int-or-string'] === true) return [];
  if (schema['x-kubernetes-embedded-resource'] === true && type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true';
    return [type === '' ? required(field, why) : invalid(field, type, why)];
  }
  if (type === '') {
    return schema['x-kubernetes-preserve-unknown-fields'] === true && level !== 'root'
      ? []
      : [required(field, missingType[level])];
  }
  if (level === 'root' && type !== 'object')
    return [invalid(field, type, 'must be object at the root')];
  return type === 'array' && schema.items === undefined
    ? [required(child(path, 'items'), 'must be specified')]
    : [];
}

function metadataErrors(schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const properties = child(path, 'properties');
  for (const name of ['kind', 'apiVersion']) {
    const type = propertyOf(schema, name)?.type;
    if (type !== undefined && type !== 'string') {
      errors.push(invalid(child(key(properties, name), 'type'), type, 'must be string'));
    }
  }
  const metadata = propertyOf(schema, 'metadata');
  if (metadata === undefined) return errors;
  const field = key(properties, 'metadata');
  if (metadata.type !== undefined && metadata.type !== 'object') {
    errors.push(invalid(child(field, 'type'), metadata.type, 'must be object'));
  }
  const names = Object.keys(metadata.properties ?? {});
  const others = Object.keys(metadata).filter(
    (name) => !['type', 'description', 'properties'].includes(name),
  );
  if (others.length > 0 || names.some((name) => name !== 'name' && name !== 'generateName')) {
    const why =
      'must not specify anything other than name and generateName, but metadata is implicitly specified';
    errors.push(forbidden(field, why));
  }
  return errors;
}

function invariantErrors(schema: JsonSchema, path: string, level: Level): FieldError[] {
  const isResource = level === 'root' || schema['x-kubernetes-embedded-resource'] === true;
  const errors = typeErrors(schema, path, level);
  if (level === 'root' && schema.nullable === true) {
    errors.push(forbidden(child(path, 'nullable'), 'nullable cannot be true at the root'));
  }
  if (
    schema['x-kubernetes-embedded-resource'] === true &&
    schema['x-kubernetes-preserve-unknown-fields'] !== true &&
    schema.properties === undefined
  ) {
    const why =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(required(child(path, 'properties'), why));
  }
  return isResource ? [...errors, ...metadataErrors(schema, path)] : errors;
}

const mustBeEmpty = ['description', 'type', 'title'] as const;
const mustBeFalse = [
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
] as const;
const mustBeUndefined = [
  'default',
  'additionalProperties',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
  'x-kubernetes-validations',
] as const;

const has = (schema: JsonSchema, name: string): boolean => {
  const value: unknown = (schema as Record<string, unknown>)[name];
  return value !== undefined && value !== '' && value !== false;
};

/** `anyOf: [{type: integer}, {type: string}]` is how int-or-string may be said once more. */
const intOrStringForms = [[{ type: 'integer' }, { type: 'string' }]];

function isIntOrStringForm(alternatives: readonly JsonSchema[] | undefined): boolean {
  return intOrStringForms.some((form) => jsonEqual(form, alternatives));
}

/** What restricts may not say anything about structure. */
function restrictionErrors(schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const refuse = (name: string, why: string): void => {
    if (has(schema, name)) errors.push(forbidden(child(path, name), why));
  };
  for (const name of mustBeEmpty) refuse(name, 'must be empty to be structural');
  for (const name of mustBeFalse) refuse(name, 'must be false to be structural');
  if (schema.nullable === true) {
    errors.push(forbidden(child(path, 'nullable'), 'must be false to be structural'));
  }
  for (const name of mustBeUndefined) {
    const value: unknown = (schema as Record<string, unknown>)[name];
    const isMissing = value === undefined;
    if (!isMissing) errors.push(forbidden(child(path, name), 'must be undefined to be structural'));
  }
  return errors;
}

/** Walks what restricts; `outer` is the schema it stands in, which must name what it restricts. */
function restrictions(schema: JsonSchema, path: string, outer: Outer): FieldError[] {
  const errors = [...restrictionErrors(schema, path), ...combined(schema, path, outer)];
  const items = itemsOf(schema);
  if (items !== undefined) {
    const own = outer.schema && itemsOf(outer.schema);
    const where = child(outer.path, 'items');
    const from = child(path, 'items');
    if (outer.schema !== undefined && own === undefined) {
      errors.push(required(where, `because it is defined in ${from}`));
    }
    errors.push(...restrictions(items, from, { schema: own, path: where }));
  }
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    const own = outer.schema && (propertyOf(outer.schema, name) ?? valuesOf(outer.schema));
    const where = key(child(outer.path, 'properties'), name);
    const from = key(child(path, 'properties'), name);
    if (outer.schema !== undefined && own === undefined) {
      errors.push(required(where, `because it is defined in ${from}`));
    }
    errors.push(...restrictions(part, from, { schema: own, path: where }));
  }
  return errors;
}

interface Outer {
  /** Undefined below something that is missing itself. */
  readonly schema: JsonSchema | undefined;
  readonly path: string;
}

function combined(schema: JsonSchema, path: string, outer: Outer): FieldError[] {
  const errors: FieldError[] = [];
  const intOrString = schema['x-kubernetes-int-or-string'] === true;
  for (const name of ['allOf', 'anyOf', 'oneOf'] as const) {
    if (intOrString && name === 'anyOf' && isIntOrStringForm(schema.anyOf)) continue;
    for (const [position, part] of (schema[name] ?? []).entries()) {
      if (
        intOrString &&
        name === 'allOf' &&
        isIntOrStringForm(part.anyOf) &&
        Object.keys(part).length === 1
      )
        continue;
      errors.push(...restrictions(part, index(child(path, name), position), outer));
    }
  }
  if (schema.not !== undefined) errors.push(...restrictions(schema.not, child(path, 'not'), outer));
  return errors;
}

function visit(schema: JsonSchema, path: string, level: Level): FieldError[] {
  const errors = [
    ...invariantErrors(schema, path, level),
    ...combined(schema, path, { schema, path }),
  ];
  const items = itemsOf(schema);
  const values = valuesOf(schema);
  if (items !== undefined) errors.push(...visit(items, child(path, 'items'), 'item'));
  if (values !== undefined)
    errors.push(...visit(values, child(path, 'additionalProperties'), 'field'));
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    const isMetadata =
      name === 'metadata' &&
      (level === 'root' || schema['x-kubernetes-embedded-resource'] === true);
    if (isMetadata && !isJsonObject(part.properties)) continue;
    errors.push(...visit(part, key(child(path, 'properties'), name), 'field'));
  }
  return errors;
}

/** What keeps a schema from being structural. */
export const structuralErrors = (schema: JsonSchema, path: string): FieldError[] =>
  visit(schema, path, 'root');
