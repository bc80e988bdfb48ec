/**
 * The schemas of custom resources as OpenAPI shows them: as they are in version 3, and cut down to what version 2 can say,
 * where a field that could be anything has no type.
 */
import type { JsonSchema } from './schemas.js';
import { isJsonObject, type JsonObject } from '../../../api/patch/json-value.js';

const valueOf = (value: unknown, name: string): unknown =>
  isJsonObject(value) ? value[name] : undefined;

const eachPart = (parts: unknown, write: (part: JsonObject) => JsonSchema): JsonSchema =>
  isJsonObject(parts)
    ? Object.fromEntries(
        Object.entries(parts).map(([name, part]) => [name, isJsonObject(part) ? write(part) : {}]),
      )
    : {};

/** Keywords that OpenAPI 2 does not know, or that kubectl would refuse valid objects by. */
const unknownToV2 = new Set(['nullable', 'allOf', 'anyOf', 'oneOf', 'not', 'default']);

/** Required fields but for those that may be null, which kubectl takes for missing. */
const neverNull = (required: unknown, properties: unknown): readonly unknown[] =>
  (required as readonly string[]).filter(
    (name) => valueOf(valueOf(properties, name), 'nullable') !== true,
  );

/** What may be null or of several types says nothing of its type, because clients would insist on it. */
function schemaV2(schema: JsonObject): JsonSchema {
  const isOpen =
    schema.nullable === true ||
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema['x-kubernetes-int-or-string'] === true;
  const written: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(schema)) {
    if (unknownToV2.has(name)) continue;
    if (name === 'properties') {
      if (!isOpen) written[name] = eachPart(value, schemaV2);
    } else if (name === 'required') {
      const insisted = neverNull(value, schema.properties);
      if (insisted.length > 0) written[name] = insisted;
    } else if (name === 'items' || name === 'additionalProperties') {
      if (!isOpen) written[name] = isJsonObject(value) ? schemaV2(value) : value;
    } else if (name !== 'type' || !isOpen || schema.type === 'object') written[name] = value;
  }
  return written;
}

/** Shows a custom resource's schema, with what every object has. `metadata` refers to ObjectMeta. */
export function customSchema(
  schema: object,
  options: {
    readonly version: 2 | 3;
    readonly metadata: JsonSchema;
    readonly kinds: readonly object[];
  },
): JsonSchema {
  const extensions = { 'x-kubernetes-group-version-kind': options.kinds };
  // kubectl would refuse every field that is not among the properties, so there are none.
  const isOpen = valueOf(schema, 'x-kubernetes-preserve-unknown-fields') === true;
  if (options.version === 2 && isOpen) return { type: 'object', ...extensions };
  const shown = options.version === 2 ? schemaV2(schema as JsonObject) : (schema as JsonSchema);
  const { properties } = shown as { readonly properties?: JsonSchema };
  return {
    ...shown,
    type: 'object',
    properties: {
      ...properties,
      apiVersion: {
        type: 'string',
        description:
          'APIVersion defines the group and version of the schema that the object is written in.',
      },
      kind: { type: 'string', description: 'Name of the kind of object.' },
      metadata: options.metadata,
    },
    ...extensions,
  };
}
