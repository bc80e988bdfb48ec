/** Regular expressions in RE2's syntax, which take time linear in the text whatever the pattern. */
import { RE2JS } from 're2js';
import { maxCachedPatternSize, maxPatternSize } from '../limits.js';
import type { CallCost } from '../overload.js';
import { CelError, sizeOf } from '../values.js';

const cache = new Map<string, RE2JS>();
let cachedSize = 0;

/** Compiles a pattern, or gives the one compiled before. Throws CelError for a broken one, and one that is too large. */
export function compilePattern(pattern: string): RE2JS {
  const known = cache.get(pattern);
  if (known !== undefined) return known;
  if (sizeBound(pattern) > maxPatternSize) {
    throw new CelError('error parsing regexp: expression too large');
  }
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unreadable';
    throw new CelError(why);
  }
  keep(pattern, compiled);
  return compiled;
}

const keptSize = (pattern: string, compiled: RE2JS): number =>
  compiled.programSize() + pattern.length;

function keep(pattern: string, compiled: RE2JS): void {
  cachedSize += keptSize(pattern, compiled);
  for (const [oldest, program] of cache) {
    if (cachedSize <= maxCachedPatternSize) break;
    cache.delete(oldest);
    cachedSize -= keptSize(oldest, program);
  }
  cache.set(pattern, compiled);
}

/** What a class of Unicode's costs, in instructions. */
const unicodeClassSize = 20;

/**
 * About how many instructions a pattern becomes, without making them: `(a{1000}){1000}` is short, but no program. Broken
 * patterns have a size, too; what is wrong with them is found when they are compiled.
 */
function sizeBound(pattern: string): number {
  /** What the groups around this place hold before it. */
  const outer: number[] = [];
  let size = 0;
  /** The size of what a repetition would repeat. */
  let last = 0;
  for (let at = 0; at < pattern.length && size <= maxPatternSize; at += 1) {
    const char = pattern[at];
    if (char === '(') {
      outer.push(size);
      size = 2;
    } else if (char === ')') {
      last = size;
      size += outer.pop() ?? 0;
    } else if (char === '{') {
      const times = repetitionsAt(pattern, at);
      size += last * times;
      last += last * times;
    } else {
      // Within a class every character counts, which is more than it becomes.
      if (char === '\\') at += 1;
      last = char === '\\' && /[pP]/.test(pattern[at] ?? '') ? unicodeClassSize : 1;
      size += last;
    }
  }
  return outer.reduce((sum, part) => sum + part, size);
}

/** The most that `{n}`, `{n,}` or `{n,m}` repeats; 0 where it is none of them. */
function repetitionsAt(pattern: string, at: number): number {
  const [, least, most] = /^\{(\d+)(?:,(\d*))?\}/.exec(pattern.slice(at, at + 16)) ?? [];
  return Math.max(Number(least ?? 0), Number(most ?? 0));
}

/**
 * What matching costs for each character. Kubernetes counts the length of the pattern; a short one with large repetitions
 * becomes a large program, which is counted as well.
 */
const patternWeight = (pattern: string): number =>
  Math.max(
    Math.ceil(pattern.length * 0.25),
    Math.ceil(compilePattern(pattern).programSize() * 0.05),
  );

/** A pass over a text for each character, weighted by the pattern. */
export const matchCost: CallCost = ([text, pattern]) =>
  Math.ceil((1 + sizeOf(text ?? null)) * 0.1) *
  (typeof pattern === 'string' ? patternWeight(pattern) : 1);
