/**
 * The order of a merged list in strategic merge patch: elements of the patch in the patch's order, all others in the
 * order they had, interleaved as they were. Called by `strategic.ts` only.
 */
import { keyText } from './json-value.js';

/** Where each key is first, by its text: lists of patches may be long. */
function positionsOf(keys: readonly unknown[]): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  keys.forEach((key, at) => {
    const text = keyText(key);
    if (!positions.has(text)) positions.set(text, at);
  });
  return positions;
}

/** The keys sorted by their position in `order`; keys that are not in it stay where they are. */
export function sortedLike(keys: readonly unknown[], order: readonly unknown[]): unknown[] {
  const positions = positionsOf(order);
  const ranks = keys.map((key) => positions.get(keyText(key)));
  const known = keys
    .map((key, at) => ({ key, rank: ranks[at] }))
    .filter((ranked): ranked is { key: unknown; rank: number } => ranked.rank !== undefined)
    .sort((a, b) => a.rank - b.rank);
  let next = 0;
  return keys.map((key, at) => {
    if (ranks[at] === undefined) return key;
    const sorted = known[next];
    next += 1;
    return sorted?.key;
  });
}

export interface MergedList {
  readonly merged: readonly unknown[];
  /** Elements (or stand-ins with the same key) in the order the patch wants. */
  readonly patchOrder: readonly unknown[];
  /** Elements in the order the stored object has. */
  readonly serverOrder: readonly unknown[];
  readonly keyOf: (item: unknown) => unknown;
}

interface Ranked {
  readonly item: unknown;
  /** Undefined where the patch does not name it. */
  readonly inPatch: number | undefined;
  /** -1 where the stored list does not have it. */
  readonly stored: number;
}

/** Orders a merged list. An element unknown to the patch goes before the first patch element it preceded in the stored list. */
export function inMergedOrder({ merged, patchOrder, serverOrder, keyOf }: MergedList): unknown[] {
  const patchPositions = positionsOf(patchOrder.map(keyOf));
  const storedPositions = positionsOf(serverOrder.map(keyOf));
  const ranked = merged.map((item): Ranked => {
    const text = keyText(keyOf(item));
    return { item, inPatch: patchPositions.get(text), stored: storedPositions.get(text) ?? -1 };
  });
  const fromPatch = ranked
    .filter(({ inPatch }) => inPatch !== undefined)
    .sort((a, b) => (a.inPatch ?? 0) - (b.inPatch ?? 0));
  const others = ranked
    .filter(({ inPatch }) => inPatch === undefined)
    .sort((a, b) => a.stored - b.stored);
  const result: unknown[] = [];
  let next = 0;
  for (const { item, stored } of fromPatch) {
    for (let other = others[next]; other !== undefined; other = others[next]) {
      if (!precedes(other.stored, stored)) break;
      result.push(other.item);
      next += 1;
    }
    result.push(item);
  }
  return [...result, ...others.slice(next).map(({ item }) => item)];
}

const precedes = (left: number, right: number): boolean => left >= 0 && right >= 0 && left < right;
