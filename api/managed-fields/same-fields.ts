/** Whether two objects have the same fields, which is sooner told than what their fields are. */
import type { JsonObject } from '../patch/json-value.js';
import { jsonEqual } from '../patch/json-value.js';
import { isOpen } from './compare.js';
import type { ListShape } from './list-elements.js';
import { resolved } from './shape.js';
import type { KnownShape, Shape, StructShape } from './shape.js';

type ObjectShape = KnownShape & { readonly type: 'struct' | 'map' };

/** Whether two elements of a list have the same path element. False too where one of them has none. */
function isSameElement({ keys }: ListShape, left: unknown, right: unknown): boolean {
  if (keys === undefined) return typeof left !== 'object' && left === right;
  if (typeof left !== 'object' || left === null || typeof right !== 'object' || right === null) {
    return false;
  }
  for (const { name, fallback } of keys) {
    const value = (left as JsonObject)[name] ?? fallback;
    if (value === undefined || typeof value === 'object') return false;
    if (value !== ((right as JsonObject)[name] ?? fallback)) return false;
  }
  return true;
}

function haveSameElements(
  shape: ListShape,
  left: readonly unknown[],
  right: readonly unknown[],
): boolean {
  if (left.length !== right.length) return false;
  for (let position = 0; position < left.length; position += 1) {
    const [own, other] = [left[position], right[position]];
    if (!isSameElement(shape, own, other)) return false;
    if (!haveSameFieldsBelow(shape.items, own, other)) return false;
  }
  return true;
}

function haveSameMembers(shape: ObjectShape, left: JsonObject, right: JsonObject): boolean {
  let more = 0;
  for (const name in left) {
    if (left[name] === undefined) continue;
    const field = shape.type === 'struct' ? shape.fields.get(name) : undefined;
    if (field?.unowned === true) continue;
    if (!Object.hasOwn(right, name) || right[name] === undefined) return false;
    more += 1;
    const inner = field?.shape ?? (shape.type === 'map' ? shape.values : shape.others);
    if (inner === undefined) continue;
    if (!haveSameFieldsBelow(inner, left[name], right[name], field?.zero)) return false;
  }
  for (const name in right) {
    if (right[name] === undefined) continue;
    if (shape.type === 'map' || shape.fields.get(name)?.unowned !== true) more -= 1;
  }
  return more === 0;
}

function haveSameFieldsBelow(shape: Shape, left: unknown, right: unknown, zero?: unknown): boolean {
  const known = resolved(shape, left);
  if (resolved(shape, right) !== known) return false;
  const opens = isOpen(known, left);
  if (isOpen(known, right) !== opens) return false;
  // What is no field while it has its zero is all that a leaf's value decides.
  if (!opens) return zero === undefined || jsonEqual(left, zero) === jsonEqual(right, zero);
  return known.type === 'list'
    ? haveSameElements(known, left as readonly unknown[], right as readonly unknown[])
    : haveSameMembers(known as ObjectShape, left as JsonObject, right as JsonObject);
}

/**
 * Whether who creates `left` comes to own the same fields as who creates `right`. What it does not look at closely enough, such
 * as lists in another order, it takes for different.
 */
export const haveSameFields = (shape: StructShape, left: object, right: object): boolean =>
  haveSameMembers(shape, left as JsonObject, right as JsonObject);
