/**
 * What the caches must show before a key may be reconciled again: the writes made for it last time. Without them a stale
 * cache would make a controller create twice or delete twice.
 *
 * Called by the driver alone. Works by identity and revision instead of counts, so events of others cannot confuse it.
 */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { Lister } from '../informer/lister.js';

/** The part of an informer an expectation looks at. */
export interface ObservedResource {
  readonly lister: Pick<Lister<KubeObject>, 'get'>;
  /** How far the cache has followed the server. */
  readonly revision: number;
}

interface Pending {
  readonly observed: ObservedResource;
  readonly target: { readonly namespace?: string | undefined; readonly name: string };
  /** A write is seen once the cache has reached its revision. */
  readonly revision: number | undefined;
  /** A deletion is seen once the object of this uid is gone or going. */
  readonly deletedUid: string | undefined;
}

const isSeen = ({ observed, target, revision, deletedUid }: Pending): boolean => {
  if (revision !== undefined) return observed.revision >= revision;
  const cached = observed.lister.get(target);
  return (
    cached === undefined ||
    cached.metadata.uid !== deletedUid ||
    cached.metadata.deletionTimestamp !== undefined
  );
};

export class Expectations {
  private readonly byKey = new Map<string, { pending: Pending[]; sinceMs: number }>();

  /** The object as the server answered a write. */
  written(key: string, observed: ObservedResource, object: KubeObject, nowMs: number): void {
    const revision = Number(object.metadata.resourceVersion);
    this.push(key, { observed, target: object.metadata, revision, deletedUid: undefined }, nowMs);
  }

  /** The server accepted the deletion of this object. */
  deleted(
    key: string,
    observed: ObservedResource,
    target: { namespace?: string | undefined; name: string; uid: string },
    nowMs: number,
  ): void {
    this.push(key, { observed, target, revision: undefined, deletedUid: target.uid }, nowMs);
  }

  /** Whether the caches show every write made for the key. */
  satisfied(key: string): boolean {
    const entry = this.byKey.get(key);
    if (entry === undefined) return true;
    entry.pending = entry.pending.filter((pending) => !isSeen(pending));
    if (entry.pending.length > 0) return false;
    this.byKey.delete(key);
    return true;
  }

  /** Whether no key waits. */
  isEmpty(): boolean {
    return this.byKey.size === 0;
  }

  /** Keys that wait, to be looked at again when a cache has moved. */
  waitingKeys(): readonly string[] {
    return [...this.byKey.keys()];
  }

  /** When the key's oldest write was made; undefined when it waits for none. */
  waitingSinceMs(key: string): number | undefined {
    return this.byKey.get(key)?.sinceMs;
  }

  forget(key: string): void {
    this.byKey.delete(key);
  }

  private push(key: string, pending: Pending, nowMs: number): void {
    if (isSeen(pending)) return;
    const entry = this.byKey.get(key);
    if (entry === undefined) this.byKey.set(key, { pending: [pending], sinceMs: nowMs });
    else entry.pending.push(pending);
  }
}
