/** Lists that are sets or maps: their elements must differ, wholly or in their keys. */
import { duplicate } from '../../validation/field-error.js';
import type { FieldError } from '../../validation/field-error.js';
import { canonicalJson } from '../../canonical-json.js';
import { isJsonObject, itemsOf, propertyOf, valuesOf } from './json-schema.js';
import type { JsonSchema } from './json-schema.js';

/** What of an element must be unique: the values of its keys, or all of it. */
function identityOf(element: unknown, schema: JsonSchema): unknown {
  if (schema['x-kubernetes-list-type'] !== 'map') return element;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (!isJsonObject(element)) return element;
  return Object.fromEntries(
    keys.flatMap((key) => (element[key] === undefined ? [] : [[key, element[key]]])),
  );
}

function ownErrors(value: readonly unknown[], schema: JsonSchema, path: string): FieldError[] {
  const type = schema['x-kubernetes-list-type'];
  if (type !== 'set' && type !== 'map') return [];
  const seen = new Set<string>();
  const reported = new Set<string>();
  const errors: FieldError[] = [];
  for (const [position, element] of value.entries()) {
    const identity = identityOf(element, schema);
    const text = canonicalJson(identity);
    // Each value is reported once, where it is met again first.
    if (seen.has(text) && !reported.has(text)) {
      errors.push(duplicate(`${path}[${String(position)}]`, identity));
      reported.add(text);
    }
    seen.add(text);
  }
  return errors;
}

/** Duplicates in a value and everything below it. */
export function listTypeErrors(value: unknown, schema: JsonSchema, path: string): FieldError[] {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return [
      ...ownErrors(value, schema, path),
      ...(items === undefined
        ? []
        : value.flatMap((element, position) =>
            listTypeErrors(element, items, `${path}[${String(position)}]`),
          )),
    ];
  }
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, content]) => {
    const property = propertyOf(schema, name);
    const values = valuesOf(schema);
    if (property !== undefined) {
      return listTypeErrors(content, property, path === '' ? name : `${path}.${name}`);
    }
    return values === undefined ? [] : listTypeErrors(content, values, `${path}[${name}]`);
  });
}
