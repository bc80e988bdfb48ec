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

/** Whether two JSON values are the same, whatever the order of their fields; undefined fields count as absent. */
export function jsonEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return false;
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    return (
      Array.isArray(left) &&
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((element, position) => jsonEqual(element, right[position]))
    );
  }
  const [a, b] = [left as JsonObject, right as JsonObject];
  let fields = 0;
  for (const name in a) {
    if (a[name] === undefined) continue;
    fields += 1;
    if (!jsonEqual(a[name], b[name])) return false;
  }
  for (const name in b) if (b[name] !== undefined) fields -= 1;
  return fields === 0;
}
