/** Embedded resources are objects of their own: they have an apiVersion, a kind and metadata that could be stored. */
import { invalid, required } from '../../validation/field-error.js';
import type { FieldError } from '../../validation/field-error.js';
import { isJsonObject, itemsOf, propertyOf, valuesOf, saidAnywhere } from './json-schema.js';
import type { JsonObject, JsonSchema } from './json-schema.js';

const embeds = saidAnywhere((schema) => schema['x-kubernetes-embedded-resource'] === true);

function ownErrors(value: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ['apiVersion', 'kind']) {
    const text = value[name];
    const field = path === '' ? name : `${path}.${name}`;
    if (text === undefined || text === '') errors.push(required(field, 'must not be empty'));
    else if (typeof text !== 'string') errors.push(invalid(field, text, 'must be a string'));
  }
  if (value.metadata !== undefined && !isJsonObject(value.metadata)) {
    errors.push(invalid(`${path}.metadata`, value.metadata, 'must be an object'));
  }
  return errors;
}

/** What is wrong with the embedded resources below a value. */
export function embeddedErrors(value: unknown, schema: JsonSchema, path: string): FieldError[] {
  const own =
    schema['x-kubernetes-embedded-resource'] === true && isJsonObject(value)
      ? ownErrors(value, path)
      : [];
  if (!embeds(schema)) return own;
  const items = itemsOf(schema);
  if (Array.isArray(value)) {
    return items === undefined
      ? own
      : value.flatMap((element, position) =>
          embeddedErrors(element, items, `${path}[${String(position)}]`),
        );
  }
  if (!isJsonObject(value)) return own;
  return [
    ...own,
    ...Object.entries(value).flatMap(([name, content]) => {
      const part = propertyOf(schema, name) ?? valuesOf(schema);
      return part === undefined
        ? []
        : embeddedErrors(content, part, path === '' ? name : `${path}.${name}`);
    }),
  ];
}
