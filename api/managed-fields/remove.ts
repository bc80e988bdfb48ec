/** Takes fields out of an object, by a set of their paths. What is left empty goes too. */
import { isJsonObject, setOwn } from '../patch/json-value.js';
import type { JsonObject } from '../patch/json-value.js';
import { isMember, member, withSelf } from './field-set.js';
import type { FieldSet, FieldSetDraft } from './field-set.js';
import { ElementError, elementOf } from './list-elements.js';
import type { ListShape } from './list-elements.js';
import { memberShape, resolved } from './shape.js';
import type { KnownShape, Shape, StructShape } from './shape.js';

type ObjectShape = KnownShape & { readonly type: 'struct' | 'map' };

function elementOrNone(shape: ListShape, item: unknown): string | undefined {
  try {
    return elementOf(shape, item);
  } catch (error) {
    if (error instanceof ElementError) return undefined;
    throw error;
  }
}

/** A value without the fields below it that `node` names; undefined where nothing is left of it. */
function removedBelow(shape: Shape, value: unknown, node: FieldSet): unknown {
  const known = resolved(shape, value);
  if (known.type === 'leaf') return value;
  if (known.type === 'list') {
    if (!Array.isArray(value) || value.length === 0) return value;
    if (known.atomic) return undefined;
    const left = remainingItems(known, value, node);
    return left.length === 0 ? undefined : left;
  }
  if (!isJsonObject(value) || Object.keys(value).length === 0) return value;
  if (known.atomic) return undefined;
  const left = remainingMembers(known, value, node);
  return Object.keys(left).length === 0 ? undefined : left;
}

function remainingItems(shape: ListShape, list: readonly unknown[], node: FieldSet): unknown[] {
  const result: unknown[] = [];
  for (const item of list) {
    const element = elementOrNone(shape, item);
    const below = element === undefined ? undefined : node[element];
    if (below === undefined) result.push(item);
    else if (!isMember(below)) {
      const rest = removedBelow(shape.items, item, below);
      if (rest !== undefined) result.push(rest);
    }
  }
  return result;
}

function remainingMembers(shape: ObjectShape, object: JsonObject, node: FieldSet): JsonObject {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(object)) {
    const below = node[`f:${name}`];
    const inner = memberShape(shape, name);
    if (below === undefined || inner === undefined) setOwn(result, name, value);
    else if (!isMember(below)) {
      const rest = removedBelow(inner, value, below);
      if (rest !== undefined) setOwn(result, name, rest);
    }
  }
  return result;
}

/** An object without the fields of a set. */
export const removeFields = (shape: StructShape, object: JsonObject, set: FieldSet): JsonObject =>
  remainingMembers(shape, object, set);

/** The shape one step further down a path; undefined where nothing is known of it. */
function shapeBelow(shape: Shape | undefined, element: string): Shape | undefined {
  if (shape === undefined || shape.type === 'deduced') return shape;
  if (!element.startsWith('f:')) return shape.type === 'list' ? shape.items : undefined;
  if (shape.type !== 'map' && shape.type !== 'struct') return undefined;
  return memberShape(shape, element.slice(2));
}

function withDeclaredBelow(shape: Shape | undefined, node: FieldSet): FieldSet {
  const result: FieldSetDraft = {};
  for (const element in node) {
    const below = withDeclaredBelow(shapeBelow(shape, element), node[element] ?? member);
    const isDeclared =
      shape?.type === 'struct' && element.startsWith('f:') && shape.fields.has(element.slice(2));
    result[element] = isDeclared ? withSelf(below) : below;
  }
  return result;
}

/** The set with every declared field that something in it lies below. Entries of maps and lists are not added. */
export const withDeclaredFields = (shape: StructShape, set: FieldSet): FieldSet =>
  withDeclaredBelow(shape, set);
