/**
 * What is wrong with one field of an object, in the words and reasons Kubernetes uses, and the constructors for it.
 *
 * Called by every `validate` function; rendered into a Status by `StatusError.invalid`.
 */

/** The reasons of Status causes, as in `io.k8s.apimachinery…StatusCause.reason`. */
export type FieldErrorReason =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueNotFound'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'InternalError';

export interface FieldError {
  readonly reason: FieldErrorReason;
  /** Path of the field, such as `spec.containers[0].name`. */
  readonly field: string;
  /** The message without the path, such as `Invalid value: "x": must be …`. */
  readonly message: string;
}

/** The path of a field below `parent`, which may be empty. Made for every field that is checked, so it only joins texts. */
export function child(parent: string, name: string, ...deeper: readonly string[]): string {
  let path = parent === '' ? name : name === '' ? parent : `${parent}.${name}`;
  for (const next of deeper) path = child(path, next);
  return path;
}

/** The path of a list element. */
export const index = (parent: string, position: number): string => `${parent}[${String(position)}]`;

/** The path of a map value. */
export const key = (parent: string, name: string): string => `${parent}[${name}]`;

/**
 * A value as Kubernetes prints it in messages: strings quoted, structures as JSON. What is undefined is a pointer to nothing
 * there, printed as the text `"null"`; null is a map or list that is not set.
 */
function formatValue(value: unknown): string {
  if (value === undefined) return '"null"';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return JSON.stringify(value);
}

const withDetail = (text: string, detail: string): string =>
  detail === '' ? text : `${text}: ${detail}`;

/** The field has to have a value. */
export const required = (field: string, detail = ''): FieldError => ({
  reason: 'FieldValueRequired',
  field,
  message: withDetail('Required value', detail),
});

/** The value is wrong, and why. */
export const invalid = (field: string, value: unknown, detail: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field,
  message: withDetail(`Invalid value: ${formatValue(value)}`, detail),
});

/** `allowed` is printed quoted, in the order given, as Kubernetes does (it sorts sets before printing). */
export const notSupported = (
  field: string,
  value: unknown,
  allowed: readonly string[],
): FieldError => ({
  reason: 'FieldValueNotSupported',
  field,
  message: withDetail(
    `Unsupported value: ${formatValue(value)}`,
    allowed.length === 0
      ? ''
      : `supported values: ${allowed.map((text) => JSON.stringify(text)).join(', ')}`,
  ),
});

/** The value stands in the list already. */
export const duplicate = (field: string, value: unknown, detail = ''): FieldError => ({
  reason: 'FieldValueDuplicate',
  field,
  message: withDetail(`Duplicate value: ${formatValue(value)}`, detail),
});

/** The field may not be set, or changed, here. */
export const forbidden = (field: string, detail: string): FieldError => ({
  reason: 'FieldValueForbidden',
  field,
  message: withDetail('Forbidden', detail),
});

/** The value names what is not there. */
export const notFound = (field: string, value: unknown, detail = ''): FieldError => ({
  reason: 'FieldValueNotFound',
  field,
  message: withDetail(`Not found: ${formatValue(value)}`, detail),
});

/** The text or JSON has more bytes than that. */
export const tooLong = (field: string, maxBytes: number): FieldError => ({
  reason: 'FieldValueTooLong',
  field,
  message: `Too long: may not be more than ${String(maxBytes)} bytes`,
});

/** The list has more elements than `max`. */
export const tooMany = (field: string, actual: number, max: number): FieldError => ({
  reason: 'FieldValueTooMany',
  field,
  message: `Too many: ${String(actual)}: must have at most ${String(max)} items`,
});

/** The value is of the wrong type. */
export const typeInvalid = (field: string, value: unknown, detail: string): FieldError => ({
  reason: 'FieldValueTypeInvalid',
  field,
  message: withDetail(`Invalid value: ${formatValue(value)}`, detail),
});

/** As `invalid`, where the value would only repeat what the detail says. */
export const invalidState = (field: string, detail: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field,
  message: withDetail('Invalid value', detail),
});

/** Everything that is wrong with one value, an error each. */
export const invalidBecause = (
  field: string,
  value: unknown,
  details: readonly string[],
): FieldError[] => details.map((detail) => invalid(field, value, detail));

const textOf = ({ field, message }: FieldError): string => `${field}: ${message}`;

/**
 * The errors of an object that the stored one does not have as well: when rules become stricter, what was stored before can
 * still be changed in other ways.
 */
export function withoutKnown(
  errors: readonly FieldError[],
  known: readonly FieldError[],
): FieldError[] {
  const texts = new Set(known.map(textOf));
  return errors.filter((error) => !texts.has(textOf(error)));
}
