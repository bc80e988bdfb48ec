/**
 * One text for one value: JSON with sorted keys and without undefined fields. Equal values have equal texts, so it serves
 * for comparing and hashing.
 */
import { compareText } from './compare-text.js';
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(
      Object.entries(part).sort(([left], [right]) => compareText(left, right)),
    );
  });
}
