/**
 * The view of custom resources in one version where a webhook converts. Converting takes time, so what is shown is converted
 * before it is handed out: lists and batches of events in one call each. Conversions are kept as long as the revision.
 *
 * `peek` cannot wait; `ready` is called before it, and it shows what was converted last. A write that was made from a state
 * older than the stored one is refused by its revision, as always.
 */
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../../api/schema/resource.js';
import type {
  ListOptions,
  ListResult,
  ResourceStore,
  WatchOptions,
  WriteResult,
} from '../../watch/resource-store.js';
import type { StoredObject } from '../../watch/stored-object.js';
import type { Watch } from '../../watch/watcher.js';
import { eventShowing, shownAs, watchGiving } from '../converted-objects.js';
import { conversionPageObjects } from '../limits.js';
import { SelectedEvents } from './selected-events.js';
import type { WebhookConversion } from './webhook-conversion.js';

export interface WebhookStoreOptions {
  readonly store: ResourceStore;
  readonly resource: ResourceDefinition;
  /** The version objects are written in. */
  readonly storage: string;
  readonly conversion: WebhookConversion;
}

class WebhookViews {
  private readonly options: WebhookStoreOptions;
  private readonly views = new WeakMap<StoredObject, StoredObject>();
  /** What was converted last of each key, for those who cannot wait. */
  private readonly last = new Map<string, StoredObject>();

  constructor(options: WebhookStoreOptions) {
    this.options = options;
  }

  known(stored: StoredObject): StoredObject | undefined {
    return stored.object.apiVersion === this.options.resource.apiVersion
      ? stored
      : this.views.get(stored);
  }

  latest(key: string): StoredObject | undefined {
    return this.last.get(key);
  }

  forget(key: string): void {
    this.last.delete(key);
  }

  /** Remembers what an object looks like in this version. */
  keep(stored: StoredObject, object: KubeObject): StoredObject {
    const known = this.known(stored);
    if (known !== undefined) return known;
    const view = shownAs(stored, object, this.options.resource);
    this.views.set(stored, view);
    this.last.set(stored.key, view);
    return view;
  }

  async of(items: readonly StoredObject[]): Promise<readonly StoredObject[]> {
    const unknown = items.filter((stored) => this.known(stored) === undefined);
    if (unknown.length > 0) {
      const { conversion, resource } = this.options;
      const objects = unknown.map(({ object }) => object);
      const converted = await conversion.convert(objects, resource.version);
      for (const [position, stored] of unknown.entries()) {
        this.keep(stored, converted[position] ?? stored.object);
      }
    }
    return items.map((stored) => this.known(stored) ?? stored);
  }
}

/** Converts each batch of events before it is handed on; a conversion that fails ends the watch, and the client asks again. */
function convertedWatch(
  watch: Watch<KubeObject>,
  views: WebhookViews,
  resource: ResourceDefinition,
): Watch<KubeObject> {
  return watchGiving(watch, async () => {
    const events = await watch.next();
    if (events === undefined) return undefined;
    const stored = events.map((event) => event.stored);
    try {
      await views.of(stored.filter((one) => one !== undefined));
    } catch {
      watch.stop();
      return undefined;
    }
    return events.map((event) =>
      eventShowing(event, event.stored && views.known(event.stored), resource),
    );
  });
}

/** Shows of the converted events what is selected. Batches of which nothing is left are passed over. */
function selectedWatch(watch: Watch<KubeObject>, selected: SelectedEvents): Watch<KubeObject> {
  return watchGiving(watch, async () => {
    for (;;) {
      const events = await watch.next();
      if (events === undefined) return undefined;
      const left = events.flatMap((event) => selected.select(event) ?? []);
      if (left.length > 0) return left;
    }
  });
}

/** A list whose predicate looks at converted objects: pages are converted until enough of them are found. */
async function filteredList(
  store: ResourceStore,
  views: WebhookViews,
  options: ListOptions<KubeObject>,
): Promise<ListResult<KubeObject>> {
  const { predicate, limit = Infinity, ...rest } = options;
  const found: StoredObject[] = [];
  let { continueAfter } = options;
  let atRevision = options.atRevision;
  for (;;) {
    const page = await store.list({
      ...rest,
      continueAfter,
      atRevision,
      limit: conversionPageObjects,
    });
    atRevision = page.revision;
    for (const view of await views.of(page.items)) {
      if (predicate !== undefined && !predicate(view.object)) continue;
      if (found.length === limit) {
        return {
          items: found,
          revision: page.revision,
          continueAfter: found.at(-1)?.key,
          remaining: undefined,
        };
      }
      found.push(view);
    }
    continueAfter = page.continueAfter;
    if (continueAfter === undefined) {
      return {
        items: found,
        revision: page.revision,
        continueAfter: undefined,
        remaining: undefined,
      };
    }
  }
}

/** A watch in this version, whose predicate looks at converted objects. */
async function watchShowing(
  { store, resource }: WebhookStoreOptions,
  views: WebhookViews,
  request: WatchOptions<KubeObject>,
): Promise<Watch<KubeObject>> {
  const { predicate, ...rest } = request;
  if (predicate === undefined) return convertedWatch(await store.watch(request), views, resource);
  const selected = new SelectedEvents(resource, predicate);
  const { namespace, name, initialEvents = 'none' } = request;
  let { afterRevision } = request;
  if (initialEvents === 'none') {
    afterRevision ??= store.revision();
    const begin = { namespace, name, predicate, atRevision: afterRevision };
    selected.begin((await filteredList(store, views, begin)).items);
  }
  const all = await store.watch({ ...rest, afterRevision });
  return selectedWatch(convertedWatch(all, views, resource), selected);
}

/** Shows objects in the resource's version, whatever version they are stored in. */
export function webhookStore(options: WebhookStoreOptions): ResourceStore {
  const { store, storage, conversion } = options;
  const views = new WebhookViews(options);
  const one = async (stored: StoredObject | undefined): Promise<StoredObject | undefined> =>
    stored === undefined ? undefined : (await views.of([stored]))[0];
  const toStorage = async (object: KubeObject): Promise<KubeObject> =>
    (await conversion.convert([object], storage))[0] ?? object;
  /** What was written is shown as it was given, under the revision it got. */
  const written = async (
    result: WriteResult<KubeObject>,
    object: KubeObject,
  ): Promise<WriteResult<KubeObject>> => {
    if (!result.written) return { written: false, current: await one(result.current) };
    const { metadata } = result.stored.object;
    return { written: true, stored: views.keep(result.stored, { ...object, metadata }) };
  };
  return {
    revision: store.revision,
    count: store.count,
    sizeBytes: store.sizeBytes,
    changedAt: store.changedAt,
    watchers: store.watchers,
    close: store.close,
    follow: (listener) => {
      // Whoever indexes sees what is stored: metadata is the same in every version.
      store.follow(listener);
    },
    ready: async (key) => {
      const stored = store.peek(key);
      if (stored === undefined) views.forget(key);
      else await views.of([stored]);
    },
    peek: (key) => {
      const stored = store.peek(key);
      return stored && (views.known(stored) ?? views.latest(key));
    },
    peekAll: (namespace) => store.peekAll(namespace).map((stored) => views.known(stored) ?? stored),
    get: async (key) => one(await store.get(key)),
    list: async (request) => {
      if (request.predicate !== undefined) return filteredList(store, views, request);
      const page = await store.list(request);
      return { ...page, items: await views.of(page.items) };
    },
    create: async (key, object) =>
      written(await store.create(key, await toStorage(object)), object),
    update: async (write) =>
      written(
        await store.update({ ...write, object: await toStorage(write.object) }),
        write.object,
      ),
    delete: async (key, modRevision) => {
      const result = await store.delete(key, modRevision);
      views.forget(key);
      if (!result.written) return { written: false, current: await one(result.current) };
      const last = await one(result.stored);
      return { written: true, stored: last ?? result.stored };
    },
    watch: (request) => watchShowing(options, views, request),
  };
}
