/** One revision of one object: its bytes as clients read them, and its parsed form, made when first asked for. */
import { spliceRevision, withoutRevision } from './object-bytes.js';
import type { KubeObject } from '../../api/meta/v1/types.js';

/** A revision of an object. Never mutated: everything that is served shares it. */
export interface StoredObject<T extends KubeObject = KubeObject> {
  /** The store key. */
  readonly key: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
  readonly modRevision: number;
  /** Serialised JSON, `metadata.resourceVersion` included. */
  readonly bytes: Buffer;
  /** The same, parsed. Shared by all readers: never mutate it. */
  readonly object: T;
  /** The same for one look at it: what had to be parsed for this is not kept. */
  readonly objectOnce: () => T;
}

/** How a cache makes its objects. */
export interface ObjectFactory<T extends KubeObject> {
  /** From what the store holds. */
  readonly fromValue: (key: string, value: Buffer, revision: number) => StoredObject<T>;
  /** From what the store holds when its parsed form is at hand already. */
  readonly fromObject: (
    written: { readonly key: string; readonly value: Buffer; readonly object: T },
    revision: number,
  ) => StoredObject<T>;
  /** The same content under another resourceVersion, as the last state of a deleted object is shown. */
  readonly atRevision: (stored: StoredObject<T>, revision: number) => StoredObject<T>;
}

class LazyObject<T extends KubeObject> implements StoredObject<T> {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly modRevision: number;
  readonly bytes: Buffer;
  private readonly prepare: (object: T) => T;
  private readonly read: ((object: T) => T) | undefined;
  private parsed: T | undefined;

  constructor(options: {
    readonly key: string;
    readonly prefixLength: number;
    readonly modRevision: number;
    readonly bytes: Buffer;
    readonly prepare: (object: T) => T;
    readonly read: ((object: T) => T) | undefined;
    readonly parsed: T | undefined;
  }) {
    this.key = options.key;
    const slash = options.key.indexOf('/', options.prefixLength);
    this.namespace = slash === -1 ? '' : options.key.slice(options.prefixLength, slash);
    this.name = options.key.slice(slash === -1 ? options.prefixLength : slash + 1);
    this.modRevision = options.modRevision;
    this.bytes = options.bytes;
    this.prepare = options.prepare;
    this.read = options.read;
    this.parsed = options.parsed === undefined ? undefined : options.prepare(options.parsed);
  }

  get object(): T {
    this.parsed ??= this.prepare(this.parse());
    return this.parsed;
  }

  objectOnce(): T {
    return this.parsed ?? this.parse();
  }

  // The store holds only what the registry validated and wrote.
  private parse(): T {
    const written = JSON.parse(this.bytes.toString('utf8')) as T;
    return this.read === undefined ? written : this.read(written);
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}

/** The version comes first: V8 takes ten times as long to add a field to the copy of an object. */
const withVersion = <T extends KubeObject>(object: T, revision: number): T => {
  const resourceVersion = String(revision);
  const metadata = Object.assign({ resourceVersion }, object.metadata, { resourceVersion });
  return { ...object, metadata };
};

/**
 * Makes the objects of the resource stored under `prefix`. `read` makes of what was written what objects are in memory; `freeze`
 * freezes parsed objects deeply, for tests.
 */
export function objectFactory<T extends KubeObject>(options: {
  readonly prefix: string;
  readonly freeze: boolean;
  readonly read?: ((object: T) => T) | undefined;
}): ObjectFactory<T> {
  const { read } = options;
  const prefixLength = options.prefix.length;
  const prepare = options.freeze ? deepFreeze<T> : (object: T) => object;
  const make = (key: string, modRevision: number, bytes: Buffer, parsed?: T): StoredObject<T> =>
    new LazyObject<T>({ key, prefixLength, modRevision, bytes, prepare, read, parsed });
  return {
    fromValue: (key, value, revision) => make(key, revision, spliceRevision(value, revision)),
    fromObject: ({ key, value, object }, revision) =>
      make(key, revision, spliceRevision(value, revision), withVersion(object, revision)),
    atRevision: (stored, revision) =>
      make(
        stored.key,
        revision,
        spliceRevision(withoutRevision(stored.bytes), revision),
        withVersion(stored.object, revision),
      ),
  };
}
