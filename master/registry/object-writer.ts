/**
 * What a write of the registry becomes at the store: a compare-and-swap, or, of a dry run, the object it would have left.
 * Each way gives undefined where somebody else was faster.
 *
 * Called by the registry and its deletions, which have validated and admitted by then.
 */
import { requestTooLarge } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import { watchLimits } from '../watch/limits.js';
import { ObjectTooLargeError } from '../watch/resource-store.js';
import type { ResourceStore, WriteResult } from '../watch/resource-store.js';
import type { StoredObject } from '../watch/stored-object.js';
import { isUnchanged } from './field-ownership.js';
import type { ResourceHooks, WriteContext } from './hooks.js';
import { keyBelow, storePrefix } from './object-key.js';
import type { StoreKey } from './object-key.js';

/** An object as the answer to a write. A dry run's has no stored bytes. */
export interface WrittenObject {
  readonly object: KubeObject;
  readonly bytes: Buffer | undefined;
}

const storedBy = (result: WriteResult<KubeObject>): StoredObject | undefined =>
  result.written ? result.stored : undefined;

type WriteWay = Pick<WriteContext, 'dryRun' | 'applies'>;

/** As `write`; 413 for an object that is too large to be stored. */
async function bounded<R>(write: () => Promise<R>): Promise<R> {
  try {
    return await write();
  } catch (error) {
    throw error instanceof ObjectTooLargeError
      ? requestTooLarge(watchLimits.maxObjectBytes)
      : error;
  }
}

/** As `bounded`, but first lets go of the object's owners if it is too large with them: an apply is about them, others are not. */
async function fitting<R>(
  { metadata }: KubeObject,
  { applies }: WriteWay,
  write: () => Promise<R>,
): Promise<R> {
  if (applies === true || metadata.managedFields === undefined) return bounded(write);
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof ObjectTooLargeError)) throw error;
    Reflect.deleteProperty(metadata, 'managedFields');
    return bounded(write);
  }
}

export class ObjectWriter {
  private readonly store: ResourceStore;
  private readonly hooks: ResourceHooks;
  private readonly prefix: string;

  constructor(options: {
    readonly resource: ResourceDefinition;
    readonly store: ResourceStore;
    readonly hooks: ResourceHooks;
  }) {
    this.store = options.store;
    this.hooks = options.hooks;
    this.prefix = storePrefix(options.resource);
  }

  keyOf(key: StoreKey): string {
    return keyBelow(this.prefix, key);
  }

  /** The stored object as it is now, or undefined. */
  find(key: StoreKey): StoredObject | undefined {
    return this.store.peek(this.keyOf(key));
  }

  /** The same once showing it takes no more time, where it takes any. */
  async findReady(key: StoreKey): Promise<StoredObject | undefined> {
    if (this.store.ready !== undefined) await this.store.ready(this.keyOf(key));
    return this.find(key);
  }

  /** Stores a new object; undefined where the name is taken. */
  async create(
    key: StoreKey,
    object: KubeObject,
    context: WriteWay,
  ): Promise<WrittenObject | undefined> {
    const write = () => this.store.create(this.keyOf(key), object);
    if (!context.dryRun) return storedBy(await fitting(object, context, write));
    return this.find(key) === undefined ? { object, bytes: undefined } : undefined;
  }

  /** Replaces an object by a draft, or removes it if with the draft nothing holds its deletion any more. */
  async change(
    stored: StoredObject,
    draft: KubeObject,
    context: WriteWay,
  ): Promise<WrittenObject | undefined> {
    if (this.isReleased(draft)) {
      const isGone = context.dryRun || (await this.remove(stored)) !== undefined;
      return isGone ? { object: draft, bytes: undefined } : undefined;
    }
    if (isUnchanged(draft, stored.object)) return stored;
    if (context.dryRun) return { object: draft, bytes: undefined };
    const { key, modRevision } = stored;
    const write = () => this.store.update({ key, object: draft, modRevision });
    return storedBy(await fitting(draft, context, write));
  }

  /** Marks an object as the draft says, which is its deletion: that is possible however large it is. */
  async mark(
    { key, modRevision }: StoredObject,
    object: KubeObject,
    dryRun: boolean,
  ): Promise<WrittenObject | undefined> {
    if (dryRun) return { object, bytes: undefined };
    return storedBy(await this.store.update({ key, object, modRevision, anySize: true }));
  }

  /** Removes an object, and gives it under the revision of its removal. */
  async remove(stored: StoredObject): Promise<StoredObject | undefined> {
    const removed = storedBy(await this.store.delete(stored.key, stored.modRevision));
    if (removed !== undefined) this.hooks.deleted?.(removed.object);
    return removed;
  }

  /** Whether nothing holds an object any more whose deletion was asked for. */
  private isReleased(draft: KubeObject): boolean {
    const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = draft.metadata;
    return (
      deletionTimestamp !== undefined &&
      deletionGracePeriodSeconds === 0 &&
      finalizers.length === 0 &&
      this.hooks.holdsDeletion?.(draft) !== true
    );
  }
}
