/** Whether a value is larger than what is worth remembering. */

/** Whether a value has more members and elements, at all levels together, than so many. Stops where it knows. */
export function hasMoreMembers(value: object, than: number): boolean {
  let left = than;
  const isOver = (inner: unknown): boolean => {
    if (typeof inner !== 'object' || inner === null) return false;
    for (const name in inner) {
      left -= 1;
      if (left < 0 || isOver((inner as Record<string, unknown>)[name])) return true;
    }
    return false;
  };
  return isOver(value);
}
