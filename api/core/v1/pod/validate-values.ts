/** Small checks that every part of a pod's validation builds on. Called by the `validate-*.ts` files beside this one. */
import type { FieldError } from '../../../validation/field-error.js';
import {
  child,
  index,
  invalid,
  notSupported,
  required,
  invalidBecause,
} from '../../../validation/field-error.js';
import { portNameErrors, portNumberErrors } from '../../../validation/names.js';

/** Checks a text that may be absent with a syntax check. */
export const optionalName = (
  field: string,
  value: string | undefined,
  check: (value: string) => string[],
): FieldError[] =>
  value === undefined || value === '' ? [] : invalidBecause(field, value, check(value));

/** Checks a text that has to be there with a syntax check. */
export const requiredName = (
  field: string,
  value: string | undefined,
  check: (value: string) => string[],
): FieldError[] =>
  value === undefined || value === ''
    ? [required(field)]
    : invalidBecause(field, value, check(value));

/** Reports an absent or empty text. */
export const requiredText = (
  field: string,
  value: string | undefined,
  detail = '',
): FieldError[] => (value === undefined || value === '' ? [required(field, detail)] : []);

/** Reports a text outside a set, which the message lists as given; absent and empty texts pass. */
export const oneOf = (
  field: string,
  value: string | undefined,
  allowed: readonly string[],
): FieldError[] =>
  value === undefined || value === '' || allowed.includes(value)
    ? []
    : [notSupported(field, value, allowed)];

/** As `oneOf`, where an empty text, given on purpose, is one too many. */
export const anyOf = (
  field: string,
  value: string | undefined,
  allowed: readonly string[],
): FieldError[] =>
  value === undefined || allowed.includes(value) ? [] : [notSupported(field, value, allowed)];

/** As `oneOf`, of a text that has to be there. */
export const requiredOneOf = (
  field: string,
  value: string | undefined,
  allowed: readonly string[],
): FieldError[] =>
  value === undefined || value === '' ? [required(field)] : oneOf(field, value, allowed);

/** A port by number or by name; absent counts as 0, which is none. */
export const portErrors = (field: string, port: number | string | undefined): FieldError[] =>
  typeof port === 'string'
    ? invalidBecause(field, port, portNameErrors(port))
    : invalidBecause(field, port ?? 0, portNumberErrors(port ?? 0));

/** A path that stays below where it starts. */
export function descendingPath(field: string, path: string): FieldError[] {
  const errors = noBacksteps(field, path);
  if (path.startsWith('/')) errors.unshift(invalid(field, path, 'must be a relative path'));
  return errors;
}

/** A path none of whose segments is `..`. */
export const noBacksteps = (field: string, path: string): FieldError[] =>
  path.includes('..') && path.split('/').includes('..')
    ? [invalid(field, path, "must not contain '..'")]
    : [];

/** A descending path whose first segment leaves names beginning with `..` to the volume itself. */
export function unreservedPath(field: string, path: string): FieldError[] {
  const errors = descendingPath(field, path);
  if (path.startsWith('..') && !path.startsWith('../')) {
    errors.push(invalid(field, path, "must not start with '..'"));
  }
  return errors;
}

/** Runs a check over a list, handing it each element's path. */
export function eachOf<T>(
  field: string,
  items: readonly T[] | undefined,
  check: (item: T, field: string, position: number) => readonly FieldError[],
): FieldError[] {
  const errors: FieldError[] = [];
  if (items === undefined) return errors;
  let position = 0;
  for (const item of items) {
    const found = check(item, index(field, position), position);
    if (found.length > 0) errors.push(...found);
    position += 1;
  }
  return errors;
}

/** A source that names one of several alternatives: reports none, and every one beyond the first. */
export function exactlyOne(
  field: string,
  names: readonly string[],
  texts: { readonly none: string; readonly several: string },
  forbid: (field: string, detail: string) => FieldError,
): FieldError[] {
  if (names.length === 0) return [required(field, texts.none)];
  return names.slice(1).map((name) => forbid(child(field, name), texts.several));
}
