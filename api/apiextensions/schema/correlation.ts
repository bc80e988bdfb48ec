/** Finds the old value that belongs to a new one: by name in objects, by keys in map lists, and in other lists not at all. */
import { canonicalJson } from '../../canonical-json.js';
import { jsonEqual } from '../../patch/json-value.js';
import { isJsonObject } from './json-schema.js';
import type { JsonSchema } from './json-schema.js';

const keyTextOf = (element: unknown, keys: readonly string[]): string =>
  canonicalJson(isJsonObject(element) ? keys.map((key) => element[key] ?? null) : element);

export class Correlation {
  readonly value: unknown;
  private byKey: Map<string, unknown> | undefined;

  constructor(value: unknown) {
    this.value = value;
  }

  isSame(value: unknown): boolean {
    return jsonEqual(this.value, value);
  }

  property(name: string): Correlation | undefined {
    if (!isJsonObject(this.value) || !Object.hasOwn(this.value, name)) return undefined;
    return new Correlation(this.value[name]);
  }

  /** The old element with the same keys, in a list that is a map. */
  item(element: unknown, schema: JsonSchema): Correlation | undefined {
    if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(this.value)) return undefined;
    const keys = schema['x-kubernetes-list-map-keys'] ?? [];
    this.byKey ??= new Map(this.value.map((old) => [keyTextOf(old, keys), old as unknown]));
    const text = keyTextOf(element, keys);
    return this.byKey.has(text) ? new Correlation(this.byKey.get(text)) : undefined;
  }
}
