/** Decodes bodies of custom resources: metadata as everybody's, the rest pruned by the structural schema. */
import { pruneObject } from '../../../api/apiextensions/schema/prune.js';
import type { JsonSchema } from '../../../api/apiextensions/schema/json-schema.js';
import { objectMeta } from '../../../api/meta/v1/object-meta.js';
import type { CustomDecoder } from '../../../api/schema/resource.js';
import { decodeTyped } from '../codec.js';
import { decodeEmbedded } from './embedded-metadata.js';

/** The decoder for a schema. Throws DecodeError for metadata of the wrong type. */
export function customDecoder(schema: JsonSchema): CustomDecoder {
  return (value) => {
    const { metadata, ...content } = structuredClone(value) as Record<string, unknown>;
    const pruned = pruneObject(content, schema);
    const unknownFields = [...pruned, ...decodeEmbedded(content, schema, '')];
    if (metadata === undefined || metadata === null) return { object: content, unknownFields };
    const decoded = decodeTyped(objectMeta, metadata);
    const inMetadata = decoded.unknownFields.map((path) => `metadata.${path}`);
    return {
      object: { ...content, metadata: decoded.object },
      unknownFields: [...unknownFields, ...inMetadata],
    };
  };
}
