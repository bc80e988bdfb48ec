/** The current objects of a resource by key, and in the order of keys. */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { StoredObject } from './stored-object.js';

export class SortedObjects<T extends KubeObject> {
  private readonly byKey = new Map<string, StoredObject<T>>();
  private readonly inOrder: StoredObject<T>[] = [];

  get size(): number {
    return this.byKey.size;
  }

  get(key: string): StoredObject<T> | undefined {
    return this.byKey.get(key);
  }

  set(stored: StoredObject<T>): void {
    const index = this.firstIndexWhere((key) => key >= stored.key);
    this.inOrder.splice(index, this.byKey.has(stored.key) ? 1 : 0, stored);
    this.byKey.set(stored.key, stored);
  }

  delete(key: string): void {
    if (!this.byKey.delete(key)) return;
    this.inOrder.splice(
      this.firstIndexWhere((other) => other >= key),
      1,
    );
  }

  /** The objects whose key starts with `prefix` and is greater than `after`. */
  slice(prefix: string, after: string | undefined): readonly StoredObject<T>[] {
    const start =
      after !== undefined && after >= prefix
        ? this.firstIndexWhere((key) => key > after)
        : this.firstIndexWhere((key) => key >= prefix);
    const end = this.firstIndexWhere((key) => key > prefix && !key.startsWith(prefix));
    return this.inOrder.slice(start, Math.max(start, end));
  }

  private firstIndexWhere(isAtOrPast: (key: string) => boolean): number {
    let low = 0;
    let high = this.inOrder.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isAtOrPast(this.inOrder[middle]?.key ?? '')) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
