/**
 * Which fields a value has, and which differ between two. The heart of ownership: an update owns what it added or changed.
 * Semantics after Kubernetes' structured merge: containers are fields of their own when they come or go, an empty list or
 * object counts as a leaf, equal list elements that occur twice are compared as one.
 */
import { isJsonObject, jsonEqual } from '../patch/json-value.js';
import type { JsonObject } from '../patch/json-value.js';
import { emptySet, isEmptySet, member, withSelf, withoutSelf } from './field-set.js';
import type { FieldSet, FieldSetDraft } from './field-set.js';
import { grouped } from './list-elements.js';
import type { ListShape } from './list-elements.js';
import { memberOf, memberShape, resolved } from './shape.js';
import type { KnownShape, Shape, StructShape } from './shape.js';

type ObjectShape = KnownShape & { readonly type: 'struct' | 'map' };

/** Null, an empty list or an empty object. */
export const isNothing = (value: unknown): boolean =>
  typeof value === 'object' &&
  (value === null || (Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0));

/** Whether a value of a shape is looked into, and not only at. */
export function isOpen(shape: KnownShape, value: unknown): boolean {
  if (shape.type === 'leaf' || shape.atomic || typeof value !== 'object' || value === null) {
    return false;
  }
  return shape.type === 'list' ? Array.isArray(value) : !Array.isArray(value);
}

/** The node of a value that is there on one side only: it and everything in it. */
function wholeNode(shape: Shape, value: unknown): FieldSet {
  const known = resolved(shape, value);
  if (!isOpen(known, value)) return member;
  const node: FieldSetDraft = { '.': member };
  if (known.type === 'list') {
    if (isNothing(value)) return member;
    for (const [element, items] of grouped(known, value as readonly unknown[])) {
      node[element] = items.length > 1 ? member : wholeNode(known.items, items[0]);
    }
    return node;
  }
  const members = value as JsonObject;
  let isEmpty = true;
  for (const name in members) {
    isEmpty = false;
    const inner = memberOf(known as ObjectShape, name);
    if (inner !== undefined && members[name] !== undefined) {
      node[inner.element] = wholeNode(inner.shape, members[name]);
    }
  }
  if (isEmpty) return member;
  if (known.type === 'struct') {
    for (const element of known.nulls) node[element] ??= member;
  }
  return node;
}

/** The fields a configuration names. Objects it only passes through are not fields; list elements are. */
function namedNode(shape: Shape, value: unknown): FieldSet | undefined {
  const known = resolved(shape, value);
  if (known.type === 'leaf' || known.atomic) return member;
  if (known.type === 'list') {
    const node: FieldSetDraft = {};
    if (!Array.isArray(value)) return undefined;
    for (const [element, items] of grouped(known, value)) {
      const below = items.length > 1 ? undefined : namedNode(known.items, items[0]);
      node[element] = below === undefined ? member : withSelf(below);
    }
    return isEmptySet(node) ? undefined : node;
  }
  if (!isJsonObject(value)) return undefined;
  const node: FieldSetDraft = {};
  for (const name of Object.keys(value)) {
    const inner = memberShape(known, name);
    const found = value[name];
    if (inner === undefined || found === undefined) continue;
    const below = namedNode(inner, found);
    const isField = known.type === 'struct' && known.fields.has(name);
    if (found === null || (isJsonObject(found) && isNothing(found))) {
      node[`f:${name}`] = member;
    } else if (below !== undefined) {
      node[`f:${name}`] = isField ? below : withSelf(below);
    } else if (!isField) {
      node[`f:${name}`] = member;
    }
  }
  return isEmptySet(node) ? undefined : node;
}

/** The set of fields that an applied configuration names. */
export const fieldsOf = (shape: Shape, value: unknown): FieldSet =>
  namedNode(shape, value) ?? emptySet;

/** What differs between two values. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** A comparison at one element: its nodes, or undefined where there is none. */
interface Difference {
  added: FieldSet | undefined;
  modified: FieldSet | undefined;
  removed: FieldSet | undefined;
}

const changedLeaf: Difference = { added: undefined, modified: member, removed: undefined };

const sides = ['added', 'modified', 'removed'] as const;

/** Collects the differences below an element. */
class Gathering {
  private found: Record<(typeof sides)[number], FieldSetDraft | undefined> | undefined;

  put(side: (typeof sides)[number], element: string, node: FieldSet): void {
    this.found ??= { added: undefined, modified: undefined, removed: undefined };
    (this.found[side] ??= {})[element] = node;
  }

  putAll(element: string, difference: Difference | undefined): void {
    if (difference === undefined) return;
    for (const side of sides) {
      const node = difference[side];
      if (node !== undefined) this.put(side, element, node);
    }
  }

  result(): Difference | undefined {
    return this.found;
  }
}

function compareGroups(
  gathering: Gathering,
  { items }: ListShape,
  element: string,
  { before, after }: { before: readonly unknown[]; after: readonly unknown[] },
): void {
  if (before.length <= 1 && after.length <= 1) {
    if (before.length === 0) gathering.put('added', element, wholeNode(items, after[0]));
    else if (after.length === 0) gathering.put('removed', element, wholeNode(items, before[0]));
    else gathering.putAll(element, compareNodes(items, before[0], after[0]));
    return;
  }
  // An element that occurs more than once is owned as a whole.
  if (before.length > 1 && after.length > 1) {
    if (!jsonEqual(before, after)) gathering.put('modified', element, member);
  } else if (before.length > 1) {
    gathering.put('removed', element, member);
    if (after.length > 0) gathering.put('added', element, wholeNode(items, after[0]));
  } else {
    gathering.put('added', element, member);
    if (before.length > 0) gathering.put('removed', element, wholeNode(items, before[0]));
  }
}

function compareLists(
  shape: ListShape,
  before: readonly unknown[],
  after: readonly unknown[],
): Difference | undefined {
  const gathering = new Gathering();
  const [left, right] = [grouped(shape, before), grouped(shape, after)];
  for (const element of new Set([...left.keys(), ...right.keys()])) {
    const groups = { before: left.get(element) ?? [], after: right.get(element) ?? [] };
    compareGroups(gathering, shape, element, groups);
  }
  return gathering.result();
}

function compareObjects(
  shape: ObjectShape,
  before: JsonObject,
  after: JsonObject,
): Difference | undefined {
  const gathering = new Gathering();
  for (const name in after) compareMembers(gathering, shape, name, { before, after });
  for (const name in before) {
    if (after[name] === undefined) compareMembers(gathering, shape, name, { before, after });
  }
  return gathering.result();
}

function compareMembers(
  gathering: Gathering,
  shape: ObjectShape,
  name: string,
  { before, after }: { readonly before: JsonObject; readonly after: JsonObject },
): void {
  const [own, other] = [before[name], after[name]];
  if (own === other) return;
  const inner = memberOf(shape, name);
  if (inner === undefined || inner.unowned) return;
  // A field that cannot be absent has its zero instead.
  const left = own === undefined ? inner.zero : own;
  const right = other === undefined ? inner.zero : other;
  const { element } = inner;
  if (left !== undefined && right !== undefined) {
    gathering.putAll(element, compareNodes(inner.shape, left, right));
  } else if (right !== undefined) gathering.put('added', element, wholeNode(inner.shape, right));
  else if (left !== undefined) gathering.put('removed', element, wholeNode(inner.shape, left));
}

/** Compares two values that are both there (null is a value). Undefined where they are equal. */
function compareNodes(shape: Shape, before: unknown, after: unknown): Difference | undefined {
  if (before === after) return undefined;
  const [left, right] = [resolved(shape, before), resolved(shape, after)];
  const [opensLeft, opensRight] = [isOpen(left, before), isOpen(right, after)];
  if (!opensLeft && !opensRight) return jsonEqual(before, after) ? undefined : changedLeaf;
  if (isNothing(before) && isNothing(after)) {
    return jsonEqual(before, after) ? undefined : changedLeaf;
  }
  const known = opensRight ? right : left;
  const fitsLeft = opensLeft || before === null;
  const fitsRight = opensRight || after === null;
  if (fitsLeft && fitsRight) {
    return known.type === 'list'
      ? compareLists(known, (before ?? []) as unknown[], (after ?? []) as unknown[])
      : compareObjects(
          known as ObjectShape,
          (before ?? {}) as JsonObject,
          (after ?? {}) as JsonObject,
        );
  }
  // A value without a type turned from an object into something else, or the other way round.
  return {
    modified: member,
    added: opensRight ? withoutSelf(wholeNode(right, after)) : undefined,
    removed: opensLeft ? withoutSelf(wholeNode(left, before)) : undefined,
  };
}

/** What differs between two objects of a type; undefined where nothing does. */
export function compareObjectsOf(
  shape: StructShape,
  before: object,
  after: object,
): Comparison | undefined {
  const found = compareObjects(shape, before as JsonObject, after as JsonObject);
  if (found === undefined) return undefined;
  return {
    added: found.added ?? emptySet,
    modified: found.modified ?? emptySet,
    removed: found.removed ?? emptySet,
  };
}
