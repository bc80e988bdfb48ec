/** Argument checks every implementation of the store shares. */
import { storeLimits } from './limits.js';
import { CompactedError, InvalidKeyError } from './store.js';
import type { StoreOperation } from './store.js';

/** Throws InvalidKeyError for a key no implementation could hold. */
export function checkKey(key: string): void {
  if (key === '') throw new InvalidKeyError('a key cannot be empty');
  if (key.includes('\0')) throw new InvalidKeyError('a key cannot contain NUL');
  // No character takes more than three bytes a UTF-16 unit, so most keys need no counting.
  if (key.length * 3 <= storeLimits.maxKeyBytes) return;
  const sizeBytes = Buffer.byteLength(key);
  if (sizeBytes > storeLimits.maxKeyBytes) {
    throw new InvalidKeyError(
      `key ${JSON.stringify(key.slice(0, 64))}… is ${String(sizeBytes)} bytes long; at most ${String(storeLimits.maxKeyBytes)} are possible`,
    );
  }
}

/** Throws InvalidKeyError when an operation's key is impossible or written twice, or there are too many. */
export function checkOperations(operations: readonly StoreOperation[]): void {
  for (const { key } of operations) checkKey(key);
  if (operations.length > storeLimits.maxOperations) {
    throw new InvalidKeyError(
      `a transaction writes at most ${String(storeLimits.maxOperations)} keys`,
    );
  }
  if (operations.length < 2) return;
  const keys = new Set(operations.map(({ key }) => key));
  if (keys.size < operations.length) {
    throw new InvalidKeyError('a transaction cannot write the same key twice');
  }
}

/** Throws CompactedError unless the revision lies in what is held. */
export function checkRevision(
  requested: number,
  held: { readonly oldest: number; readonly newest: number },
): void {
  if (requested < held.oldest || requested > held.newest) {
    throw new CompactedError(requested, held.oldest);
  }
}
