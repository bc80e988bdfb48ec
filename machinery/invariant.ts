/** Crashes on a programmer error: something that cannot be false unless the code is wrong. */
export function invariant(condition: unknown, why: string): asserts condition {
  if (condition === false || condition === undefined || condition === null) {
    throw new Error(`invariant violated: ${why}`);
  }
}
