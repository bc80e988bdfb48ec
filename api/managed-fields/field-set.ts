/**
 * Sets of fields in the form that `managedFields` has on the wire (FieldsV1): a tree of path elements in which `{}` says that
 * the element itself is in the set, and `"."` says so where elements below it are in the set too. Working on this form
 * directly means that nothing is translated when an object is read or written.
 *
 * Pure; a set is never changed once it was handed out, so sets share their parts.
 */
import { compareText } from '../compare-text.js';

/** What is in the set at and below one path element; at the root, the set itself. The empty set is the empty object. */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** The same while it is being built. */
export type FieldSetDraft = Record<string, FieldSet>;

/** An element that is in the set with nothing below it; as a root, the empty set. */
export const member: FieldSet = Object.freeze({});
/** The set without fields. */
export const emptySet = member;

/** Stands for the element itself. */
const self = '.';

/** Whether the tree is `{}`. */
export function isEmptySet(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** Whether the element that `node` describes is itself in the set. */
export const isMember = (node: FieldSet): boolean => isEmptySet(node) || node[self] !== undefined;

/** `node` with its own element in the set. */
export const withSelf = (node: FieldSet): FieldSet =>
  isMember(node) ? node : { [self]: member, ...node };

/** Drops the element's own membership; undefined where nothing is left. */
export function withoutSelf(node: FieldSet): FieldSet | undefined {
  if (isEmptySet(node)) return undefined;
  if (node[self] === undefined) return node;
  const { [self]: _own, ...below } = node;
  return isEmptySet(below) ? undefined : below;
}

/** The node of an element that is in the set itself or not, over what is below it; undefined where that is nothing. */
function nodeOf(own: boolean, below: FieldSetDraft): FieldSet | undefined {
  if (isEmptySet(below)) return own ? member : undefined;
  return own ? { [self]: member, ...below } : below;
}

function mergedNodes(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right) return left;
  if (isEmptySet(left)) return withSelf(right);
  if (isEmptySet(right)) return withSelf(left);
  return union(left, right);
}

const isIndex = (element: string): boolean => element.startsWith('i:');

/** The order in which Kubernetes lists the elements of one level: that of their texts, but for indexes, which come last. */
function byElement(left: string, right: string): number {
  if (isIndex(left) !== isIndex(right)) return isIndex(left) ? 1 : -1;
  return compareText(left, right);
}

function isOrdered(set: FieldSet): boolean {
  let before = '';
  for (const element in set) {
    if (byElement(before, element) > 0 || !isOrdered(set[element] ?? member)) return false;
    before = element;
  }
  return true;
}

/** The same set with the elements of every level in Kubernetes' order, which clients see and compare. */
export function ordered(set: FieldSet): FieldSet {
  if (isOrdered(set)) return set;
  const result: FieldSetDraft = {};
  for (const element of Object.keys(set).sort(byElement)) {
    result[element] = ordered(set[element] ?? member);
  }
  return result;
}

/** What is in either set. */
export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right || isEmptySet(right)) return left;
  if (isEmptySet(left)) return right;
  const result: FieldSetDraft = { ...left };
  for (const element in right) {
    const [known, node] = [left[element], right[element] ?? member];
    result[element] = known === undefined ? node : mergedNodes(known, node);
  }
  return result;
}

type Combination = (left: FieldSet, right: FieldSet) => FieldSet | undefined;

const differenceOfNodes: Combination = (left, right) => {
  const below: FieldSetDraft = {};
  subtractInto(below, left, right);
  return nodeOf(isMember(left) && !isMember(right), below);
};

function subtractInto(result: FieldSetDraft, left: FieldSet, right: FieldSet): void {
  for (const element in left) {
    if (element === self) continue;
    const node = left[element] ?? member;
    const other = right[element];
    const rest = other === undefined ? node : differenceOfNodes(node, other);
    if (rest !== undefined) result[element] = rest;
  }
}

/** The set of these fields, each named with dots: `metadata.labels`. */
export const setOfFields = (paths: readonly string[]): FieldSet =>
  paths
    .map((path) =>
      path.split('.').reduceRight<FieldSet>((node, name) => ({ [`f:${name}`]: node }), member),
    )
    .reduce(union, emptySet);

/** What is in `left` and not in `right`. An element in `right` takes nothing away that is below it. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  if (isEmptySet(right)) return left;
  const result: FieldSetDraft = {};
  subtractInto(result, left, right);
  return result;
}

const intersectionOfNodes: Combination = (left, right) => {
  const below: FieldSetDraft = {};
  intersectInto(below, left, right);
  return nodeOf(isMember(left) && isMember(right), below);
};

function intersectInto(result: FieldSetDraft, left: FieldSet, right: FieldSet): void {
  for (const element in left) {
    if (element === self) continue;
    const other = right[element];
    if (other === undefined) continue;
    const common = intersectionOfNodes(left[element] ?? member, other);
    if (common !== undefined) result[element] = common;
  }
}

/** What is in both sets. */
export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  const result: FieldSetDraft = {};
  intersectInto(result, left, right);
  return result;
}

/** Whether two sets hold the same fields. */
export function equalSets(left: FieldSet, right: FieldSet): boolean {
  if (left === right) return true;
  let elements = 0;
  for (const element in left) {
    const other = right[element];
    if (other === undefined || !equalSets(left[element] ?? member, other)) return false;
    elements += 1;
  }
  for (const _ in right) elements -= 1;
  return elements === 0;
}

/** Calls `visit` with the elements on the way to each field of the set, in Kubernetes' order. */
export function forEachPath(set: FieldSet, visit: (path: readonly string[]) => void): void {
  const path: string[] = [];
  const walk = (node: FieldSet): void => {
    for (const element of Object.keys(node).sort(byElement)) {
      if (element === self) continue;
      const below = node[element] ?? member;
      path.push(element);
      if (isMember(below)) visit([...path]);
      walk(below);
      path.pop();
    }
  };
  walk(set);
}
