import { invalid, type FieldError } from './field-error.js';

/** Counters and periods may not be negative; absent ones are fine. */
export const nonNegative = (value: number | undefined, field: string): FieldError[] =>
  value !== undefined && value < 0
    ? [invalid(field, value, 'must be greater than or equal to 0')]
    : [];
