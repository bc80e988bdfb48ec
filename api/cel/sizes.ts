/** How large values can be, and what going over them costs at most. What nothing bounds is infinite. */

/** The fewest and the most elements or characters of a value. */
export interface Size {
  readonly min: number;
  readonly max: number;
}

export const fixedSize = (count: number): Size => ({ min: count, max: count });

export const unknownSize: Size = { min: 0, max: Infinity };

/** A size that covers both. */
export const eitherSize = (left: Size, right: Size): Size => ({
  min: Math.min(left.min, right.min),
  max: Math.max(left.max, right.max),
});

export const sumOfSizes = (left: Size, right: Size): Size => ({
  min: left.min + right.min,
  max: left.max + right.max,
});

/** A product in which nothing times anything is nothing. */
export const times = (left: number, right: number): number =>
  left === 0 || right === 0 ? 0 : left * right;

export const productOfSizes = (left: Size, right: Size): Size => ({
  min: times(left.min, right.min),
  max: times(left.max, right.max),
});

/** What one pass over so many characters costs. */
export const traversal = (count: number, passes = 1): number => Math.ceil(count * 0.1 * passes);

/** What a pattern of so many characters counts for each character it is tried on. */
export const patternWeight = (count: number): number => Math.ceil(count * 0.25);
