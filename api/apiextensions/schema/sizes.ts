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

/** The fewest bytes of texts that rules see as times. */
const minFormatSizes: ReadonlyMap<string, number> = new Map([
  ['duration', 3],
  ['date', 12],
  ['date-time', 21],
]);

/** The most bytes of them. */
const maxFormatSizes: ReadonlyMap<string, number> = new Map([
  ['duration', 32],
  ['date', 12],
  ['date-time', 34],
]);

/** The fewest bytes a value takes in JSON. */
function minSizeOf(schema: JsonSchema): number {
  const { type = '', format = '' } = schema;
  if (schema['x-kubernetes-int-or-string'] === true) return 1;
  if (type === 'string') return minFormatSizes.get(format) ?? 2;
  if (type !== 'object') return minSizes.get(type) ?? 1;
  let size = 2;
  if (valuesOf(schema) !== undefined) return size;
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
  Math.floor(maxRequestBytes / (minSizeOf(schema) + 1));

/** The most elements a list can have. */
export function maxItemsOf(schema: JsonSchema): number {
  const items = itemsOf(schema);
  const perItem = (items ? minSizeOf(items) : 1) + 1;
  return Math.max(0, schema.maxItems ?? Math.floor((maxRequestBytes - 2) / perItem));
}

/** The most entries a map can have. */
export function maxPropertiesOf(schema: JsonSchema): number {
  const values = valuesOf(schema);
  const perEntry = (values ? minSizeOf(values) : 1) + 6;
  return Math.max(0, schema.maxProperties ?? Math.floor((maxRequestBytes - 2) / perEntry));
}

/** Characters that nothing but the longest request bounds. */
export const maxTextLength = maxRequestBytes - 2;

/** The most bytes of a text: lengths are in characters of up to four bytes. */
export function maxLengthOf(schema: JsonSchema): number {
  const { format = '', maxLength } = schema;
  const fixed = maxFormatSizes.get(format);
  if (fixed !== undefined) return fixed;
  if (maxLength !== undefined) return Math.max(0, maxLength) * (format === 'byte' ? 1 : 4);
  const texts = schema.enum?.filter((one) => typeof one === 'string') ?? [];
  return texts.length > 0 ? Math.max(...texts.map(({ length }) => length)) : maxTextLength;
}
