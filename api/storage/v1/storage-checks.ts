/** Checks that several storage kinds share, with Kubernetes' texts. */
import { quantitySign } from '../../quantity.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  invalidBecause,
  forbidden,
  invalid,
  required,
  tooLong,
} from '../../validation/field-error.js';
import { byteLength, qualifiedNameErrors } from '../../validation/names.js';
import { jsonEqual } from '../../patch/json-value.js';
import { maxParameters, maxParametersBytes } from './limits.js';

/** Who provides the volumes of a class: a qualified name. */
export const validateProvisioner = (provisioner: string, field: string): FieldError[] =>
  provisioner === ''
    ? [required(field)]
    : invalidBecause(field, provisioner, qualifiedNameErrors(provisioner.toLowerCase()));

/** The settings of a class. */
export function validateParameters(
  parameters: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] {
  const entries = Object.entries(parameters ?? {});
  if (entries.length > maxParameters) return [tooLong(field, maxParameters)];
  const errors: FieldError[] = [];
  if (parameters !== undefined && '' in parameters) {
    errors.push(invalid(field, '', 'field can not be empty.'));
  }
  const bytes = entries.reduce((sum, pair) => sum + byteLength(pair[0]) + byteLength(pair[1]), 0);
  if (bytes > maxParametersBytes) errors.push(tooLong(field, maxParametersBytes));
  return errors;
}

/** Refuses a change in the words storage classes use. */
export const unchanging = (field: string, value: unknown, stored: unknown): FieldError[] =>
  jsonEqual(value ?? null, stored ?? null)
    ? []
    : [forbidden(field, `updates to ${field} are forbidden.`)];

/** Refuses a negative amount. */
export const nonNegativeQuantity = (value: string | undefined, field: string): FieldError[] =>
  value !== undefined && quantitySign(value) < 0
    ? [invalid(field, value, 'must be greater than or equal to 0')]
    : [];

/** The name of a class as tables show it: the default one says so. */
export const nameWithDefault = (
  { name, annotations }: { name: string; annotations?: Record<string, string> | undefined },
  ...keys: readonly string[]
): string => (keys.some((key) => annotations?.[key] === 'true') ? `${name} (default)` : name);
