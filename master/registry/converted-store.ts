/**
 * The view of a resource that is stored as another one, such as events.k8s.io over core events: the same keys, revisions and
 * events, with every object translated on its way. Translated bytes are made once per revision.
 */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { Conversion, ResourceDefinition } from '../../api/schema/resource.js';
import type { ResourceStore, WriteResult } from '../watch/resource-store.js';
import type { StoredObject } from '../watch/stored-object.js';
import type { Watch } from '../watch/watcher.js';
import { eventShowing, shownAs, watchGiving } from './converted-objects.js';

class ConvertedViews {
  private readonly views = new WeakMap<StoredObject, StoredObject>();
  private readonly conversion: Conversion;
  private readonly resource: ResourceDefinition;

  constructor(conversion: Conversion, resource: ResourceDefinition) {
    this.conversion = conversion;
    this.resource = resource;
  }

  of(stored: StoredObject): StoredObject {
    const known = this.views.get(stored);
    if (known !== undefined) return known;
    const object = this.conversion.fromStored(stored.object);
    if (object === stored.object) {
      this.views.set(stored, stored);
      return stored;
    }
    const view = shownAs(stored, object, this.resource);
    this.views.set(stored, view);
    return view;
  }
}

const convertedWatch = (
  watch: Watch<KubeObject>,
  views: ConvertedViews,
  resource: ResourceDefinition,
): Watch<KubeObject> =>
  watchGiving(watch, async () =>
    (await watch.next())?.map((event) =>
      eventShowing(event, event.stored && views.of(event.stored), resource),
    ),
  );

/** Shows the stored resource's objects as the given resource's. */
export function convertedStore(
  store: ResourceStore,
  resource: ResourceDefinition,
  conversion: Conversion,
): ResourceStore {
  const views = new ConvertedViews(conversion, resource);
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
    sizeBytes: store.sizeBytes,
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
