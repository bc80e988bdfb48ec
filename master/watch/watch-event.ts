/**
 * Watch events and the changes they are made of. A change is made into events once per type, and an event into bytes once
 * per representation, however many watchers get it.
 */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { StoredObject } from './stored-object.js';

/** The types of `metav1.WatchEvent` this server sends; a failed watch ends instead. */
export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';

/** One event, shared by every watcher that gets it. */
export interface WatchEvent<T extends KubeObject = KubeObject> {
  readonly type: WatchEventType;
  /** The resourceVersion a client resumes after. */
  readonly revision: number;
  /** The object; the last state for DELETED, under the revision of the deletion; undefined for a bookmark. */
  readonly stored: StoredObject<T> | undefined;
  /** `{"type":…,"object":…}` and a newline. */
  readonly line: () => Buffer;
  /** The same in another representation (`table`, …): `encode` runs once per event and representation. */
  readonly lineAs: (representation: string, encode: (event: WatchEvent<T>) => Buffer) => Buffer;
  /** For a bookmark: whether it ends the initial events of a watch-list. */
  readonly endsInitialEvents: boolean;
}

/** What happened to one object at one revision; at least one of the two is there. */
export interface Change<T extends KubeObject> {
  readonly revision: number;
  readonly current: StoredObject<T> | undefined;
  readonly previous: StoredObject<T> | undefined;
  /** Bytes held by the change, for bounding buffers. */
  readonly sizeBytes: number;
  /** The event for watchers who see `current` appear, change or (through the previous state) disappear. */
  readonly event: (type: 'ADDED' | 'MODIFIED' | 'DELETED') => WatchEvent<T>;
  /** The same change with events of its own, so that what is kept for later does not hold the bytes made for watchers of now. */
  readonly apart: () => Change<T>;
}

/**
 * The same bytes in memory of their own: slow watchers and the window keep them for long, and with a slice of Node's pool
 * they would keep the whole slab of 8 KB.
 */
function unpooled(bytes: Buffer): Buffer {
  if (bytes.length === bytes.buffer.byteLength) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}

const newline = Buffer.from('}\n');

class SharedEvent<T extends KubeObject> implements WatchEvent<T> {
  readonly type: WatchEventType;
  readonly revision: number;
  readonly stored: StoredObject<T> | undefined;
  readonly endsInitialEvents: boolean;
  private readonly objectBytes: () => Buffer;
  private plain: Buffer | undefined;
  private others: Map<string, Buffer> | undefined;

  constructor(options: {
    readonly type: WatchEventType;
    readonly revision: number;
    readonly stored?: StoredObject<T>;
    readonly objectBytes: () => Buffer;
    readonly endsInitialEvents?: boolean;
  }) {
    this.type = options.type;
    this.revision = options.revision;
    this.stored = options.stored;
    this.objectBytes = options.objectBytes;
    this.endsInitialEvents = options.endsInitialEvents ?? false;
  }

  line(): Buffer {
    this.plain ??= this.makeLine();
    return this.plain;
  }

  /** In memory of its own, as `unpooled` says. */
  private makeLine(): Buffer {
    const head = `{"type":"${this.type}","object":`;
    const object = this.objectBytes();
    const line = Buffer.allocUnsafeSlow(head.length + object.length + newline.length);
    line.write(head, 'latin1');
    object.copy(line, head.length);
    newline.copy(line, head.length + object.length);
    return line;
  }

  lineAs(representation: string, encode: (event: WatchEvent<T>) => Buffer): Buffer {
    this.others ??= new Map();
    const known = this.others.get(representation);
    if (known !== undefined) return known;
    const made = unpooled(encode(this));
    this.others.set(representation, made);
    return made;
  }
}

/** An event that shows one object as it is. */
export const objectEvent = <T extends KubeObject>(
  type: 'ADDED' | 'MODIFIED' | 'DELETED',
  stored: StoredObject<T>,
): WatchEvent<T> =>
  new SharedEvent({
    type,
    revision: stored.modRevision,
    stored,
    objectBytes: () => stored.bytes,
  });

/** An event that only says how far the watch has come. */
export function bookmarkEvent<T extends KubeObject>(options: {
  readonly kind: string;
  readonly apiVersion: string;
  readonly revision: number;
  readonly endsInitialEvents: boolean;
}): WatchEvent<T> {
  const { kind, apiVersion, revision, endsInitialEvents } = options;
  const annotations = endsInitialEvents
    ? { annotations: { 'k8s.io/initial-events-end': 'true' } }
    : {};
  const metadata = { resourceVersion: String(revision), ...annotations };
  return new SharedEvent({
    type: 'BOOKMARK',
    revision,
    endsInitialEvents,
    objectBytes: () => Buffer.from(JSON.stringify({ kind, apiVersion, metadata })),
  });
}

/** A change whose events are made when the first watcher needs them. `asOf` re-labels the last state of an object. */
export function makeChange<T extends KubeObject>(options: {
  readonly revision: number;
  readonly current: StoredObject<T> | undefined;
  readonly previous: StoredObject<T> | undefined;
  readonly asOf: (stored: StoredObject<T>, revision: number) => StoredObject<T>;
}): Change<T> {
  const { revision, current, previous, asOf } = options;
  const made = new Map<string, WatchEvent<T>>();
  const make = (type: 'ADDED' | 'MODIFIED' | 'DELETED'): WatchEvent<T> => {
    const shown = type === 'DELETED' && previous !== undefined ? asOf(previous, revision) : current;
    if (shown === undefined) throw new Error(`a change at ${String(revision)} shows no object`);
    return objectEvent(type, shown);
  };
  return {
    revision,
    current,
    previous,
    sizeBytes: (current?.bytes.length ?? 0) + (previous?.bytes.length ?? 0),
    event: (type) => {
      const known = made.get(type);
      if (known !== undefined) return known;
      const event = make(type);
      made.set(type, event);
      return event;
    },
    apart: () => makeChange(options),
  };
}
