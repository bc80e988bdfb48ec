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

/** Characters made of one draw, which costs more than all the rest; 27^8 is well within what can be drawn at once. */
const charactersADraw = 8;

function nameSuffix(length: number): string {
  let suffix = '';
  while (suffix.length < length) {
    let drawn = randomInt(safeAlphabet.length ** charactersADraw);
    for (let made = 0; made < charactersADraw && suffix.length < length; made += 1) {
      suffix += safeAlphabet.charAt(drawn % safeAlphabet.length);
      drawn = Math.floor(drawn / safeAlphabet.length);
    }
  }
  return suffix;
}

/** The machine's randomness. */
export const systemRandom: Random = {
  fraction: () => Math.random(),
  uuid: () => randomUUID(),
  nameSuffix,
  bytes: (sizeBytes) => randomBytes(sizeBytes),
};
