/**
 * The current objects of a resource by key, and in the order of keys. Writes only take note; the order is made again when
 * somebody lists, so that neither pays for the other.
 */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { StoredObject } from './stored-object.js';

/** A key's place in the order, which stays the same while the object changes; empty once the object is gone. */
interface Place<T extends KubeObject> {
  readonly key: string;
  stored: StoredObject<T> | undefined;
}

/** Empty places are passed over until they are this part of all. */
const emptyShare = 0.25;
/** So many times fewer additions than places are put in one by one. */
const fewShare = 100;

const isFilled = ({ stored }: Place<KubeObject>): boolean => stored !== undefined;

const byKey = (a: { readonly key: string }, b: { readonly key: string }): number =>
  a.key < b.key ? -1 : 1;

export class SortedObjects<T extends KubeObject> {
  private readonly places = new Map<string, Place<T>>();
  private inOrder: Place<T>[] = [];
  /** Places that are not in the order yet. */
  private added: Place<T>[] = [];
  /** How many places were emptied since they were last cleared away. */
  private emptied = 0;

  /** Of their bytes. */
  sizeBytes = 0;

  get size(): number {
    return this.places.size;
  }

  get(key: string): StoredObject<T> | undefined {
    return this.places.get(key)?.stored;
  }

  set(stored: StoredObject<T>): void {
    const place = this.places.get(stored.key);
    this.sizeBytes += stored.bytes.length - (place?.stored?.bytes.length ?? 0);
    if (place !== undefined) {
      place.stored = stored;
      return;
    }
    const made = { key: stored.key, stored };
    this.places.set(stored.key, made);
    this.added.push(made);
  }

  delete(key: string): void {
    const place = this.places.get(key);
    if (place === undefined) return;
    this.sizeBytes -= place.stored?.bytes.length ?? 0;
    place.stored = undefined;
    this.places.delete(key);
    this.emptied += 1;
  }

  /** The objects whose key starts with `prefix` and is greater than `after`. */
  slice(prefix: string, after: string | undefined): readonly StoredObject<T>[] {
    this.order();
    const start =
      after !== undefined && after >= prefix
        ? this.firstIndexWhere((key) => key > after)
        : this.firstIndexWhere((key) => key >= prefix);
    const end = this.firstIndexWhere((key) => key > prefix && !key.startsWith(prefix));
    const found: StoredObject<T>[] = [];
    for (let index = start; index < end; index += 1) {
      const stored = this.inOrder[index]?.stored;
      if (stored !== undefined) found.push(stored);
    }
    return found;
  }

  private order(): void {
    if (this.emptied > this.inOrder.length * emptyShare) {
      this.inOrder = this.inOrder.filter(isFilled);
      this.emptied = 0;
    }
    if (this.added.length === 0) return;
    const added = this.added.filter(isFilled).sort(byKey);
    this.added = [];
    if (added.length * fewShare > this.inOrder.length) {
      this.inOrder = merged(this.inOrder, added);
      return;
    }
    for (const place of added) {
      const index = this.firstIndexWhere((key) => key > place.key);
      this.inOrder.splice(index, 0, place);
    }
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

/** Two lists in order as one. */
function merged<P extends { readonly key: string }>(left: readonly P[], right: readonly P[]): P[] {
  const result: P[] = [];
  let [fromLeft, fromRight] = [0, 0];
  for (;;) {
    const [a, b] = [left[fromLeft], right[fromRight]];
    if (a === undefined) return result.concat(right.slice(fromRight));
    if (b === undefined) return result.concat(left.slice(fromLeft));
    if (a.key < b.key) {
      result.push(a);
      fromLeft += 1;
    } else {
      result.push(b);
      fromRight += 1;
    }
  }
}
