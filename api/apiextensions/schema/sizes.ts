/** How large values of a schema can get: by their own bounds, or by what fits into the longest request. */
import { maxRequestBytes } from '../../cel/limits.js';
import { itemsOf, valuesOf } from './json-schema.js';
import type { JsonSchema } from './json-schema.js';

const minSizes: ReadonlyMap<string, number> = new Map<string, number>(
  Object.entries({
    string: 2,
    boolean: 4,
    integer: 1,
    number: 1,
    array: 2,
  }),
);

/** The fewest bytes a value takes in JSON. */
function minSizeOf(schema: JsonSchema): number {
  if (schema.type !== 'object') return minSizes.get(schema.type ?? '') ?? 1;
  let size = 2;
  for (const name of schema.required ?? []) {
    const property = schema.properties?.[name];
    // The name in quotes, a colon, the value and a comma.
    if (property !== undefined && property.default === undefined) {
      size += name.length + 4 + minSizeOf(property);
    }
  }
  return size;
}

/** How many values of a schema fit into a request. */
export const maxCardinality = (schema: JsonSchema): number =>
  Math.floor(maxRequestBytes / (minSizeOf(schema) + 1)) + 1;

/** The most elements a list can have. */
export function maxItemsOf(schema: JsonSchema): number {
  const items = itemsOf(schema);
  return (
    schema.maxItems ?? Math.floor((maxRequestBytes - 2) / ((items ? minSizeOf(items) : 1) + 1))
  );
}

/** The most entries a map can have. */
export function maxPropertiesOf(schema: JsonSchema): number {
  const values = valuesOf(schema);
  const perEntry = (values ? minSizeOf(values) : 1) + 6;
  return schema.maxProperties ?? Math.floor((maxRequestBytes - 2) / perEntry);
}

/** The most characters a text can have. */
export function maxLengthOf(schema: JsonSchema): number {
  if (schema.enum !== undefined) {
    return Math.max(0, ...schema.enum.map((one) => (typeof one === 'string' ? one.length : 0)));
  }
  return schema.maxLength ?? maxRequestBytes - 2;
}
