/**
 * Whether a schema is one custom resources may have: structural, without what the server does not support, with defaults and
 * rules that hold. Paths and words are Kubernetes'.
 */
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
import { defaultErrors } from './default-validation.js';
import { isJsonObject, itemsOf, propertyOf, typeMetaFields, valuesOf } from './json-schema.js';
import type { JsonSchema } from './json-schema.js';
import { ruleDeclarationErrors, ruleTextErrors } from './rule-validation.js';
import type { RuleOptions } from './rule-validation.js';
import { structuralErrors } from './structural-validation.js';

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

/** What the outer schemas say of a place. */
interface Place {
  readonly path: string;
  readonly isRoot: boolean;
  /** Within the apiVersion, kind or metadata of a resource. */
  readonly isMetadata: boolean;
  /** Why there may be no defaults here; undefined where there may. */
  readonly noDefaults: string | undefined;
}

function placeErrors(schema: JsonSchema, { path, isMetadata, noDefaults }: Place): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.default !== undefined && noDefaults !== undefined) {
    errors.push(forbidden(child(path, 'default'), `must not be set ${noDefaults}`));
  }
  if (isMetadata && schema['x-kubernetes-embedded-resource'] === true) {
    const field = child(path, 'x-kubernetes-embedded-resource');
    errors.push(forbidden(field, 'must not be used inside of resource meta'));
  }
  return errors;
}

function placeOfProperty(name: string, schema: JsonSchema, outer: Place): Place {
  const path = key(child(outer.path, 'properties'), name);
  const isResource = outer.isRoot || schema['x-kubernetes-embedded-resource'] === true;
  const begins = isResource && typeMetaFields.has(name);
  return {
    path,
    isRoot: false,
    isMetadata: outer.isMetadata || begins,
    noDefaults: begins && outer.isRoot ? `in top-level ${name}` : outer.noDefaults,
  };
}

function visit(schema: JsonSchema, place: Place): FieldError[] {
  const { path, isMetadata } = place;
  const errors = [
    ...typeErrors(schema, path),
    ...placeErrors(schema, place),
    ...unsupportedErrors(schema, path),
    ...mapTypeErrors(schema, path),
    ...listTypeDeclarationErrors(schema, path),
    ...ruleTextErrors(schema, path),
  ];
  const inside = { ...place, isRoot: false };
  const values = valuesOf(schema);
  if (values !== undefined) {
    const noDefaults = isMetadata
      ? 'inside additionalProperties applying to object metadata'
      : place.noDefaults;
    const where = child(path, 'additionalProperties');
    errors.push(...visit(values, { ...inside, path: where, noDefaults }));
  }
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    errors.push(...visit(part, placeOfProperty(name, schema, place)));
  }
  for (const [part, where] of restrictionsOf(schema, path)) {
    errors.push(...visit(part, { ...inside, path: where }));
  }
  return errors;
}

/** The schemas that are neither those of properties nor of a map's values, with their paths. */
function restrictionsOf(
  schema: JsonSchema,
  path: string,
): readonly (readonly [JsonSchema, string])[] {
  const items = itemsOf(schema);
  const combined = (['allOf', 'anyOf', 'oneOf'] as const).flatMap((name) =>
    (schema[name] ?? []).map(
      (part, position) => [part, index(child(path, name), position)] as const,
    ),
  );
  return [
    ...(items === undefined ? [] : [[items, child(path, 'items')] as const]),
    ...combined,
    ...(schema.not === undefined ? [] : [[schema.not, child(path, 'not')] as const]),
  ];
}

/** Every schema below another one. */
const partsOf = (schema: JsonSchema): readonly JsonSchema[] => [
  ...[valuesOf(schema)].filter((part) => part !== undefined),
  ...Object.values(schema.properties ?? {}),
  ...restrictionsOf(schema, '').map(([part]) => part),
];

/** Whether a body's schema has the shape of one at all; what is not an object or list where it must be is no schema. */
function isSchema(schema: unknown): schema is JsonSchema {
  return isJsonObject(schema) && partsOf(schema as JsonSchema).every(isSchema);
}

/** Keywords that keep anything more from being found out. */
const unreadable = [
  'additionalItems',
  'patternProperties',
  'definitions',
  'dependencies',
  '$ref',
] as const;

function isReadable(schema: JsonSchema): boolean {
  return (
    unreadable.every((name) => schema[name] === undefined) &&
    (schema.id ?? '') === '' &&
    !Array.isArray(schema.items) &&
    partsOf(schema).every(isReadable)
  );
}

function structureErrors(schema: JsonSchema, path: string): readonly FieldError[] {
  if (!isReadable(schema)) return [];
  const structural = structuralErrors(schema, path);
  return structural.length > 0 ? structural : defaultErrors(schema, path);
}

/** What is wrong with the schema of a version. */
export function schemaErrors(
  schema: JsonSchema,
  path: string,
  options: RuleOptions = {},
): FieldError[] {
  if (!isSchema(schema)) return [invalid(path, schema, 'must be a schema')];
  const structure = structureErrors(schema, path);
  const rest = visit(schema, { path, isRoot: true, isMetadata: false, noDefaults: undefined });
  const isSound = structure.length + rest.length === 0 && isReadable(schema);
  return [
    ...(schema.nullable === true
      ? [forbidden(child(path, 'nullable'), 'nullable cannot be true at the root')]
      : []),
    ...structure,
    ...rest,
    ...(isSound ? ruleDeclarationErrors(schema, path, options) : []),
  ];
}
