/**
 * Objects, metadata and failures as protobuf. A stored object's message is made when it is first asked for and kept as long
 * as the object is.
 *
 * Called by the writers of answers, lists and watches.
 */
import { listMeta } from '../../api/meta/v1/list-meta.js';
import { objectMeta } from '../../api/meta/v1/object-meta.js';
import { deleteOptions } from '../../api/meta/v1/delete-options.js';
import { status } from '../../api/meta/v1/status.js';
import type { KubeObject, ListMeta } from '../../api/meta/v1/types.js';
import { encodeMessage, sealEnvelope } from '../../api/protobuf/encode.js';
import { scale } from '../../api/autoscaling/v1/scale.js';
import { builtInResources } from '../../api/resources.js';
import { apiVersionOf } from '../../api/schema/resource.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import { definition, ref } from '../../api/schema/schema.js';
import type { Definition } from '../../api/schema/schema.js';

const partial = definition('PartialObjectMetadata', 'An object without all but its metadata.', {
  metadata: ref(1, objectMeta, 'The metadata.'),
});

/** What every list's message begins with. */
const listHead = definition('List', 'A list without its items.', {
  metadata: ref(1, listMeta, 'What the list says about itself.'),
});

const typeKey = (apiVersion: string, kind: string): string => `${apiVersion} ${kind}`;

/** The declarations of everything the server answers with that is not a resource's own object. */
const declared: ReadonlyMap<string, Definition> = new Map([
  ...builtInResources.map(({ apiVersion, kind, schema }): [string, Definition] => [
    typeKey(apiVersion, kind),
    schema,
  ]),
  ...builtInResources.flatMap(({ subresources }) =>
    subresources.flatMap(({ group, version, kind, schema }): [string, Definition][] =>
      schema === undefined ? [] : [[typeKey(apiVersionOf({ group, version }), kind), schema]],
    ),
  ),
  [typeKey('autoscaling/v1', 'Scale'), scale],
  [typeKey('v1', 'Status'), status],
  [typeKey('v1', 'DeleteOptions'), deleteOptions],
]);

const messages = new WeakMap<KubeObject, Buffer>();
const metadataMessages = new WeakMap<KubeObject, Buffer>();

function kept(cache: WeakMap<KubeObject, Buffer>, object: KubeObject, schema: Definition): Buffer {
  const known = cache.get(object);
  if (known !== undefined) return known;
  const made = encodeMessage(object, schema);
  cache.set(object, made);
  return made;
}

/** The message of an object that is stored, kept beside it. */
export const messageOf = (object: KubeObject, { schema }: ResourceDefinition): Buffer =>
  kept(messages, object, schema);

/** The message of a stored object's metadata. */
export const metadataMessageOf = (object: KubeObject): Buffer =>
  kept(metadataMessages, object, partial);

/** The message of an object's metadata, not kept. */
export const encodeMetadata = (object: KubeObject): Buffer => encodeMessage(object, partial);

/** The metadata of a list as the first field of its message. */
export const encodeListHead = (metadata: ListMeta): Buffer => encodeMessage({ metadata }, listHead);

/** An object in its envelope; undefined where nothing declares its kind. `resource` is given for stored objects. */
export function protobufOf(
  object: KubeObject,
  resource: ResourceDefinition | undefined,
): Buffer | undefined {
  const { apiVersion, kind } = object;
  if (resource?.kind === kind && resource.apiVersion === apiVersion) {
    return sealEnvelope({ apiVersion, kind }, messageOf(object, resource));
  }
  const schema = declared.get(typeKey(apiVersion, kind));
  return schema === undefined
    ? undefined
    : sealEnvelope({ apiVersion, kind }, encodeMessage(object, schema));
}
