/**
 * Whether numbers fit the Go types that their schemas name. The limits in a schema must fit them too: one that does not
 * refuses every value.
 */
import { invalid } from '../../validation/field-error.js';
import type { FieldError } from '../../validation/field-error.js';
import { isKnownFormat } from './formats.js';
import { nowhere } from './json-schema.js';
import type { JsonSchema } from './json-schema.js';

const isInt32 = (value: number): boolean => Number.isInteger(value) && (value | 0) === value;
/** The largest such number is read as the one after it, which is why that fits. */
const isInt64 = (value: number): boolean => Number.isInteger(value) && Math.abs(value) <= 2 ** 63;
const isFloat32 = (value: number): boolean => Number.isFinite(Math.fround(value));

/** The format of a schema where the server knows what it asks; others count for nothing. */
export const knownFormatOf = ({ format = '', type = '' }: JsonSchema): string =>
  format !== '' && isKnownFormat(format, type) ? format : '';

function fits(value: number, schema: JsonSchema): boolean {
  const format = knownFormatOf(schema);
  if (schema.type === 'integer') return format === 'int32' ? isInt32(value) : isInt64(value);
  return schema.type !== 'number' || format !== 'float' || isFloat32(value);
}

/** What keeps a number out of the type of its schema; `what` is the value itself or a limit. */
export function rangeErrors(
  what: 'Checked' | 'Maximum boundary' | 'Minimum boundary' | 'MultipleOf',
  value: number,
  schema: JsonSchema,
  path: string,
): readonly FieldError[] {
  if (fits(value, schema)) return [];
  const format = knownFormatOf(schema);
  const type = `${schema.type ?? ''} ${format === '' ? '(default format)' : `with format ${format}`}`;
  return [invalid(nowhere, '', `${what} value must be of type ${type} in ${path}`)];
}
