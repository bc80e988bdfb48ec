/**
 * The `Client` over any `Transport`: it knows paths, query parameters and media types, and nothing of sockets.
 *
 * Built by each component's `main.ts`. It must never change an object it is given or hands out.
 */
import { failure, StatusError } from '../../api/meta/status-error.js';
import type { KubeObject, ListMeta, Status } from '../../api/meta/v1/types.js';
import { apiVersionOf, resourcePath, type ResourceRef } from '../../api/schema/resource.js';
import type {
  Client,
  ListOptions,
  ObjectKey,
  PatchType,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './client.js';
import type { Transport } from './transport.js';

const patchContentTypes: Readonly<Record<PatchType, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

type QueryValue = string | number | boolean | undefined;

function withQuery(path: string, query: Readonly<Record<string, QueryValue>>): string {
  const pairs = Object.entries(query)
    .filter((pair): pair is [string, string | number | boolean] => pair[1] !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}

const selectionQuery = (options: ListOptions): Record<string, QueryValue> => ({
  labelSelector: options.labelSelector,
  fieldSelector: options.fieldSelector,
  resourceVersion: options.resourceVersion,
  resourceVersionMatch: options.resourceVersionMatch,
});

const subresourceTarget = (options: WriteOptions): { subresource?: string } =>
  options.subresource === undefined ? {} : { subresource: options.subresource };

/** Servers leave `apiVersion` and `kind` out of list items; objects handed out always have them. */
function withTypeMeta<T extends KubeObject>(resource: ResourceRef<T>, item: T): T {
  const { apiVersion, kind } = item as Partial<KubeObject>;
  if (apiVersion !== undefined && kind !== undefined) return item;
  return { ...item, apiVersion: apiVersionOf(resource), kind: resource.kind };
}

/** The StatusError an ERROR watch event stands for. */
function errorOfEvent(object: unknown): StatusError {
  const status = object as Partial<Status> | null;
  if (status?.kind === 'Status') return new StatusError(status as Status);
  return failure({
    code: 500,
    reason: 'InternalError',
    message: 'the watch ended with an error event that carries no Status',
  });
}

async function* watchEvents<T extends KubeObject>(
  transport: Transport,
  resource: ResourceRef<T>,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  const path = withQuery(resourcePath(resource, { namespace: options.namespace }), {
    watch: 1,
    ...selectionQuery(options),
    allowWatchBookmarks: options.allowWatchBookmarks,
    sendInitialEvents: options.sendInitialEvents,
    timeoutSeconds: options.timeoutSeconds,
  });
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  for await (const event of transport.watch({ method: 'GET', path, ...signal })) {
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED':
      case 'DELETED':
        yield { type: event.type, object: event.object as T };
        break;
      case 'BOOKMARK':
        yield { type: 'BOOKMARK', object: event.object };
        break;
      default:
        throw errorOfEvent(event.object);
    }
  }
}

/** A client that sends everything through one transport. */
export function createClient(transport: Transport): Client {
  const writePath = (
    resource: ResourceRef,
    key: Partial<ObjectKey>,
    options: WriteOptions,
  ): string =>
    withQuery(resourcePath(resource, { ...key, ...subresourceTarget(options) }), {
      fieldManager: options.fieldManager,
    });
  const send = async (
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body: unknown,
    contentType = 'application/json',
  ): Promise<unknown> => transport.request({ method, path, body, contentType });

  return {
    get: async <T extends KubeObject>(resource: ResourceRef<T>, key: ObjectKey) =>
      (await transport.request({ method: 'GET', path: resourcePath(resource, key) })) as T,
    list: async <T extends KubeObject>(resource: ResourceRef<T>, options: ListOptions = {}) => {
      const path = withQuery(resourcePath(resource, { namespace: options.namespace }), {
        ...selectionQuery(options),
        limit: options.limit,
        continue: options.continue,
      });
      const answer = (await transport.request({ method: 'GET', path })) as {
        metadata?: ListMeta;
        items?: readonly T[] | null;
      };
      const items = (answer.items ?? []).map((item) => withTypeMeta(resource, item));
      return { items, metadata: answer.metadata ?? {} };
    },
    watch: (resource, options) => watchEvents(transport, resource, options),
    create: async <T extends KubeObject>(
      resource: ResourceRef<T>,
      object: { metadata: { namespace?: string | undefined } },
      options: WriteOptions = {},
    ) => {
      const { namespace } = object.metadata;
      return (await send('POST', writePath(resource, { namespace }, options), object)) as T;
    },
    update: async <T extends KubeObject>(
      resource: ResourceRef<T>,
      object: T,
      options: WriteOptions = {},
    ) => (await send('PUT', writePath(resource, object.metadata, options), object)) as T,
    patch: async <T extends KubeObject>(
      resource: ResourceRef<T>,
      key: ObjectKey,
      options: WriteOptions & { readonly type: PatchType; readonly body: unknown },
    ) =>
      (await send(
        'PATCH',
        writePath(resource, key, options),
        options.body,
        patchContentTypes[options.type],
      )) as T,
    delete: async (resource, key, options = {}) => {
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', ...options };
      await send('DELETE', resourcePath(resource, key), body);
    },
    createSubresource: async <R extends KubeObject>(
      resource: ResourceRef,
      target: ObjectKey & { readonly subresource: string },
      body: unknown,
    ) => (await send('POST', resourcePath(resource, target), body)) as R,
  };
}
