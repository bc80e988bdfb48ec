/** JSON values and the few operations that all three patch formats share. Never mutates what it is given. */

import { canonicalJson } from '../canonical-json.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a JSON value is an object, which neither null nor a list is. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Sets an own property even where its name is `__proto__`, which plain assignment would take as the prototype. */
export function setOwn(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  } else {
    target[name] = value;
  }
}

/** A text that equal values have in common and others do not, so that they can be looked up. */
export const keyText = (value: unknown): string =>
  typeof value === 'string' ? `"${value}` : canonicalJson(value ?? null);

/** Equality of JSON scalars and structures, independent of the order of keys. */
export function jsonEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, at) => jsonEqual(item, right[at]));
  }
  if (!isJsonObject(left) || !isJsonObject(right)) return false;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && jsonEqual(left[name], right[name]))
  );
}
