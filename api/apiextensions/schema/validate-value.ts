/**
 * Whether a value follows a schema: every keyword of OpenAPI v3 that custom resources may use, in the words of Kubernetes'
 * validator.
 */
import { compilePattern } from '../../cel/library/pattern.js';
import { codePointCount } from '../../cel/values.js';
import {
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from '../../validation/field-error.js';
import type { FieldError } from '../../validation/field-error.js';
import { hasFormat } from './formats.js';
import type { Correlation } from './correlation.js';
import { isJsonObject, nowhere, propertyOf } from './json-schema.js';
import type { JsonObject, JsonSchema } from './json-schema.js';
import { knownFormatOf, rangeErrors } from './number-ranges.js';
import { jsonEqual } from '../../patch/json-value.js';

/** Where paths begin: the root of an object has the empty path. */
const below = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

function jsonTypeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value === 'object' ? 'object' : typeof value;
}

const fitsType = (found: string, wanted: string): boolean =>
  found === wanted || (wanted === 'number' && found === 'integer');

interface Where {
  readonly path: string;
  readonly old: Correlation | undefined;
}

/** The format that Go has for a value of a type. */
const goFormats: ReadonlyMap<string, string> = new Map([
  ['integer', 'int64'],
  ['number', 'float64'],
]);

function typeErrors(value: unknown, schema: JsonSchema, path: string): readonly FieldError[] {
  const found = jsonTypeOf(value);
  if (found === 'null' && schema.nullable === true) return [];
  const { type = '' } = schema;
  const format = knownFormatOf(schema);
  const wanted =
    schema['x-kubernetes-int-or-string'] === true
      ? ['integer', 'string']
      : type === ''
        ? []
        : [type];
  if (wanted.some((one) => fitsType(found, one))) return [];
  const fail = (asked: string, what: string): readonly FieldError[] => [
    typeInvalid(path, what, `${path} in body must be of type ${asked}: ${JSON.stringify(what)}`),
  ];
  // Where neither type nor format fit, Kubernetes names the formats, of what has one.
  if (format !== '' && !['null', 'string', 'array'].includes(found)) {
    return fail(format, goFormats.get(found) ?? '');
  }
  return wanted.length === 0 ? [] : fail(wanted.join(','), found);
}

function numberErrors(value: number, schema: JsonSchema, path: string): readonly FieldError[] {
  const errors: FieldError[] = [...rangeErrors('Checked', value, schema, path)];
  const fail = (why: string): void => {
    errors.push(invalid(path, value, `${path} in body ${why}`));
  };
  const { minimum, maximum, multipleOf } = schema;
  if (multipleOf !== undefined) {
    errors.push(...rangeErrors('MultipleOf', multipleOf, schema, path));
    if (!isMultiple(value, multipleOf)) fail(`should be a multiple of ${String(multipleOf)}`);
  }
  if (minimum !== undefined) {
    errors.push(...rangeErrors('Minimum boundary', minimum, schema, path));
    if (schema.exclusiveMinimum === true && value <= minimum)
      fail(`should be greater than ${String(minimum)}`);
    else if (value < minimum) fail(`should be greater than or equal to ${String(minimum)}`);
  }
  if (maximum !== undefined) {
    errors.push(...rangeErrors('Maximum boundary', maximum, schema, path));
    if (schema.exclusiveMaximum === true && value >= maximum)
      fail(`should be less than ${String(maximum)}`);
    else if (value > maximum) fail(`should be less than or equal to ${String(maximum)}`);
  }
  return errors;
}

function isMultiple(value: number, factor: number): boolean {
  if (Number.isInteger(factor) && Number.isInteger(value)) return value % factor === 0;
  return Number.isInteger(value / factor);
}

function textErrors(value: string, schema: JsonSchema, path: string): readonly FieldError[] {
  const { format } = schema;
  const errors = [...lengthErrors(value, schema, path)];
  if (format !== undefined && format !== '' && !hasFormat(value, format)) {
    const why = `${path} in body must be of type ${format}: ${JSON.stringify(value)}`;
    errors.push(typeInvalid(path, value, why));
  }
  return errors;
}

/** The first of what is wrong with a text's length and letters. */
function lengthErrors(value: string, schema: JsonSchema, path: string): readonly FieldError[] {
  const { minLength, maxLength, pattern } = schema;
  const length = minLength === undefined && maxLength === undefined ? 0 : codePointCount(value);
  if (maxLength !== undefined && length > maxLength) return [tooLong(path, maxLength)];
  if (minLength !== undefined && length < minLength) {
    const why = `${path} in body should be at least ${String(minLength)} chars long`;
    return [invalid(path, value, why)];
  }
  if (pattern !== undefined && pattern !== '' && !compilePattern(pattern).test(value)) {
    return [invalid(path, value, `${path} in body should match '${pattern}'`)];
  }
  return [];
}

function listErrors(
  value: readonly unknown[],
  schema: JsonSchema,
  { path, old }: Where,
): readonly FieldError[] {
  const { items, minItems, maxItems } = schema;
  const errors = value.flatMap((element, position) => {
    const part = Array.isArray(items) ? (items as readonly JsonSchema[])[position] : items;
    return part === undefined
      ? []
      : valueErrors(
          element,
          part as JsonSchema,
          `${path}[${String(position)}]`,
          old?.item(element, schema),
        );
  });
  if (minItems !== undefined && value.length < minItems) {
    const why = `${path} in body should have at least ${String(minItems)} items`;
    errors.push(invalid(path, value.length, why));
  }
  if (maxItems !== undefined && value.length > maxItems) {
    errors.push(tooMany(path, value.length, maxItems));
  }
  if (schema.uniqueItems === true && hasDuplicates(value)) {
    errors.push(invalid(path, value, `${path} in body shouldn't contain duplicates`));
  }
  return errors;
}

const hasDuplicates = (value: readonly unknown[]): boolean =>
  value.some((element, position) =>
    value.slice(0, position).some((earlier) => jsonEqual(element, earlier)),
  );

function objectErrors(
  value: JsonObject,
  schema: JsonSchema,
  { path, old }: Where,
): readonly FieldError[] {
  const names = Object.keys(value);
  const { minProperties, maxProperties } = schema;
  if (minProperties !== undefined && names.length < minProperties) {
    const why = `${path} in body should have at least ${String(minProperties)} properties`;
    return [invalid(path, minProperties, why)];
  }
  if (maxProperties !== undefined && names.length > maxProperties) {
    return [tooMany(path, names.length, maxProperties)];
  }
  const errors = names.flatMap((name) =>
    propertyErrors(value[name], schema, { path, name, old: old?.property(name) }),
  );
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) errors.push(required(below(path, name)));
  }
  return errors;
}

function propertyErrors(
  value: unknown,
  schema: JsonSchema,
  { path, name, old }: Where & { readonly name: string },
): readonly FieldError[] {
  const where = below(path, name);
  const property = propertyOf(schema, name);
  if (property !== undefined) return valueErrors(value, property, where, old);
  const { additionalProperties } = schema;
  if (additionalProperties === false && !isTypeMeta(name, path)) {
    return [invalid(where, '', `${where} in body is a forbidden property`)];
  }
  return typeof additionalProperties === 'object'
    ? valueErrors(value, additionalProperties, where, old)
    : [];
}

const isTypeMeta = (name: string, path: string): boolean =>
  path === '' && ['apiVersion', 'kind', 'metadata'].includes(name);

function enumErrors(value: unknown, schema: JsonSchema, path: string): readonly FieldError[] {
  if (schema.enum === undefined || (value === null && schema.nullable === true)) return [];
  if (schema.enum.some((allowed) => jsonEqual(allowed, value))) return [];
  const allowed = schema.enum.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  return [notSupported(path, value, allowed)];
}

/** The failures of the alternative that came closest. */
function bestOf(alternatives: readonly (readonly FieldError[])[]): readonly FieldError[] {
  return alternatives.reduce<readonly FieldError[]>(
    (best, errors, position) => (position === 0 || errors.length < best.length ? errors : best),
    [],
  );
}

function combinedErrors(value: unknown, schema: JsonSchema, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { allOf, anyOf, oneOf, not } = schema;
  const shown = JSON.stringify(path);
  const fail = (why: string): void => {
    errors.push(invalid(nowhere, '', `${shown} ${why}`));
  };
  if (anyOf !== undefined && anyOf.length > 0) {
    const results = anyOf.map((part) => valueErrors(value, part, path));
    if (results.every((failures) => failures.length > 0)) {
      fail('must validate at least one schema (anyOf)');
      errors.push(...bestOf(results));
    }
  }
  if (oneOf !== undefined && oneOf.length > 0) {
    const results = oneOf.map((part) => valueErrors(value, part, path));
    const valid = results.filter((failures) => failures.length === 0).length;
    const wanted = 'must validate one and only one schema (oneOf).';
    if (valid === 0) {
      fail(`${wanted} Found none valid`);
      errors.push(...bestOf(results));
    } else if (valid > 1) fail(`${wanted} Found ${String(valid)} valid alternatives`);
  }
  if (allOf !== undefined && allOf.length > 0) {
    const results = allOf.map((part) => valueErrors(value, part, path));
    const valid = results.filter((failures) => failures.length === 0).length;
    if (valid < allOf.length) {
      errors.push(...results.flat());
      fail(`must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`);
    }
  }
  if (not !== undefined && valueErrors(value, not, path).length === 0) {
    fail('must not validate the schema (not)');
  }
  return errors;
}

/**
 * What is wrong with a value. Paths begin at `path`. Given the value it replaces, what has not changed is not held against
 * it: schemas may become stricter without making stored objects unchangeable.
 */
export function valueErrors(
  value: unknown,
  schema: JsonSchema,
  path: string,
  old?: Correlation,
): FieldError[] {
  if (old?.isSame(value) === true) return [];
  const errors = [...typeErrors(value, schema, path)];
  if (value !== null) errors.push(...combinedErrors(value, schema, path));
  if (typeof value === 'number') errors.push(...numberErrors(value, schema, path));
  else if (typeof value === 'string') errors.push(...textErrors(value, schema, path));
  else if (Array.isArray(value)) errors.push(...listErrors(value, schema, { path, old }));
  errors.push(...enumErrors(value, schema, path));
  if (isJsonObject(value)) errors.push(...objectErrors(value, schema, { path, old }));
  return errors;
}
