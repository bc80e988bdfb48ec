/**
 * The order of a merged list in strategic merge patch: elements of the patch in the patch's order, all others in the
 * order they had, interleaved as they were. Called by `strategic.ts` only.
 */
import { jsonEqual } from './json-value.js';

const positionOf = (keys: readonly unknown[], key: unknown): number =>
  keys.findIndex((other) => jsonEqual(other, key));

/** The keys sorted by their position in `order`; keys that are not in it stay where they are. */
export function sortedLike(keys: readonly unknown[], order: readonly unknown[]): unknown[] {
  const known = keys.filter((key) => positionOf(order, key) >= 0);
  known.sort((a, b) => positionOf(order, a) - positionOf(order, b));
  let next = 0;
  return keys.map((key) => {
    if (positionOf(order, key) < 0) return key;
    const at = next;
    next += 1;
    return known[at];
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

/** Orders a merged list. An element unknown to the patch goes before the first patch element it preceded in the stored list. */
export function inMergedOrder({ merged, patchOrder, serverOrder, keyOf }: MergedList): unknown[] {
  const patchKeys = patchOrder.map(keyOf);
  const serverKeys = serverOrder.map(keyOf);
  const inPatch = (item: unknown): boolean => positionOf(patchKeys, keyOf(item)) >= 0;
  const rank = (keys: readonly unknown[], item: unknown): number => positionOf(keys, keyOf(item));
  const fromPatch = merged.filter(inPatch).sort((a, b) => rank(patchKeys, a) - rank(patchKeys, b));
  const others = merged
    .filter((item) => !inPatch(item))
    .sort((a, b) => rank(serverKeys, a) - rank(serverKeys, b));
  const result: unknown[] = [];
  let next = 0;
  for (const item of fromPatch) {
    const place = rank(serverKeys, item);
    while (next < others.length && precedes(rank(serverKeys, others[next]), place)) {
      result.push(others[next]);
      next += 1;
    }
    result.push(item);
  }
  return [...result, ...others.slice(next)];
}

const precedes = (left: number, right: number): boolean => left >= 0 && right >= 0 && left < right;
