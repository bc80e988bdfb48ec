/**
 * Structural schemas: every value's type is said once, outside of `allOf`, `anyOf`, `oneOf` and `not`, so that pruning and
 * defaulting need no look at the value. What those hold may only restrict.
 */
import { compilePattern } from '../../cel/library/pattern.js';
import { CelError } from '../../cel/values.js';
import { child, forbidden, index, invalid, key, required } from '../../validation/field-error.js';
import type { FieldError } from '../../validation/field-error.js';
import { itemsOf, propertyOf, valuesOf } from './json-schema.js';
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
  const errors: FieldError[] = [];
  if (schema['x-kubernetes-embedded-resource'] === true && type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? required(field, why) : invalid(field, type, why));
  } else if (
    type === '' &&
    schema['x-kubernetes-int-or-string'] !== true &&
    schema['x-kubernetes-preserve-unknown-fields'] !== true
  ) {
    errors.push(required(field, missingType[level]));
  }
  if (level === 'root' && type !== '' && type !== 'object') {
    errors.push(invalid(field, type, 'must be object at the root'));
  }
  if (type === 'array' && itemsOf(schema) === undefined) {
    errors.push(required(child(path, 'items'), 'must be specified'));
  }
  return errors;
}

/** What of root metadata may be said: its type, a default (which is refused elsewhere) and these properties. */
const saidOfMetadata = new Set(['type', 'default', 'properties']);
const restrictableMetadata = new Set(['name', 'generateName']);

function metadataErrors(schema: JsonSchema, path: string, level: Level): FieldError[] {
  const errors: FieldError[] = [];
  const properties = child(path, 'properties');
  const wrongType = (name: string, wanted: string): void => {
    const property = propertyOf(schema, name);
    if (property === undefined || property.type === wanted) return;
    const field = child(key(properties, name), 'type');
    errors.push(invalid(field, property.type ?? '', `must be ${wanted}`));
  };
  wrongType('kind', 'string');
  wrongType('apiVersion', 'string');
  wrongType('metadata', 'object');
  const metadata = propertyOf(schema, 'metadata');
  if (metadata === undefined || level !== 'root') return errors;
  const others = Object.keys(metadata).filter(
    (name) => !saidOfMetadata.has(name) && (restricts(metadata, name) || name === 'description'),
  );
  const names = Object.keys(metadata.properties ?? {});
  if (others.length > 0 || names.some((name) => !restrictableMetadata.has(name))) {
    const why =
      'must not specify anything other than name and generateName, but metadata is implicitly specified';
    errors.push(forbidden(key(properties, 'metadata'), why));
  }
  return errors;
}

/** What an embedded resource or an int-or-string cannot be at the same time. */
function extensionErrors(schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (schema['x-kubernetes-int-or-string'] === true) {
    const why = 'must be false if x-kubernetes-int-or-string is true';
    const refuse = (name: string): void => {
      errors.push(invalid(child(path, name), true, why));
    };
    if (keepsUnknown) refuse('x-kubernetes-preserve-unknown-fields');
    if (embedded) refuse('x-kubernetes-embedded-resource');
  }
  if (!embedded) return errors;
  if (schema.additionalProperties !== undefined) {
    const why = 'must not be used if x-kubernetes-embedded-resource is set';
    errors.push(forbidden(child(path, 'additionalProperties'), why));
  }
  if (!keepsUnknown && Object.keys(schema.properties ?? {}).length === 0) {
    const why =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(required(child(path, 'properties'), why));
  }
  return errors;
}

/** Whether a keyword says anything: what is empty, false or null does not. */
function restricts(schema: JsonSchema, name: string): boolean {
  const value: unknown = (schema as Record<string, unknown>)[name];
  if (value === undefined || value === null || value === '' || value === false) return false;
  return !Array.isArray(value) || value.length > 0;
}

/** Why what restricts may not say these of structure. */
const notInRestrictions: Readonly<Record<string, string>> = {
  type: 'must be empty to be structural',
  additionalProperties: 'must be undefined to be structural',
  default: 'must be undefined to be structural',
  title: 'must be empty to be structural',
  description: 'must be empty to be structural',
  nullable: 'must be false to be structural',
  'x-kubernetes-preserve-unknown-fields': 'must be false to be structural',
  'x-kubernetes-embedded-resource': 'must be false to be structural',
  'x-kubernetes-int-or-string': 'must be false to be structural',
  'x-kubernetes-list-map-keys': 'must be empty to be structural',
  'x-kubernetes-list-type': 'must be undefined to be structural',
  'x-kubernetes-map-type': 'must be undefined to be structural',
  'x-kubernetes-validations': 'must be empty to be structural',
};

/** `anyOf: [{type: integer}, {type: string}]` is how int-or-string may be said once more. */
const intOrStringForm = [{ type: 'integer' }, { type: 'string' }];

const isIntOrStringForm = (schema: JsonSchema | undefined): boolean =>
  schema?.anyOf !== undefined && jsonEqual(intOrStringForm, schema.anyOf);

function patternErrors({ pattern }: JsonSchema, path: string): FieldError[] {
  if (pattern === undefined || pattern === '') return [];
  try {
    compilePattern(pattern);
    return [];
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    const why = `must be a valid regular expression, but isn't: ${error.message}`;
    return [invalid(child(path, 'pattern'), pattern, why)];
  }
}

/** Which of the combined schemas are int-or-string said once more. */
interface Excepted {
  readonly anyOf: boolean;
  readonly firstAllOf: boolean;
}

const noneExcepted: Excepted = { anyOf: false, firstAllOf: false };

function combinedErrors(schema: JsonSchema, path: string, excepted: Excepted): FieldError[] {
  const errors = patternErrors(schema, path);
  for (const name of ['anyOf', 'allOf', 'oneOf'] as const) {
    if (name === 'anyOf' && excepted.anyOf) continue;
    for (const [position, part] of (schema[name] ?? []).entries()) {
      const anyOf = name === 'allOf' && position === 0 && excepted.firstAllOf;
      const where = index(child(path, name), position);
      errors.push(...restrictionErrors(part, where, { anyOf, firstAllOf: false }));
    }
  }
  if (schema.not !== undefined) {
    errors.push(...restrictionErrors(schema.not, child(path, 'not'), noneExcepted));
  }
  return errors;
}

/** What restricts may not say anything about structure. */
function restrictionErrors(schema: JsonSchema, path: string, excepted: Excepted): FieldError[] {
  const errors = combinedErrors(schema, path, excepted);
  const items = itemsOf(schema);
  if (items !== undefined) {
    errors.push(...restrictionErrors(items, child(path, 'items'), noneExcepted));
  }
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    const where = key(child(path, 'properties'), name);
    errors.push(...restrictionErrors(part, where, noneExcepted));
    if (name === 'metadata') {
      errors.push(forbidden(where, 'must not be specified in a nested context'));
    }
  }
  for (const [name, why] of Object.entries(notInRestrictions)) {
    const says =
      name === 'additionalProperties' || name === 'default'
        ? schema[name] !== undefined
        : restricts(schema, name);
    if (says) errors.push(forbidden(child(path, name), why));
  }
  return errors;
}

interface Structure {
  /** Undefined where it is missing. */
  readonly schema: JsonSchema | undefined;
  readonly path: string;
}

/** What restricts a part must be said of a part there is. */
function missingStructure(
  schema: JsonSchema,
  path: string,
  { schema: own, path: ownPath }: Structure,
): FieldError[] {
  if (own === undefined) return [required(ownPath, `because it is defined in ${path}`)];
  const errors = missingBelow(schema, path, { schema: own, path: ownPath });
  const items = itemsOf(schema);
  if (items !== undefined) {
    const structure = { schema: itemsOf(own), path: child(ownPath, 'items') };
    errors.push(...missingStructure(items, child(path, 'items'), structure));
  }
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    const structure = {
      schema: propertyOf(own, name),
      path: key(child(ownPath, 'properties'), name),
    };
    errors.push(...missingStructure(part, key(child(path, 'properties'), name), structure));
  }
  return errors;
}

function missingBelow(schema: JsonSchema, path: string, structure: Structure): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.not !== undefined) {
    errors.push(...missingStructure(schema.not, child(path, 'not'), structure));
  }
  for (const name of ['allOf', 'anyOf', 'oneOf'] as const) {
    for (const [position, part] of (schema[name] ?? []).entries()) {
      errors.push(...missingStructure(part, index(child(path, name), position), structure));
    }
  }
  return errors;
}

function visit(schema: JsonSchema, path: string, level: Level): FieldError[] {
  const isResource = level === 'root' || schema['x-kubernetes-embedded-resource'] === true;
  const errors = [
    ...typeErrors(schema, path, level),
    ...extensionErrors(schema, path),
    ...combinedErrors(schema, path, {
      anyOf: isIntOrStringForm(schema),
      firstAllOf: isIntOrStringForm(schema.allOf?.[0]),
    }),
    ...(isResource ? metadataErrors(schema, path, level) : []),
  ];
  const items = itemsOf(schema);
  const values = valuesOf(schema);
  if (items !== undefined) errors.push(...visit(items, child(path, 'items'), 'item'));
  if (level === 'root' && schema.additionalProperties !== undefined) {
    errors.push(forbidden(child(path, 'additionalProperties'), 'must not be used at the root'));
  }
  if (values !== undefined) {
    errors.push(...visit(values, child(path, 'additionalProperties'), 'field'));
  }
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    errors.push(...visit(part, key(child(path, 'properties'), name), 'field'));
  }
  return errors;
}

const textOf = ({ field, message }: FieldError): string => `${field}: ${message}`;

/** What keeps a schema from being structural, sorted by the text of the error. */
export function structuralErrors(schema: JsonSchema, path: string): FieldError[] {
  const errors = [
    ...visit(schema, path, 'root'),
    // Kubernetes looks only at what the root says of its parts.
    ...missingBelow(schema, path, { schema, path }),
  ];
  return errors.sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
}
