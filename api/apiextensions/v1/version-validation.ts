/** The parts of a version beside its schema: subresources, printer columns and selectable fields. */
import {
  child,
  duplicate,
  index,
  invalid,
  required,
  tooMany,
} from '../../validation/field-error.js';
import type { FieldError } from '../../validation/field-error.js';
import { FieldPathError, fieldPathIn } from '../schema/field-path.js';
import type { FieldPath } from '../schema/field-path.js';
import type { JsonSchema } from '../schema/json-schema.js';
import type {
  CustomResourceColumnDefinition,
  CustomResourceSubresources,
  SelectableField,
} from './types.js';

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = [
  'byte',
  'date',
  'date-time',
  'double',
  'float',
  'int32',
  'int64',
  'password',
];
const maxSelectableFields = 8;

/** What Kubernetes asks of a path on creation: whether it can be followed turns out in use. */
function startErrors(path: string, field: string): FieldError[] {
  if (path === '') return [required(field)];
  return path.startsWith('.')
    ? []
    : [invalid(field, path, 'must be a simple json path starting with .')];
}

function validateColumn(column: CustomResourceColumnDefinition, field: string): FieldError[] {
  const { name, type, format = '', jsonPath } = column;
  const types = `must be one of ${columnTypes.join(',')}`;
  const errors: FieldError[] = [];
  if (name === '') errors.push(required(child(field, 'name')));
  if (type === '') errors.push(required(child(field, 'type'), types));
  else if (!columnTypes.includes(type)) errors.push(invalid(child(field, 'type'), type, types));
  if (format !== '' && !columnFormats.includes(format)) {
    const why = `must be one of ${columnFormats.join(',')}`;
    errors.push(invalid(child(field, 'format'), format, why));
  }
  return [...errors, ...startErrors(jsonPath, child(field, 'JSONPath'))];
}

/** Checks printer columns. */
export const validateColumns = (
  columns: readonly CustomResourceColumnDefinition[] | undefined,
  field: string,
): FieldError[] =>
  (columns ?? []).flatMap((column, position) => validateColumn(column, index(field, position)));

/** A path of names alone, below one of the roots. */
function placedPath(
  path: string,
  field: string,
  { roots, why }: { readonly roots: readonly string[]; readonly why: string },
): FieldError[] {
  const errors = startErrors(path, field);
  if (errors.length > 0) return errors;
  return roots.some((root) => path.startsWith(root)) ? [] : [invalid(field, path, why)];
}

/** Checks the paths of the scale subresource. */
export function validateSubresources(
  subresources: CustomResourceSubresources | undefined,
  field: string,
): FieldError[] {
  const { scale } = subresources ?? {};
  if (scale === undefined) return [];
  const own = child(field, 'scale');
  const selector = scale.labelSelectorPath ?? '';
  return [
    ...placedPath(scale.specReplicasPath, child(own, 'specReplicasPath'), {
      roots: ['.spec.'],
      why: 'should be a json path under .spec',
    }),
    ...placedPath(scale.statusReplicasPath, child(own, 'statusReplicasPath'), {
      roots: ['.status.'],
      why: 'should be a json path under .status',
    }),
    ...(selector === ''
      ? []
      : placedPath(selector, child(own, 'labelSelectorPath'), {
          roots: ['.spec.', '.status.'],
          why: 'should be a json path under either .spec or .status',
        })),
  ];
}

const selectableTypes = ['string', 'boolean', 'integer'];

/** The path as errors tell it, or why there is none. */
function followed(path: string, schema: JsonSchema): FieldPath | string {
  try {
    return fieldPathIn(path, schema, { mayBracket: false });
  } catch (error) {
    if (error instanceof FieldPathError) return error.message;
    throw error;
  }
}

/** Checks that fields to select by are scalars of the schema, each once. */
export function validateSelectableFields(
  fields: readonly SelectableField[] | undefined,
  schema: JsonSchema | undefined,
  field: string,
): FieldError[] {
  if (fields === undefined || fields.length === 0) return [];
  if (schema === undefined) {
    const why =
      'selectableFields may only be set when version.schema.openAPIV3Schema is not included';
    return [invalid(field, '', why)];
  }
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [position, { jsonPath }] of fields.entries()) {
    const own = child(index(field, position), 'jsonPath');
    if (jsonPath === '') {
      errors.push(required(own));
      continue;
    }
    const found = followed(jsonPath, schema);
    if (typeof found === 'string') {
      errors.push(invalid(own, jsonPath, `is an invalid path: ${found}`));
      continue;
    }
    if (found.root === 'metadata') {
      errors.push(invalid(own, jsonPath, 'must not point to fields in metadata'));
    }
    if (!selectableTypes.includes(found.schema.type ?? '')) {
      const why =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
      errors.push(invalid(own, jsonPath, why));
    }
    if (seen.has(found.text)) errors.push(duplicate(own, jsonPath));
    seen.add(found.text);
  }
  if (seen.size > maxSelectableFields) errors.push(tooMany(field, seen.size, maxSelectableFields));
  return errors;
}
