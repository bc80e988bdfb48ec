/** How two versions of a structure differ, for the messages that refuse a change. Pure. */
import { jsonEqual } from '../../patch/json-value.js';

const line = (sign: '-' | '+', name: string, value: unknown): string[] =>
  value === undefined ? [] : [`${sign} ${name}: ${JSON.stringify(value)}`];

/** A line for each top-level field's old and new value where they differ; empty where nothing does. */
export function changedFields(next: object, last: object): string {
  const after = new Map<string, unknown>(Object.entries(next));
  const before = new Map<string, unknown>(Object.entries(last));
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names
    .flatMap((name) => {
      const [from, to] = [before.get(name), after.get(name)];
      if (jsonEqual(from ?? null, to ?? null)) return [];
      return [...line('-', name, from), ...line('+', name, to)];
    })
    .join('\n');
}
