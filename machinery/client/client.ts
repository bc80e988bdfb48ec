/**
 * The API client every component uses: controllers and the scheduler in the master's process, the agent over HTTPS. One
 * `Client` works over any `Transport`; the in-process one hands over the server's own parsed objects.
 *
 * Objects returned are shared and must never be changed; failures are `StatusError`s.
 */
import type { DeleteOptions, KubeObject, ListMeta, NewObject } from '../../api/meta/v1/types.js';
import type { ResourceRef } from '../../api/schema/resource.js';

export interface ObjectKey {
  readonly namespace?: string | undefined;
  readonly name: string;
}

export interface ListOptions {
  /** All namespaces when absent. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
}

export interface ListResult<T> {
  readonly items: readonly T[];
  readonly metadata: ListMeta;
}

export interface WatchOptions extends Omit<ListOptions, 'limit' | 'continue'> {
  readonly allowWatchBookmarks?: boolean;
  readonly sendInitialEvents?: boolean;
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
}

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly object: KubeObject };

export type PatchType = 'json' | 'merge' | 'strategic';

export interface WriteOptions {
  readonly fieldManager?: string;
  /** `status`, `scale`, `binding`, …; the main resource when absent. */
  readonly subresource?: string;
}

export interface PatchOptions extends WriteOptions {
  readonly type: PatchType;
  /** JSON patch operations, or the partial object. */
  readonly body: unknown;
}

export interface Client {
  get<T extends KubeObject>(resource: ResourceRef<T>, key: ObjectKey): Promise<T>;
  list<T extends KubeObject>(
    resource: ResourceRef<T>,
    options?: ListOptions,
  ): Promise<ListResult<T>>;
  /** Ends when the server ends it, `signal` aborts or the consumer stops; an ERROR event is thrown as StatusError. */
  watch<T extends KubeObject>(
    resource: ResourceRef<T>,
    options: WatchOptions,
  ): AsyncIterable<WatchEvent<T>>;
  create<T extends KubeObject>(
    resource: ResourceRef<T>,
    object: NewObject<T>,
    options?: WriteOptions,
  ): Promise<T>;
  /** PUT; the object's resourceVersion guards against lost updates. */
  update<T extends KubeObject>(
    resource: ResourceRef<T>,
    object: T,
    options?: WriteOptions,
  ): Promise<T>;
  patch<T extends KubeObject>(
    resource: ResourceRef<T>,
    key: ObjectKey,
    options: PatchOptions,
  ): Promise<T>;
  /** Resolves when the server has accepted the deletion; the object may live on while finalizers or grace hold it. */
  delete(resource: ResourceRef, key: ObjectKey, options?: Partial<DeleteOptions>): Promise<void>;
  /** POSTs to a subresource of one object (`token`, `binding`, `eviction`) and returns the answer's object. */
  createSubresource<R extends KubeObject>(
    resource: ResourceRef,
    target: ObjectKey & { readonly subresource: string },
    body: NewObject<R>,
  ): Promise<R>;
}
