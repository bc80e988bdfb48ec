/** Objects as they show where only their metadata does: in rows of tables and as PartialObjectMetadata. */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';

/** An object without the annotations that are made of its spec; the object itself where it has none. */
export function bareObject(
  object: KubeObject,
  resource: ResourceDefinition | undefined,
): KubeObject {
  const { annotations } = object.metadata;
  const derived = resource?.derivedAnnotations;
  if (derived === undefined || annotations === undefined) return object;
  const kept = Object.entries(annotations).filter(([name]) => !derived.includes(name));
  const { annotations: _all, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: kept.length === 0 ? metadata : { ...metadata, annotations: Object.fromEntries(kept) },
  };
}
