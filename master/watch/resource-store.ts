/**
 * One resource as the registry reads, writes and watches it: the contract of the watch cache, and of what shows its objects
 * in another version.
 */
import { failure } from '../../api/meta/status-error.js';
import type { StatusError } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { StoredObject } from './stored-object.js';
import type { Selection, Watch } from './watcher.js';

export interface ListOptions<T extends KubeObject> extends Selection<T> {
  readonly limit?: number | undefined;
  /** Continue after the object with this key, as a previous page said. */
  readonly continueAfter?: string | undefined;
  /** As things stood at this revision; now when absent. */
  readonly atRevision?: number | undefined;
}

export interface ListResult<T extends KubeObject> {
  readonly items: readonly StoredObject<T>[];
  /** The revision the list shows. */
  readonly revision: number;
  /** The key to continue after; undefined on the last page. */
  readonly continueAfter: string | undefined;
  /** How many objects follow the page; undefined where a predicate makes it unknown. */
  readonly remaining: number | undefined;
}

export interface WatchOptions<T extends KubeObject> extends Selection<T> {
  /** Events after this revision; after the present state when absent. */
  readonly afterRevision?: number | undefined;
  /**
   * `state` shows every object there is as ADDED first; `state-and-end` adds the bookmark that ends a watch-list. The
   * state is at least as new as `afterRevision`.
   */
  readonly initialEvents?: 'none' | 'state' | 'state-and-end';
  /** A bookmark each minute, and one shortly before the end. */
  readonly bookmarks?: boolean;
  /** When whoever asks will end the watch. */
  readonly endsAfterMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** A write that found another state than it expected changed nothing and says what is there. */
export type WriteResult<T extends KubeObject> =
  | { readonly written: true; readonly stored: StoredObject<T> }
  | { readonly written: false; readonly current: StoredObject<T> | undefined };

/** What an object has become, and what it was; one of the two may be absent. */
export type ChangeListener<T extends KubeObject> = (
  current: StoredObject<T> | undefined,
  previous: StoredObject<T> | undefined,
) => void;

/** One resource as the registry reads, writes and watches it. Keys start with the resource's prefix. */
export interface ResourceStore<T extends KubeObject = KubeObject> {
  /** The revision everything served is at least as new as. */
  readonly revision: () => number;
  readonly count: () => number;
  /** Of all objects as they are served in JSON. */
  readonly sizeBytes: () => number;
  /** The object as of every write acknowledged so far. */
  readonly get: (key: string) => Promise<StoredObject<T> | undefined>;
  /** The object as the cache has it now, without waiting for anything. */
  readonly peek: (key: string) => StoredObject<T> | undefined;
  /** Where showing an object takes time: resolves once `peek` shows it as it is stored now. */
  readonly ready?: (key: string) => Promise<void>;
  /** What the cache has now of a namespace, or of all; as fresh as `peek`. */
  readonly peekAll: (namespace?: string) => readonly StoredObject<T>[];
  /** The revision of the resource's last change; grows with each. */
  readonly changedAt: () => number;
  /** In the order of keys. 410 Expired when `atRevision` is no longer held. */
  readonly list: (options: ListOptions<T>) => Promise<ListResult<T>>;
  /**
   * Writes a new object; `current` is what holds the key already. The object belongs to the cache afterwards.
   * ObjectTooLargeError for one that is too large to be stored.
   */
  readonly create: (key: string, object: T) => Promise<WriteResult<T>>;
  /**
   * Replaces the object if it is still at `modRevision`. Content that is the same is not written again.
   * ObjectTooLargeError for one that is too large to be stored, unless `anySize` is set: nothing keeps an object from being
   * marked for deletion.
   */
  readonly update: (write: {
    readonly key: string;
    readonly object: T;
    readonly modRevision: number;
    readonly anySize?: true;
  }) => Promise<WriteResult<T>>;
  /** Deletes the object if it is still at `modRevision`; gives its last state under the revision of the deletion. */
  readonly delete: (key: string, modRevision: number) => Promise<WriteResult<T>>;
  /** 410 Expired when the events after `afterRevision` are no longer held, 504 when it lies in the future. */
  readonly watch: (options: WatchOptions<T>) => Promise<Watch<T>>;
  /**
   * Shows every object there is and then each change, before the write that made it is acknowledged. The listener must be
   * quick and never fail; indexes that requests are decided by are kept this way.
   */
  readonly follow: (listener: ChangeListener<T>) => void;
  /** How many watches are open. */
  readonly watchers: () => number;
  readonly close: () => void;
}

/** An object's JSON is longer than `maxObjectBytes`. Nothing was written. */
export class ObjectTooLargeError extends Error {
  constructor(sizeBytes: number, limitBytes: number) {
    super(`the object has ${String(sizeBytes)} bytes, more than ${String(limitBytes)}`);
    this.name = 'ObjectTooLargeError';
  }
}

/** The answer to a resourceVersion newer than anything written, as Kubernetes words it. */
export const tooLargeRevision = (requested: number, current: number): StatusError =>
  failure({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${String(requested)}, current: ${String(current)}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });
