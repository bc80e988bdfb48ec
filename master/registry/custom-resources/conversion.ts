/** Between the versions of a custom resource, where only the apiVersion differs: reading also fills in new defaults. */
import { jsonEqual } from '../../../api/patch/json-value.js';
import { dropBadNulls, fillDefaults } from '../../../api/apiextensions/schema/fill-defaults.js';
import type { JsonSchema } from '../../../api/apiextensions/schema/json-schema.js';
import { pruneObject } from '../../../api/apiextensions/schema/prune.js';
import type { CustomResourceDefinition } from '../../../api/apiextensions/v1/types.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { Conversion } from '../../../api/schema/resource.js';

export interface ConversionOptions {
  readonly crd: CustomResourceDefinition;
  /** The version requests are about. */
  readonly version: string;
  /** The version objects are stored in. */
  readonly storage: string;
  readonly schemaOf: (version: string) => JsonSchema;
}

/** The object with the defaults of a schema; the same object where there is nothing to fill in. */
function withDefaults(object: KubeObject, schema: JsonSchema): KubeObject {
  const draft = structuredClone(object);
  dropBadNulls(draft, schema);
  fillDefaults(draft, schema);
  return jsonEqual(draft, object) ? object : draft;
}

function withVersion(object: KubeObject, apiVersion: string, schema: JsonSchema): KubeObject {
  const { metadata, ...content } = structuredClone(object);
  pruneObject(content, schema);
  return { ...content, apiVersion, metadata };
}

/** Conversion by strategy `None`. Objects may be stored in any version they were once stored in. */
export function conversionTo({ crd, version, storage, schemaOf }: ConversionOptions): Conversion {
  const { group } = crd.spec;
  const [own, stored] = [`${group}/${version}`, `${group}/${storage}`];
  const schema = schemaOf(version);
  return {
    fromStored: (object) =>
      withDefaults(object.apiVersion === own ? object : withVersion(object, own, schema), schema),
    toStored: (object) =>
      object.apiVersion === stored ? object : withVersion(object, stored, schemaOf(storage)),
  };
}
