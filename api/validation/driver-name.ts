import { invalidBecause, required, tooLong, type FieldError } from './field-error.js';
import { byteLength, dns1123SubdomainErrors } from './names.js';

/** Bytes of the name of a driver of volumes or devices; Kubernetes' bound. */
const maxDriverNameBytes = 63;

/** Checks the name of a driver, which has to be there. */
export function validateDriverName(name: string, field: string): FieldError[] {
  if (name === '') return [required(field)];
  const errors: FieldError[] = [];
  if (byteLength(name) > maxDriverNameBytes) errors.push(tooLong(field, maxDriverNameBytes));
  return [...errors, ...invalidBecause(field, name, dns1123SubdomainErrors(name.toLowerCase()))];
}
