/** The compact text form of sets of indexes, such as `1,3-5`, which Jobs keep in their status and success policies. Pure. */

/** The indexes from `first` to `last`, both included. */
export interface IndexInterval {
  readonly first: number;
  readonly last: number;
}

/** A text that is no set of indexes; the message is Kubernetes' own. */
export class IndexesError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'IndexesError';
  }
}

const outOfOrder = (previous: number, current: number): IndexesError =>
  new IndexesError(
    `non-increasing order, previous: ${String(previous)}, current: ${String(current)}`,
  );

function indexFrom(text: string, completions: number): number {
  if (!/^[+-]?[0-9]{1,18}$/.test(text)) {
    throw new IndexesError(`cannot convert string to integer for index: ${JSON.stringify(text)}`);
  }
  const index = Number(text);
  if (index >= completions) throw new IndexesError(`too large index: ${JSON.stringify(text)}`);
  return index;
}

function intervalFrom(text: string, completions: number): IndexInterval {
  const limits = text.split('-');
  if (limits.length > 2) {
    throw new IndexesError(
      `the fragment ${JSON.stringify(text)} violates the requirement that an index interval can have at most two parts separated by '-'`,
    );
  }
  const first = indexFrom(limits[0] ?? '', completions);
  if (limits[1] === undefined) return { first, last: first };
  const last = indexFrom(limits[1], completions);
  if (first >= last) throw outOfOrder(first, last);
  return { first, last };
}

/** The intervals of a set of indexes below `completions`, in rising order. Throws `IndexesError`. */
export function parseIndexes(text: string, completions: number): IndexInterval[] {
  if (text === '') return [];
  let previous: number | undefined;
  return text.split(',').map((part) => {
    const interval = intervalFrom(part, completions);
    if (previous !== undefined && previous >= interval.first) {
      throw outOfOrder(previous, interval.first);
    }
    previous = interval.last;
    return interval;
  });
}

/** How many indexes the intervals hold. */
export const countIndexes = (intervals: readonly IndexInterval[]): number =>
  intervals.reduce((sum, { first, last }) => sum + last - first + 1, 0);

/** The lowest index that two sets share. */
export function sharedIndex(
  left: readonly IndexInterval[],
  right: readonly IndexInterval[],
): number | undefined {
  let [i, j] = [0, 0];
  for (;;) {
    const [a, b] = [left[i], right[j]];
    if (a === undefined || b === undefined) return undefined;
    if (a.first <= b.last && b.first <= a.last) return Math.max(a.first, b.first);
    if (a.first <= b.first) i += 1;
    else j += 1;
  }
}
