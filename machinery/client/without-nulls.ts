/**
 * The API shows null where some fields are not set (times that never were, lists without elements). The types of the API know
 * absence only, so null ends at the door: whoever compares or spreads objects meets one spelling of nothing.
 */

/** A JSON value without the members that are null. Gives the value itself where there are none; elements of lists stay. */
export function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    let copy: unknown[] | undefined;
    for (let index = 0; index < value.length; index += 1) {
      const element: unknown = value[index];
      const inner = withoutNulls(element);
      if (inner !== element) (copy ??= [...(value as unknown[])])[index] = inner;
    }
    return copy ?? value;
  }
  return withoutNullMembers(value as Readonly<Record<string, unknown>>);
}

function withoutNullMembers(value: Readonly<Record<string, unknown>>): unknown {
  const kept: [string, unknown][] = [];
  let isSame = true;
  for (const [name, member] of Object.entries(value)) {
    const inner = withoutNulls(member);
    if (inner !== member || inner === null) isSame = false;
    if (inner !== null) kept.push([name, inner]);
  }
  return isSame ? value : Object.fromEntries(kept);
}

/** Parses an answer of the API. */
export function parseAnswer(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return text.includes(':null') ? withoutNulls(value) : value;
}
