/**
 * Strategic merge patch: a merge patch that knows from the kind's schema which lists merge by key and which are replaced,
 * with the directives `$patch`, `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…`.
 *
 * Called by PATCH in the server. Results equal Kubernetes', including the order of merged lists.
 */
import { badRequest, failure } from '../meta/status-error.js';
import type { Definition, Field, Schema } from '../schema/schema.js';
import type { JsonObject } from './json-value.js';
import { isJsonObject, jsonEqual, keyText, setOwn } from './json-value.js';
import { inMergedOrder, sortedLike } from './list-order.js';

const patchMarker = '$patch';
const retainKeysMarker = '$retainKeys';
const orderPrefix = '$setElementOrder/';
const deletePrefix = '$deleteFromPrimitiveList/';

const isDirective = (name: string): boolean =>
  name === patchMarker ||
  name === retainKeysMarker ||
  name.startsWith(orderPrefix) ||
  name.startsWith(deletePrefix);

/** Go's `%v` of a decoded JSON value, which Kubernetes' messages show. */
function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (isJsonObject(value)) {
    const names = Object.keys(value).sort();
    return `map[${names.map((name) => `${name}:${goText(value[name])}`).join(' ')}]`;
  }
  if (value === null || value === undefined) return '<nil>';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const noMergeKey = (item: JsonObject, mergeKey: string): Error =>
  badRequest(`map: ${goText(item)} does not contain declared merge key: ${mergeKey}`);

const listOfLists = (): Error =>
  failure({
    code: 422,
    reason: 'Invalid',
    message: 'the server rejected our request due to an error in our request',
    details: {},
    cause: new Error('lists of lists are not supported'),
  });

/** What is known of the object being merged: its named type, or the type of every value of a map, or nothing. */
type Shape = Definition | { readonly values: Schema } | undefined;

function shapeOf(schema: Schema | undefined): Shape {
  if (schema?.type === 'ref') return schema.target();
  return schema?.type === 'map' ? { values: schema.values } : undefined;
}

interface FieldShape {
  readonly schema: Schema | undefined;
  readonly strategy: Field['patchStrategy'];
  readonly mergeKey: string;
}

function fieldOf(shape: Shape, name: string): FieldShape {
  if (shape === undefined) return { schema: undefined, strategy: undefined, mergeKey: '' };
  if ('values' in shape) return { schema: shape.values, strategy: undefined, mergeKey: '' };
  const field = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
  return {
    schema: field?.schema,
    strategy: field?.patchStrategy,
    mergeKey: field?.patchMergeKey ?? '',
  };
}

const mergesLists = ({ strategy }: FieldShape): boolean =>
  strategy === 'merge' || strategy === 'merge,retainKeys';

/** A patch value that meets nothing in the original: directives and nulls have nothing to act on and go. */
function adopt(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value
      .filter((item) => !isJsonObject(item) || !Object.hasOwn(item, patchMarker))
      .map(adopt);
  }
  if (!isJsonObject(value)) return value;
  const result: Record<string, unknown> = {};
  if (value[patchMarker] === 'delete') return result;
  for (const [name, member] of Object.entries(value)) {
    if (member !== null && !isDirective(name)) setOwn(result, name, adopt(member));
  }
  return result;
}

/** A list that replaces another: markers go, but what they were set on stays, since nothing merges. */
function adoptAtomic(list: readonly unknown[]): unknown[] {
  return list
    .filter((item) => !isJsonObject(item) || Object.keys(item).some((name) => name !== patchMarker))
    .map((item) => adopt(isJsonObject(item) ? without(item, patchMarker) : item));
}

const without = (object: JsonObject, name: string): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([other]) => other !== name));

function retainKeys(original: JsonObject, patch: JsonObject): JsonObject {
  const names = patch[retainKeysMarker];
  if (names === undefined) return original;
  if (!Array.isArray(names)) throw badRequest('invalid patch format of retainKeys');
  const kept = new Set<unknown>(names);
  for (const [name, value] of Object.entries(patch)) {
    if (value !== null && !isDirective(name) && !kept.has(name)) {
      throw badRequest('invalid patch format of retainKeys');
    }
  }
  return Object.fromEntries(Object.entries(original).filter(([name]) => kept.has(name)));
}

function mergeObject(original: JsonObject, patch: JsonObject, shape: Shape): JsonObject {
  const directive = patch[patchMarker];
  if (directive === 'replace') return adopt(without(patch, patchMarker)) as JsonObject;
  if (directive === 'delete') return {};
  if (directive !== undefined) {
    throw badRequest(`unknown patch type: ${goText(directive)} in map: ${goText(patch)}`);
  }
  const result: Record<string, unknown> = { ...retainKeys(original, patch) };
  const ordered = new Set<string>();
  for (const [name, order] of Object.entries(patch)) {
    if (!name.startsWith(orderPrefix)) continue;
    const listName = name.slice(orderPrefix.length);
    ordered.add(listName);
    mergeOrdered({ result, patch, listName, order, field: fieldOf(shape, listName) });
  }
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith(deletePrefix)) {
      deletePrimitives(result, name.slice(deletePrefix.length), value);
    } else if (!isDirective(name) && !ordered.has(name)) {
      mergeMember(result, name, value, shape);
    }
  }
  return result;
}

function mergeMember(
  result: Record<string, unknown>,
  name: string,
  value: unknown,
  shape: Shape,
): void {
  const before = Object.hasOwn(result, name) ? result[name] : undefined;
  const field = fieldOf(shape, name);
  if (value === null) Reflect.deleteProperty(result, name);
  else if (isJsonObject(before) && isJsonObject(value) && field.strategy !== 'replace') {
    setOwn(result, name, mergeObject(before, value, shapeOf(field.schema)));
  } else if (Array.isArray(value) && !mergesLists(field)) {
    setOwn(result, name, adoptAtomic(value));
  } else if (Array.isArray(before) && Array.isArray(value)) {
    setOwn(result, name, mergeLists(before, value, field));
  } else setOwn(result, name, adopt(value));
}

/** The elements that equal none of the others. */
function exceptThose(list: readonly unknown[], removed: readonly unknown[]): unknown[] {
  const doomed = new Set(removed.map(keyText));
  return list.filter((item) => !doomed.has(keyText(item)));
}

function deletePrimitives(
  result: Record<string, unknown>,
  listName: string,
  removed: unknown,
): void {
  if (!Array.isArray(removed) || listName === '') {
    throw badRequest('invalid patch format of primitive list');
  }
  const list = Object.hasOwn(result, listName) ? result[listName] : undefined;
  if (!Array.isArray(list)) return;
  setOwn(result, listName, exceptThose(list, removed));
}

const elementKind = (value: unknown): string => {
  if (Array.isArray(value)) throw listOfLists();
  return isJsonObject(value) ? 'object' : typeof value;
};

/** Whether the lists hold objects (and not scalars); a mixture is refused. */
function holdsObjects(...lists: readonly (readonly unknown[])[]): boolean {
  const kinds = new Set(lists.flat().map(elementKind));
  if (kinds.size > 1) {
    throw badRequest(`list element types are not identical: ${goText(lists)}`);
  }
  return kinds.has('object');
}

function keyOf(item: unknown, mergeKey: string): unknown {
  if (!isJsonObject(item)) throw badRequest('expected a map in a list that merges by key');
  const value = Object.hasOwn(item, mergeKey) ? item[mergeKey] : undefined;
  if (value === undefined) throw noMergeKey(item, mergeKey);
  return value;
}

interface ListPatch {
  readonly kept: readonly unknown[];
  readonly changes: readonly JsonObject[];
}

/** Carries out the `$patch` elements of a list: what remains of the original, and the elements still to merge. */
function listDirectives(
  original: readonly unknown[],
  patch: readonly JsonObject[],
  mergeKey: string,
): ListPatch {
  const doomed: unknown[] = [];
  const changes: JsonObject[] = [];
  let replace = false;
  for (const item of patch) {
    const directive = item[patchMarker];
    if (directive === undefined) changes.push(item);
    else if (directive === 'replace') replace = true;
    else if (directive === 'delete') doomed.push(keyOf(item, mergeKey));
    else if (directive === 'merge') {
      throw badRequest('merging lists cannot yet be specified in the patch');
    } else {
      throw badRequest(`unknown patch type: ${goText(directive)} in map: ${goText(item)}`);
    }
  }
  if (replace) return { kept: adopt(changes) as unknown[], changes: [] };
  const keys = new Set(doomed.map(keyText));
  const kept = original.filter(
    (other) =>
      !isJsonObject(other) ||
      !Object.hasOwn(other, mergeKey) ||
      !keys.has(keyText(other[mergeKey])),
  );
  return { kept, changes };
}

function mergeObjectLists(
  original: readonly unknown[],
  patch: readonly JsonObject[],
  field: FieldShape,
): unknown[] {
  const { mergeKey } = field;
  if (mergeKey === '') throw badRequest('cannot merge lists without merge key for type struct');
  const shape = field.schema?.type === 'list' ? shapeOf(field.schema.items) : undefined;
  const { kept, changes } = listDirectives(original, patch, mergeKey);
  const merged = [...kept];
  const positions = new Map<string, number>();
  merged.forEach((item, at) => {
    if (!isJsonObject(item) || !Object.hasOwn(item, mergeKey)) return;
    const text = keyText(item[mergeKey]);
    if (!positions.has(text)) positions.set(text, at);
  });
  for (const change of changes) {
    const text = keyText(keyOf(change, mergeKey));
    const at = positions.get(text);
    const before = at === undefined ? undefined : merged[at];
    if (at !== undefined && isJsonObject(before)) merged[at] = mergeObject(before, change, shape);
    else positions.set(text, merged.push(adopt(change)) - 1);
  }
  return inMergedOrder({
    merged,
    patchOrder: changes,
    serverOrder: kept,
    keyOf: (item) => keyOf(item, mergeKey),
  });
}

function mergeLists(
  original: readonly unknown[],
  patch: readonly unknown[],
  field: FieldShape,
): unknown[] {
  if (holdsObjects(original, patch)) {
    return mergeObjectLists(original, patch.filter(isJsonObject), field);
  }
  // A map keeps its keys where they came first.
  const merged = [
    ...new Map([...original, ...patch].map((item) => [keyText(item), item])).values(),
  ];
  return inMergedOrder({
    merged,
    patchOrder: patch,
    serverOrder: original,
    keyOf: (item) => item,
  });
}

interface OrderedMerge {
  readonly result: Record<string, unknown>;
  readonly patch: JsonObject;
  readonly listName: string;
  readonly order: unknown;
  readonly field: FieldShape;
}

/** Merges a list whose final order the patch gives; elements the patch does not know keep their neighbours. */
function mergeOrdered({ result, patch, listName, order, field }: OrderedMerge): void {
  if (!Array.isArray(order) || listName === '') {
    throw badRequest('invalid patch format of setElementOrder list');
  }
  const before = Object.hasOwn(result, listName) ? result[listName] : undefined;
  const change = Object.hasOwn(patch, listName) ? patch[listName] : undefined;
  if (change === null) {
    Reflect.deleteProperty(result, listName);
    return;
  }
  if (before === undefined && change === undefined) return;
  if (!isListOrAbsent(before) || !isListOrAbsent(change)) {
    throw badRequest('expected a []interface {} beside $setElementOrder');
  }
  const byKey = holdsObjects(before ?? [], change ?? [], order);
  const itemKey = (item: unknown): unknown => (byKey ? keyOf(item, field.mergeKey) : item);
  checkOrder(change ?? [], order, itemKey);
  const merged =
    before === undefined || change === undefined
      ? (before ?? (adopt(change) as unknown[]))
      : mergeLists(before, change, field);
  const removed = patch[`${deletePrefix}${listName}`];
  const remaining = Array.isArray(removed) ? exceptThose(merged, removed) : merged;
  setOwn(
    result,
    listName,
    inMergedOrder({
      merged: remaining,
      patchOrder: order,
      serverOrder: before ?? [],
      keyOf: itemKey,
    }),
  );
}

const isListOrAbsent = (value: unknown): value is unknown[] | undefined =>
  value === undefined || Array.isArray(value);

/** Every element the patch adds or changes has to be in the order list, and in that order. */
function checkOrder(
  change: readonly unknown[],
  order: readonly unknown[],
  itemKey: (item: unknown) => unknown,
): void {
  const wanted = change
    .filter((item) => !isJsonObject(item) || !Object.hasOwn(item, patchMarker))
    .map(itemKey);
  const known = order.map(itemKey);
  const sorted = sortedLike(wanted, known);
  const foreign = exceptThose(wanted, known).length > 0;
  if (order.length > 0 && (foreign || !jsonEqual(sorted, wanted))) {
    throw badRequest(
      `The order in patch list:\n${goText(change)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`,
    );
  }
}

/** Merges a strategic merge patch into an object of the given type. Throws BadRequest or Invalid. */
export function applyStrategicMergePatch(
  original: JsonObject,
  patch: unknown,
  definition: Definition,
): JsonObject {
  if (!isJsonObject(patch)) {
    const kind = Array.isArray(patch) ? 'array' : typeof patch;
    throw badRequest(
      `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`,
    );
  }
  return mergeObject(original, patch, definition);
}
