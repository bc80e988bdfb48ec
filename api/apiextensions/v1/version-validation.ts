/** The parts of a version beside its schema: subresources, printer columns and selectable fields. */
import { child, index, invalid, required, tooMany } from '../../validation/field-error.js';
import type { FieldError } from '../../validation/field-error.js';
import { compileJsonPath, JsonPathError } from '../schema/json-path.js';
import { propertyOf } from '../schema/json-schema.js';
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

function pathErrors(path: string, field: string): FieldError[] {
  const errors = startErrors(path, field);
  if (errors.length > 0) return errors;
  try {
    compileJsonPath(path);
    return [];
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    return [invalid(field, path, `is an invalid JSONPath: ${error.message}`)];
  }
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
  const errors = pathErrors(path, field);
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

/** The schema a path of names leads to. */
function schemaAt(schema: JsonSchema, path: string): JsonSchema | undefined {
  let found: JsonSchema | undefined = schema;
  for (const name of path.split('.').slice(1)) found = found && propertyOf(found, name);
  return found;
}

const selectableTypes = ['string', 'boolean', 'integer'];

/** Checks that fields to select by are scalars of the schema, each once. */
export function validateSelectableFields(
  fields: readonly SelectableField[] | undefined,
  schema: JsonSchema | undefined,
  field: string,
): FieldError[] {
  if (fields === undefined) return [];
  const errors: FieldError[] = [];
  if (fields.length > maxSelectableFields) {
    errors.push(tooMany(field, fields.length, maxSelectableFields));
  }
  const seen = new Set<string>();
  for (const [position, { jsonPath }] of fields.entries()) {
    const own = child(index(field, position), 'jsonPath');
    const problems = pathErrors(jsonPath, own);
    errors.push(...problems);
    if (problems.length > 0) continue;
    if (seen.has(jsonPath)) {
      errors.push({
        reason: 'FieldValueDuplicate',
        field: own,
        message: `Duplicate value: ${JSON.stringify(jsonPath)}`,
      });
    }
    seen.add(jsonPath);
    if (jsonPath.startsWith('.metadata.')) {
      errors.push(invalid(own, jsonPath, 'must not point to fields in metadata'));
      continue;
    }
    const found = schema && schemaAt(schema, jsonPath);
    if (found === undefined || !selectableTypes.includes(found.type ?? '')) {
      const why =
        found === undefined
          ? 'is an invalid path: does not refer to a valid field'
          : 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
      errors.push(invalid(own, jsonPath, why));
    }
  }
  return errors;
}
