/** Fills in the defaults of a structural schema. A null where null is not allowed counts as absence. */
import { isJsonObject, itemsOf, propertyOf, valuesOf, saidAnywhere } from './json-schema.js';
import type { JsonSchema } from './json-schema.js';

const isBadNull = (value: unknown, schema: JsonSchema | undefined): boolean =>
  value === null && schema !== undefined && schema.nullable !== true;

/** Most schemas have few defaults, and their values need no visit. */
const hasDefaults = saidAnywhere((schema) => schema.default !== undefined);

/** Drops nulls that are not allowed and have no default to take their place. */
export function dropBadNulls(value: unknown, schema: JsonSchema | undefined): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    for (const element of value) dropBadNulls(element, items);
    return;
  }
  if (!isJsonObject(value)) return;
  for (const name of Object.keys(value)) {
    const content = value[name];
    const part = propertyOf(schema, name) ?? valuesOf(schema);
    if (isBadNull(content, part) && part?.default === undefined) {
      Reflect.deleteProperty(value, name);
    } else dropBadNulls(content, part);
  }
}

/** Fills defaults into a value in place. */
export function fillDefaults(value: unknown, schema: JsonSchema): void {
  if (!hasDefaults(schema)) return;
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    if (items === undefined) return;
    for (const [position, element] of value.entries()) {
      if (isBadNull(element, items) && items.default !== undefined) {
        value[position] = structuredClone(items.default);
      }
      fillDefaults(value[position], items);
    }
    return;
  }
  if (!isJsonObject(value)) return;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property.default === undefined) continue;
    if (!Object.hasOwn(value, name) || isBadNull(value[name], property)) {
      value[name] = structuredClone(property.default);
    }
  }
  const values = valuesOf(schema);
  for (const name of Object.keys(value)) {
    const part = propertyOf(schema, name) ?? values;
    if (part === undefined) continue;
    if (part === values && isBadNull(value[name], part) && part.default !== undefined) {
      value[name] = structuredClone(part.default);
    }
    fillDefaults(value[name], part);
  }
}
