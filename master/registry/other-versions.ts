/** How ownership sees the other versions of a kind: through the form in which its objects are stored. */
import type { VersionView } from '../../api/managed-fields/ownership.js';
import { objectShape } from '../../api/managed-fields/shape.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { JsonObject } from '../../api/patch/json-value.js';
import type { Conversion, ResourceDefinition } from '../../api/schema/resource.js';

/** A version with its way to and from the stored form; absent where it is the stored form. */
export interface KindVersion {
  readonly resource: Pick<ResourceDefinition, 'apiVersion' | 'schema'>;
  readonly convert?: Conversion | undefined;
}

function converted(object: JsonObject, from: KindVersion, to: KindVersion): JsonObject {
  // Nothing is nothing in every version.
  if (Object.keys(object).length === 0) return object;
  const whole = object as unknown as KubeObject;
  const stored = from.convert?.toStored(whole) ?? whole;
  return (to.convert?.fromStored(stored) ?? stored) as unknown as JsonObject;
}

/** The views of a version on the others; `all` may include itself and is asked when a view is first needed. */
export function otherVersions(
  own: KindVersion,
  all: () => readonly KindVersion[],
): (apiVersion: string) => VersionView | undefined {
  let views: ReadonlyMap<string, VersionView> | undefined;
  return (apiVersion) => (views ??= viewsFrom(own, all())).get(apiVersion);
}

function viewsFrom(
  own: KindVersion,
  all: readonly KindVersion[],
): ReadonlyMap<string, VersionView> {
  const views = new Map<string, VersionView>();
  for (const version of all) {
    views.set(version.resource.apiVersion, {
      shape: objectShape(version.resource.schema),
      fromRequested: (object) => converted(object, own, version),
      toRequested: (object) => converted(object, version, own),
    });
  }
  return views;
}
