/** Checks of label and annotation maps, with Kubernetes' texts. */
import type { FieldError } from './field-error.js';
import { invalidBecause, tooLong } from './field-error.js';
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
  const errors: FieldError[] = [];
  for (const name in labels) {
    const value = labels[name] ?? '';
    errors.push(
      ...validateLabelName(name, field),
      ...invalidBecause(field, value, labelValueErrors(value)),
    );
  }
  return errors;
}

/** Checks a map of annotations. Keys are compared in lower case, as Kubernetes does. */
export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  let sizeBytes = 0;
  for (const name in annotations) {
    errors.push(...invalidBecause(field, name, qualifiedNameErrors(name.toLowerCase())));
    sizeBytes += byteLength(name) + byteLength(annotations[name] ?? '');
  }
  if (sizeBytes > totalAnnotationSizeLimitBytes) {
    errors.push(tooLong(field, totalAnnotationSizeLimitBytes));
  }
  return errors;
}
