/** Checks of references that name an object by group, kind and name. Pure. */
import type { FieldError } from '../../validation/field-error.js';
import { child, invalidBecause, required } from '../../validation/field-error.js';
import { dns1123SubdomainErrors, pathSegmentNameErrors } from '../../validation/names.js';

/** A field of a reference and what it says. */
type Part = readonly [field: string, value: string];

/** What is wrong with a reference: its group, where it has one, and the parts it cannot do without. */
export function validateReferenceParts(
  field: string,
  { group, named }: { readonly group: Part | undefined; readonly named: readonly Part[] },
): FieldError[] {
  const errors =
    group === undefined
      ? []
      : invalidBecause(child(field, group[0]), group[1], dns1123SubdomainErrors(group[1]));
  for (const [part, value] of named) {
    const path = child(field, part);
    if (value === '') errors.push(required(path));
    else errors.push(...invalidBecause(path, value, pathSegmentNameErrors(value)));
  }
  return errors;
}
