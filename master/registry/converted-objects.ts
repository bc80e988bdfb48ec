/**
 * What the views of a resource in another version or group have in common: objects, events and watches that are shown otherwise than
 * they are stored, under the same keys and revisions.
 *
 * Called by `converted-store.ts` and `custom-resources/webhook-store.ts`, which differ in when an object is converted.
 */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import { writtenFormOf } from '../../api/schema/unset-fields.js';
import type { StoredObject } from '../watch/stored-object.js';
import type { WatchEvent } from '../watch/watch-event.js';
import type { Watch } from '../watch/watcher.js';

const newline = Buffer.from('}\n');

/** In the order of the bytes the cache serves: kind and apiVersion first. */
function encodeWhole({ kind, apiVersion, ...rest }: KubeObject): Buffer {
  return Buffer.from(JSON.stringify({ kind, apiVersion, ...rest }));
}

/** A stored object that shows another of a resource; its bytes are made when they are first asked for. */
export function shownAs(
  stored: StoredObject,
  object: KubeObject,
  { schema }: ResourceDefinition,
): StoredObject {
  let bytes: Buffer | undefined;
  return {
    key: stored.key,
    namespace: stored.namespace,
    name: stored.name,
    modRevision: stored.modRevision,
    object,
    objectOnce: () => object,
    get bytes() {
      return (bytes ??= encodeWhole(writtenFormOf(schema).written(object)));
    },
  };
}

/** A bookmark names the kind that is watched, not the stored one. */
function bookmarkAs(event: WatchEvent, { kind, apiVersion }: ResourceDefinition): Buffer {
  const { type, object } = JSON.parse(event.line().toString('utf8')) as {
    type: string;
    object: KubeObject;
  };
  return Buffer.from(`${JSON.stringify({ type, object: { ...object, kind, apiVersion } })}\n`);
}

/** The event of a watch of `resource`, with the object as it is shown there; bookmarks have none. */
export function eventShowing(
  event: WatchEvent,
  shown: StoredObject | undefined,
  resource: ResourceDefinition,
): WatchEvent {
  const { apiVersion } = resource;
  if (shown !== undefined && shown === event.stored) return event;
  const line = (): Buffer =>
    event.lineAs(apiVersion, () =>
      shown === undefined
        ? bookmarkAs(event, resource)
        : Buffer.concat([Buffer.from(`{"type":"${event.type}","object":`), shown.bytes, newline]),
    );
  const view: WatchEvent = {
    type: event.type,
    revision: event.revision,
    endsInitialEvents: event.endsInitialEvents,
    stored: shown,
    line,
    lineAs: (representation, encode) =>
      event.lineAs(`${apiVersion} ${representation}`, () => encode(view)),
  };
  return view;
}

/** A watch whose batches come from `next` in place of its own. */
export const watchGiving = (
  watch: Watch<KubeObject>,
  next: Watch<KubeObject>['next'],
): Watch<KubeObject> => ({
  next,
  stop: watch.stop,
  ended: watch.ended,
  [Symbol.asyncIterator]: () => ({
    next: async () => {
      const value = await next();
      return value === undefined ? { done: true, value } : { done: false, value };
    },
  }),
});
