/** The only door to randomness. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';

export interface Random {
  /** A number in [0, 1). */
  readonly fraction: () => number;
  /** A version 4 UUID, for object uids. */
  readonly uuid: () => string;
  /** A suffix of `length` characters from the alphabet Kubernetes uses for generated names (no vowels, no look-alikes). */
  readonly nameSuffix: (length: number) => string;
  readonly bytes: (sizeBytes: number) => Buffer;
}

/** Kubernetes' `rand.SafeEncodeString` alphabet. */
const safeAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** The machine's randomness. */
export const systemRandom: Random = {
  fraction: () => Math.random(),
  uuid: () => randomUUID(),
  nameSuffix: (length) =>
    Array.from({ length }, () => safeAlphabet[randomInt(safeAlphabet.length)] ?? 'x').join(''),
  bytes: (sizeBytes) => randomBytes(sizeBytes),
};
