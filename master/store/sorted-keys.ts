/** Binary search in an array of keys kept in order. */

function firstIndexWhere(keys: readonly string[], isAtOrPast: (key: string) => boolean): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isAtOrPast(keys[middle] ?? '')) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The index of the first key that is `from` or greater. */
export const firstIndexFrom = (keys: readonly string[], from: string): number =>
  firstIndexWhere(keys, (key) => key >= from);

/** The index of the first key greater than `after`. */
export const firstIndexAfter = (keys: readonly string[], after: string): number =>
  firstIndexWhere(keys, (key) => key > after);
