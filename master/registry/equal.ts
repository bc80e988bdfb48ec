/** Whether two JSON values are the same, whatever the order of their fields; undefined fields count as absent. */
export function equalJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return false;
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    return (
      Array.isArray(left) &&
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((element, position) => equalJson(element, right[position]))
    );
  }
  const [a, b] = [left as Record<string, unknown>, right as Record<string, unknown>];
  let fields = 0;
  for (const name in a) {
    if (a[name] === undefined) continue;
    fields += 1;
    if (!equalJson(a[name], b[name])) return false;
  }
  for (const name in b) if (b[name] !== undefined) fields -= 1;
  return fields === 0;
}
