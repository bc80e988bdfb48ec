/**
 * The view of a resource that is stored as another one, such as events.k8s.io over core events: the same keys, revisions and
 * events, with every object translated on its way. Translated bytes are made once per revision.
 */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import type { ResourceStore, WriteResult } from '../watch/resource-cache.js';
import type { StoredObject } from '../watch/stored-object.js';
import type { WatchEvent } from '../watch/watch-event.js';
import type { Watch } from '../watch/watcher.js';

type Conversion = NonNullable<ResourceDefinition['convert']>;

/** In the order of the bytes the cache serves: kind and apiVersion first. */
export function encodeWhole({ kind, apiVersion, ...rest }: KubeObject): Buffer {
  return Buffer.from(JSON.stringify({ kind, apiVersion, ...rest }));
}

class ConvertedViews {
  private readonly views = new WeakMap<StoredObject, StoredObject>();
  private readonly conversion: Conversion;

  constructor(conversion: Conversion) {
    this.conversion = conversion;
  }

  of(stored: StoredObject): StoredObject {
    const known = this.views.get(stored);
    if (known !== undefined) return known;
    const object = this.conversion.fromStored(stored.object);
    if (object === stored.object) {
      this.views.set(stored, stored);
      return stored;
    }
    let bytes: Buffer | undefined;
    const view: StoredObject = {
      key: stored.key,
      namespace: stored.namespace,
      name: stored.name,
      modRevision: stored.modRevision,
      object,
      objectOnce: () => object,
      get bytes() {
        return (bytes ??= encodeWhole(object));
      },
    };
    this.views.set(stored, view);
    return view;
  }
}

const newline = Buffer.from('}\n');

/** A bookmark names the kind that is watched, not the stored one. */
export function bookmarkAs(event: WatchEvent, kind: string, apiVersion: string): Buffer {
  const { type, object } = JSON.parse(event.line().toString('utf8')) as {
    type: string;
    object: KubeObject;
  };
  return Buffer.from(`${JSON.stringify({ type, object: { ...object, kind, apiVersion } })}\n`);
}

function convertedEvent(
  event: WatchEvent,
  views: ConvertedViews,
  { kind, apiVersion }: ResourceDefinition,
): WatchEvent {
  const stored = event.stored === undefined ? undefined : views.of(event.stored);
  if (stored !== undefined && stored === event.stored) return event;
  const line = (): Buffer =>
    event.lineAs(apiVersion, () =>
      stored === undefined
        ? bookmarkAs(event, kind, apiVersion)
        : Buffer.concat([Buffer.from(`{"type":"${event.type}","object":`), stored.bytes, newline]),
    );
  const view: WatchEvent = {
    type: event.type,
    revision: event.revision,
    endsInitialEvents: event.endsInitialEvents,
    stored,
    line,
    lineAs: (representation, encode) =>
      event.lineAs(`${apiVersion} ${representation}`, () => encode(view)),
  };
  return view;
}

function convertedWatch(
  watch: Watch<KubeObject>,
  views: ConvertedViews,
  resource: ResourceDefinition,
): Watch<KubeObject> {
  const next = async (): Promise<readonly WatchEvent[] | undefined> =>
    (await watch.next())?.map((event) => convertedEvent(event, views, resource));
  return {
    next,
    stop: watch.stop,
    ended: watch.ended,
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const value = await next();
        return value === undefined ? { done: true, value } : { done: false, value };
      },
    }),
  };
}

/** Shows the stored resource's objects as the given resource's. */
export function convertedStore(
  store: ResourceStore,
  resource: ResourceDefinition,
  conversion: Conversion,
): ResourceStore {
  const views = new ConvertedViews(conversion);
  const view = (stored: StoredObject | undefined): StoredObject | undefined =>
    stored === undefined ? undefined : views.of(stored);
  const result = (written: WriteResult<KubeObject>): WriteResult<KubeObject> =>
    written.written
      ? { written: true, stored: views.of(written.stored) }
      : { written: false, current: view(written.current) };
  const through = (
    predicate: ((object: KubeObject) => boolean) | undefined,
  ): ((object: KubeObject) => boolean) | undefined =>
    predicate === undefined ? undefined : (object) => predicate(conversion.fromStored(object));
  return {
    revision: store.revision,
    count: store.count,
    watchers: store.watchers,
    close: store.close,
    follow: (listener) => {
      store.follow((current, previous) => {
        listener(view(current), view(previous));
      });
    },
    peek: (key) => view(store.peek(key)),
    peekAll: (namespace) => store.peekAll(namespace).map((stored) => views.of(stored)),
    changedAt: store.changedAt,
    get: async (key) => view(await store.get(key)),
    list: async (options) => {
      const page = await store.list({ ...options, predicate: through(options.predicate) });
      return { ...page, items: page.items.map((item) => views.of(item)) };
    },
    create: async (key, object) => result(await store.create(key, conversion.toStored(object))),
    update: async (write) =>
      result(await store.update({ ...write, object: conversion.toStored(write.object) })),
    delete: async (key, modRevision) => result(await store.delete(key, modRevision)),
    watch: async (options) =>
      convertedWatch(
        await store.watch({ ...options, predicate: through(options.predicate) }),
        views,
        resource,
      ),
  };
}
