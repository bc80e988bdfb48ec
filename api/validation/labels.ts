/** Checks of label and annotation maps, with Kubernetes' texts. */
import type { FieldError } from './field-error.js';
import { invalid, invalidBecause, tooLong } from './field-error.js';
import { byteLength, labelValueErrors, qualifiedNameErrors } from './names.js';

/** Bytes of all keys and values of an object's annotations together. */
const totalAnnotationSizeLimitBytes = 256 * 1024;

/** Checks one label key at `field`. */
export const validateLabelName = (name: string, field: string): FieldError[] =>
  invalidBecause(field, name, qualifiedNameErrors(name));

/** Checks a map of labels, or a selector written as one. */
export function validateLabels(
  labels: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] {
  if (labels === undefined) return [];
  return Object.entries(labels).flatMap(([name, value]) => [
    ...validateLabelName(name, field),
    ...invalidBecause(field, value, labelValueErrors(value)),
  ]);
}

/** Checks a map of annotations. Keys are compared in lower case, as Kubernetes does. */
export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] {
  if (annotations === undefined) return [];
  const entries = Object.entries(annotations);
  const errors = entries.flatMap(([name]) =>
    qualifiedNameErrors(name.toLowerCase()).map((detail) => invalid(field, name, detail)),
  );
  const sizeBytes = entries.reduce(
    (sum, [name, value]) => sum + byteLength(name) + byteLength(value),
    0,
  );
  if (sizeBytes > totalAnnotationSizeLimitBytes) {
    errors.push(tooLong(field, totalAnnotationSizeLimitBytes));
  }
  return errors;
}
