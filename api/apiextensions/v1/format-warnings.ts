/** Formats that the server does not know are no error, but probably not what somebody wanted. */
import { isKnownFormat } from '../schema/formats.js';
import { itemsOf, valuesOf } from '../schema/json-schema.js';
import type { JsonSchema } from '../schema/json-schema.js';
import type { CustomResourceDefinition } from './types.js';

function collect(schema: JsonSchema, unknown: Set<string>): void {
  const { format = '', type = '' } = schema;
  if (format !== '' && !isKnownFormat(format, type)) unknown.add(format);
  const parts = [
    itemsOf(schema),
    valuesOf(schema),
    schema.not,
    ...Object.values(schema.properties ?? {}),
    ...(['allOf', 'anyOf', 'oneOf'] as const).flatMap((name) => schema[name] ?? []),
  ];
  for (const part of parts) if (part !== undefined) collect(part, unknown);
}

function unknownFormats(crd: CustomResourceDefinition | undefined): ReadonlySet<string> {
  const unknown = new Set<string>();
  for (const { schema } of crd?.spec.versions ?? []) {
    const root = schema?.openAPIV3Schema;
    if (root !== undefined) collect(root as JsonSchema, unknown);
  }
  return unknown;
}

/** What to say of the formats a write adds. */
export function formatWarnings(
  crd: CustomResourceDefinition,
  stored: CustomResourceDefinition | undefined,
): readonly string[] {
  const known = unknownFormats(stored);
  return [...unknownFormats(crd)]
    .filter((format) => !known.has(format))
    .map((format) => `unrecognized format ${JSON.stringify(format)}`);
}
