/** Objects as admission needs them: typed again after a patch, and in the other forms their resource is served in. */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import type { EquivalentsOf } from '../admission/equivalents.js';
import type { ResourceOfKind } from '../admission/policies/params.js';
import type { Redecode } from '../admission/webhooks/mutating.js';
import { decodeValue } from '../registry/decode.js';
import { storePrefix } from '../registry/object-key.js';
import type { Registries } from '../registry/registries.js';
import { expectedKindOf } from './resource-key.js';

/** Prunes and defaults; the bodies of subresources, which are of other kinds, stay as they are. */
export const redecode: Redecode = (
  { resource, object },
  patched,
  { strict } = { strict: false },
) => {
  if (object?.kind !== resource.kind) return patched as KubeObject;
  const expected = expectedKindOf(resource);
  // Custom resources are pruned, whoever writes what their schema does not know.
  const fieldValidation = strict && expected.decode === undefined ? 'Strict' : 'Ignore';
  const decoded = decodeValue(patched, expected, { fieldValidation });
  resource.defaults?.(decoded.object);
  return decoded.object;
};

const stored = (resource: ResourceDefinition, object: KubeObject): KubeObject =>
  resource.convert === undefined ? object : resource.convert.toStored(object);

const shownAs = (resource: ResourceDefinition, object: KubeObject): KubeObject => {
  const shown = resource.convert === undefined ? object : resource.convert.fromStored(object);
  return shown.apiVersion === resource.apiVersion && shown.kind === resource.kind
    ? shown
    : { ...shown, apiVersion: resource.apiVersion, kind: resource.kind };
};

/** Every other group and version that the same stored objects are served in. */
export const equivalentsIn =
  (registries: Registries): EquivalentsOf =>
  (resource) => {
    const prefix = storePrefix(resource);
    return registries
      .all()
      .map((registry) => registry.resource)
      .filter((other) => other !== resource && storePrefix(other) === prefix)
      .map((other) => ({
        resource: other,
        to: (object: KubeObject) => shownAs(other, stored(resource, object)),
        from: (object: KubeObject) => shownAs(resource, stored(other, object)),
      }));
  };

/** The resource that serves a kind; the kinds of subresources have none. */
export const resourceOfKindIn =
  (registries: Registries): ResourceOfKind =>
  ({ apiVersion, kind }) =>
    registries
      .all()
      .find(({ resource }) => resource.apiVersion === apiVersion && resource.kind === kind)
      ?.resource;
