/**
 * Encrypts the values of chosen prefixes (Secrets) on their way into any store, and decrypts them on their way out.
 * AES-256-GCM with a fresh nonce a write; the key of the entry is authenticated too, so that a value cannot be moved to
 * another name. A value says which key it was encrypted with: new keys go first in the ring, old ones stay to decrypt.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { StoreUnavailableError } from './store.js';
import type { Random } from '../../machinery/clock/random.js';
import type { KeyRing } from './key-ring.js';
import type { Entry, Store, StoreEvent, StoreOperation } from './store.js';

export interface EncryptingOptions {
  readonly store: Store;
  /** Keys that start with one of these hold encrypted values, such as `/registry/secrets/`. */
  readonly prefixes: readonly string[];
  readonly keys: KeyRing;
  readonly random: Random;
}

/** A value that is not what was encrypted: another key, another name, a damaged file. */
export class DecryptionError extends StoreUnavailableError {
  constructor(key: string, why: string, options?: ErrorOptions) {
    super(`the value of ${key} cannot be decrypted: ${why}`, options);
    this.name = 'DecryptionError';
  }
}

const marker = 'pintle:aes256gcm:v1:';
const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

class Cipher {
  private readonly keys: KeyRing;
  private readonly random: Random;

  constructor(options: EncryptingOptions) {
    this.keys = options.keys;
    this.random = options.random;
  }

  /** Marker, key id, a colon, nonce, tag, ciphertext. */
  encrypt(key: string, value: Buffer): Buffer {
    const { id, secret } = this.keys.current;
    const nonce = this.random.bytes(nonceBytes);
    const cipher = createCipheriv(algorithm, secret, nonce, { authTagLength: tagBytes });
    cipher.setAAD(Buffer.from(key));
    const body = Buffer.concat([cipher.update(value), cipher.final()]);
    return Buffer.concat([Buffer.from(`${marker}${id}:`), nonce, cipher.getAuthTag(), body]);
  }

  decrypt(key: string, encrypted: Buffer): Buffer {
    const colon = encrypted.indexOf(':', marker.length);
    if (!encrypted.subarray(0, marker.length).equals(Buffer.from(marker)) || colon === -1)
      throw new DecryptionError(key, 'it is not encrypted');
    const id = encrypted.toString('utf8', marker.length, colon);
    const secret = this.keys.find(id);
    if (secret === undefined) throw new DecryptionError(key, `there is no key ${id}`);
    const tagStart = colon + 1 + nonceBytes;
    const bodyStart = tagStart + tagBytes;
    if (encrypted.length < bodyStart) throw new DecryptionError(key, 'it is cut off');
    const nonce = encrypted.subarray(colon + 1, tagStart);
    const decipher = createDecipheriv(algorithm, secret, nonce, { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(key));
    decipher.setAuthTag(encrypted.subarray(tagStart, bodyStart));
    try {
      return Buffer.concat([decipher.update(encrypted.subarray(bodyStart)), decipher.final()]);
    } catch (cause) {
      throw new DecryptionError(key, 'it was changed or belongs to another key', { cause });
    }
  }
}

class EncryptingStore implements Store {
  private readonly inner: Store;
  private readonly prefixes: readonly string[];
  private readonly cipher: Cipher;
  /** What this process encrypted itself, so that its own writes come back as the very buffers it wrote. */
  private readonly known = new WeakMap<Buffer, Buffer>();

  constructor(options: EncryptingOptions) {
    this.inner = options.store;
    this.prefixes = options.prefixes;
    this.cipher = new Cipher(options);
  }

  readonly revision: Store['revision'] = () => this.inner.revision();
  readonly compactedRevision: Store['compactedRevision'] = () => this.inner.compactedRevision();
  readonly compact: Store['compact'] = (revision) => this.inner.compact(revision);
  readonly close: Store['close'] = () => this.inner.close();

  readonly get: Store['get'] = async (key) => {
    const entry = await this.inner.get(key);
    return entry === undefined ? undefined : this.opened(entry);
  };

  readonly list: Store['list'] = async (request) => {
    const page = await this.inner.list(request);
    return { ...page, entries: page.entries.map((entry) => this.opened(entry)) };
  };

  readonly txn: Store['txn'] = async (compare, operations) => {
    const result = await this.inner.txn(
      compare,
      operations.map((operation) => this.sealed(operation)),
    );
    if (result.succeeded) return result;
    const current = result.current.map((entry) =>
      entry === undefined ? undefined : this.opened(entry),
    );
    return { succeeded: false, current };
  };

  readonly history: Store['history'] = async (request) => {
    const page = await this.inner.history(request);
    return { ...page, events: page.events.map((event) => this.openedEvent(event)) };
  };

  readonly watch: Store['watch'] = (request) =>
    this.inner.watch({
      ...request,
      onEvents: (events, revision) => {
        let opened: readonly StoreEvent[];
        try {
          opened = events.map((event) => this.openedEvent(event));
        } catch (error) {
          request.onError(error instanceof Error ? error : new Error(String(error)));
          return;
        }
        request.onEvents(opened, revision);
      },
    });

  private isSecret(key: string): boolean {
    return this.prefixes.some((prefix) => key.startsWith(prefix));
  }

  private sealed(operation: StoreOperation): StoreOperation {
    if (operation.type === 'delete' || !this.isSecret(operation.key)) return operation;
    const value = this.cipher.encrypt(operation.key, operation.value);
    this.known.set(value, operation.value);
    return { ...operation, value };
  }

  private opened(entry: Entry): Entry {
    if (!this.isSecret(entry.key)) return entry;
    const value = this.known.get(entry.value) ?? this.cipher.decrypt(entry.key, entry.value);
    return { ...entry, value };
  }

  private openedEvent(event: StoreEvent): StoreEvent {
    const previous = event.previous === undefined ? undefined : this.opened(event.previous);
    if (event.type === 'put') return { type: 'put', entry: this.opened(event.entry), previous };
    return previous === undefined ? event : { ...event, previous };
  }
}

/** A store whose values under the prefixes are encrypted in the one it wraps. */
export const encryptingStore = (options: EncryptingOptions): Store => new EncryptingStore(options);
