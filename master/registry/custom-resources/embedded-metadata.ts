/**
 * The metadata of embedded resources is decoded as everybody's: unknown fields go, and what is of the wrong type is refused.
 */
import {
  isJsonObject,
  itemsOf,
  propertyOf,
  saidAnywhere,
  valuesOf,
} from '../../../api/apiextensions/schema/json-schema.js';
import type { JsonObject, JsonSchema } from '../../../api/apiextensions/schema/json-schema.js';
import { objectMeta } from '../../../api/meta/v1/object-meta.js';
import { child, index, invalid, key } from '../../../api/validation/field-error.js';
import { DecodeError, decodeTyped } from '../codec.js';

const embeds = saidAnywhere((schema) => schema['x-kubernetes-embedded-resource'] === true);

function refuse(field: string, value: unknown, why: string): never {
  throw new DecodeError(`${field}: ${invalid(field, value, why).message}`);
}

/** Decodes what makes a value a resource, in place; gives the paths of unknown fields. */
function decodeResource(value: JsonObject, path: string): readonly string[] {
  for (const name of ['apiVersion', 'kind']) {
    const text = value[name];
    if (text !== undefined && typeof text !== 'string') {
      refuse(child(path, name), text, 'must be a string');
    }
  }
  const { metadata } = value;
  if (metadata === undefined) return [];
  const field = child(path, 'metadata');
  try {
    const { object, unknownFields } = decodeTyped(objectMeta, metadata ?? {});
    value.metadata = object;
    return unknownFields.map((name) => child(field, name));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return refuse(field, metadata, error.message);
  }
}

/** Changes the value; gives the paths of what it took out. Throws DecodeError. */
export function decodeEmbedded(
  value: unknown,
  schema: JsonSchema,
  path: string,
): readonly string[] {
  if (!embeds(schema)) return [];
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return items === undefined
      ? []
      : value.flatMap((element, position) => decodeEmbedded(element, items, index(path, position)));
  }
  if (!isJsonObject(value)) return [];
  const isResource = schema['x-kubernetes-embedded-resource'] === true;
  const unknown = isResource ? [...decodeResource(value, path)] : [];
  const values = valuesOf(schema);
  for (const [name, content] of Object.entries(value)) {
    const property = propertyOf(schema, name);
    if (property !== undefined)
      unknown.push(...decodeEmbedded(content, property, child(path, name)));
    else if (values !== undefined)
      unknown.push(...decodeEmbedded(content, values, key(path, name)));
  }
  return unknown;
}
