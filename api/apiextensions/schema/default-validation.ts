/** Whether the defaults of a structural schema can be: values of their own schema, pruned, with metadata that could be stored. */
import { CelCompileError } from '../../cel/source.js';
import { child, invalid, key } from '../../validation/field-error.js';
import type { FieldError } from '../../validation/field-error.js';
import { embeddedErrors } from './embedded.js';
import { itemsOf, nowhere, typeMetaFields } from './json-schema.js';
import type { JsonSchema } from './json-schema.js';
import { pruneValue } from './prune.js';
import { ruleErrors } from './rules.js';
import { valueErrors } from './validate-value.js';

/** Makes of a value at some place below a resource the whole resource. */
type Surround = (value: unknown) => unknown;

interface Place {
  readonly path: string;
  readonly surround: Surround;
  /** The schema of the resource this belongs to, whose metadata it may be. */
  readonly resource: JsonSchema;
  readonly isMetadata: boolean;
}

const typeMeta = { apiVersion: 'validation/v1', kind: 'Validation' };
const newResource: Surround = (value) => ({ ...typeMeta, ...(value as object) });

const asResource = (schema: JsonSchema): JsonSchema => ({
  ...schema,
  'x-kubernetes-embedded-resource': true,
});

const textOf = ({ field, message }: FieldError): string => `${field}: ${message}`;

/** Several errors as Kubernetes writes them in one line. */
const listed = (errors: readonly FieldError[]): string =>
  errors.length === 1 ? errors.map(textOf).join('') : `[${errors.map(textOf).join(', ')}]`;

/** Below the default at `field`, whose own path is empty. */
function placedAt(field: string, error: FieldError): FieldError {
  if (error.field === nowhere) return { ...error, field };
  const isElement = error.field.startsWith('[');
  return { ...error, field: isElement ? `${field}${error.field}` : child(field, error.field) };
}

function ownErrors(schema: JsonSchema, place: Place): FieldError[] {
  const value = schema.default;
  if (value === undefined || value === null) return [];
  const field = child(place.path, 'default');
  const placed = (error: FieldError): FieldError => placedAt(field, error);
  if (place.isMetadata) {
    const errors = embeddedErrors(place.surround(value), asResource(place.resource), '');
    if (errors.length > 0) {
      return [invalid(field, value, `must result in valid metadata: ${listed(errors)}`)];
    }
    return valueErrors(value, schema, '').map(placed);
  }
  const unknown =
    pruneValue(structuredClone(value), schema).length > 0
      ? [invalid(field, value, 'must not have unknown fields')]
      : [];
  const embedded = embeddedErrors(value, schema, '');
  if (embedded.length > 0) return [...unknown, ...embedded.map(placed)];
  const values = valueErrors(value, schema, '');
  if (values.length > 0) return [...unknown, ...values.map(placed)];
  return [...unknown, ...brokenRules(value, schema).map(placed)];
}

/** What rules have against a default; that they do not compile is reported of them, not of it. */
function brokenRules(value: unknown, schema: JsonSchema): readonly FieldError[] {
  try {
    return ruleErrors(value, undefined, schema).errors;
  } catch (error) {
    if (error instanceof CelCompileError) return [];
    throw error;
  }
}

function visit(schema: JsonSchema, outer: Place): FieldError[] {
  const isResource = schema['x-kubernetes-embedded-resource'] === true;
  const place: Place = isResource
    ? { path: outer.path, surround: newResource, resource: schema, isMetadata: false }
    : outer;
  const errors = ownErrors(schema, place);
  const { path, surround } = place;
  const items = itemsOf(schema);
  if (items !== undefined) {
    const within: Surround = (value) => surround([value]);
    errors.push(...visit(items, { ...place, path: child(path, 'items'), surround: within }));
  }
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    errors.push(
      ...visit(part, {
        ...place,
        path: key(child(path, 'properties'), name),
        surround: (value) => surround({ [name]: value }),
        isMetadata: place.isMetadata || (isResource && typeMetaFields.has(name)),
      }),
    );
  }
  return errors;
}

/** What is wrong with the defaults of a schema that is structural. Those of a map's values are not looked at. */
export function defaultErrors(schema: JsonSchema, path: string): FieldError[] {
  const root = asResource(schema);
  return visit(root, { path, surround: newResource, resource: root, isMetadata: false });
}
