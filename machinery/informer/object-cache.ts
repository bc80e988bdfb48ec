/**
 * The objects of one resource by name, namespace and declared indexes. The informer alone writes to it.
 */
import type { KubeObject } from '../../api/meta/v1/types.js';
import { invariant } from '../invariant.js';
import type { Lister } from './lister.js';

/** Gives the values an object is found under. */
export type IndexFunction<T> = (object: T) => readonly string[];

interface Entry<T> {
  readonly key: string;
  readonly object: T;
}

interface Index<T> {
  readonly valuesOf: IndexFunction<T>;
  /** What is found under each value. One object alone needs no map: there may be an index value an object, as with uids. */
  readonly found: Map<string, Entry<T> | Map<string, T>>;
}

/** `namespace/name`, or `name` for cluster-scoped objects. */
export const keyOf = (key: { namespace?: string | undefined; name: string }): string =>
  key.namespace === undefined || key.namespace === '' ? key.name : `${key.namespace}/${key.name}`;

/** The namespace and name of a key made by `keyOf`. */
export function keyParts(key: string): { namespace?: string; name: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

const namespaceIndex = 'namespace';

export class ObjectCache<T extends KubeObject> implements Lister<T> {
  private readonly objects = new Map<string, T>();
  private readonly indexes = new Map<string, Index<T>>();
  private all: readonly T[] | undefined;

  constructor() {
    this.addIndex(namespaceIndex, (object) => [object.metadata.namespace ?? '']);
  }

  readonly get = (key: { namespace?: string | undefined; name: string }): T | undefined =>
    this.objects.get(keyOf(key));

  readonly list = (namespace?: string): readonly T[] => {
    if (namespace !== undefined) return this.byIndex(namespaceIndex, namespace);
    this.all ??= [...this.objects.values()];
    return this.all;
  };

  readonly byIndex = (index: string, value: string): readonly T[] => {
    const declared = this.indexes.get(index);
    invariant(declared, `no index named ${index} was declared for this cache`);
    const found = declared.found.get(value);
    if (found === undefined) return [];
    return found instanceof Map ? [...found.values()] : [found.object];
  };

  /** Indexes what is cached already, too. An index of a known name is taken to be the same. */
  addIndex(name: string, valuesOf: IndexFunction<T>): void {
    if (this.indexes.has(name)) return;
    const index: Index<T> = { valuesOf, found: new Map() };
    this.indexes.set(name, index);
    for (const [key, object] of this.objects) insert(index, key, object);
  }

  keys(): IterableIterator<string> {
    return this.objects.keys();
  }

  getByKey(key: string): T | undefined {
    return this.objects.get(key);
  }

  set(key: string, object: T): void {
    const previous = this.objects.get(key);
    this.objects.set(key, object);
    this.all = undefined;
    for (const index of this.indexes.values()) {
      if (previous !== undefined) remove(index, key, previous);
      insert(index, key, object);
    }
  }

  delete(key: string): void {
    const previous = this.objects.get(key);
    if (previous === undefined) return;
    this.objects.delete(key);
    this.all = undefined;
    for (const index of this.indexes.values()) remove(index, key, previous);
  }
}

function insert<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.valuesOf(object)) {
    const found = index.found.get(value);
    if (found instanceof Map) found.set(key, object);
    else if (found === undefined || found.key === key) index.found.set(value, { key, object });
    else {
      const several = new Map([[found.key, found.object]]);
      index.found.set(value, several.set(key, object));
    }
  }
}

function remove<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.valuesOf(object)) {
    const found = index.found.get(value);
    if (found instanceof Map) {
      found.delete(key);
      if (found.size === 0) index.found.delete(value);
    } else if (found?.key === key) index.found.delete(value);
  }
}
