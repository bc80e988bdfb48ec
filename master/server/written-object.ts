/** Objects that are not answered with their stored bytes, as those bytes would have them. */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import { writtenFormOf } from '../../api/schema/unset-fields.js';

/** An object of a resource as JSON shows it; the bodies of subresources, which are of other kinds, stay as they are. */
export const writtenObject = (
  object: KubeObject,
  resource: ResourceDefinition | undefined,
): KubeObject =>
  resource?.kind === object.kind ? writtenFormOf(resource.schema).written(object) : object;
