/**
 * What a write of the registry becomes at the store: a compare-and-swap, or, of a dry run, the object it would have left.
 * Each way gives undefined where somebody else was faster.
 *
 * Called by the registry and its deletions, which have validated and admitted by then.
 */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import type { ResourceStore, WriteResult } from '../watch/resource-store.js';
import type { StoredObject } from '../watch/stored-object.js';
import { isUnchanged } from './field-ownership.js';
import type { ResourceHooks } from './hooks.js';
import { keyBelow, storePrefix } from './object-key.js';
import type { StoreKey } from './object-key.js';

/** An object as the answer to a write. A dry run's has no stored bytes. */
export interface WrittenObject {
  readonly object: KubeObject;
  readonly bytes: Buffer | undefined;
}

const storedBy = (result: WriteResult<KubeObject>): StoredObject | undefined =>
  result.written ? result.stored : undefined;

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
    dryRun: boolean,
  ): Promise<WrittenObject | undefined> {
    if (!dryRun) return storedBy(await this.store.create(this.keyOf(key), object));
    return this.find(key) === undefined ? { object, bytes: undefined } : undefined;
  }

  /** Replaces an object by a draft, or removes it if with the draft nothing holds its deletion any more. */
  async change(
    stored: StoredObject,
    draft: KubeObject,
    dryRun: boolean,
  ): Promise<WrittenObject | undefined> {
    if (this.isReleased(draft)) {
      const isGone = dryRun || (await this.remove(stored)) !== undefined;
      return isGone ? { object: draft, bytes: undefined } : undefined;
    }
    if (isUnchanged(draft, stored.object)) return stored;
    return this.replace(stored, draft, dryRun);
  }

  async replace(
    { key, modRevision }: StoredObject,
    object: KubeObject,
    dryRun: boolean,
  ): Promise<WrittenObject | undefined> {
    if (dryRun) return { object, bytes: undefined };
    return storedBy(await this.store.update({ key, object, modRevision }));
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
