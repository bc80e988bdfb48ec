/** Regular expressions in RE2's syntax, which take time linear in the text whatever the pattern. */
import { RE2JS } from 're2js';
import { maxCachedPatterns } from '../limits.js';
import { CelError } from '../values.js';

const cache = new Map<string, RE2JS>();

/** Compiles a pattern, or gives the one compiled before. Throws CelError for a broken one. */
export function compilePattern(pattern: string): RE2JS {
  const known = cache.get(pattern);
  if (known !== undefined) return known;
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unreadable';
    throw new CelError(why);
  }
  if (cache.size >= maxCachedPatterns) cache.delete(cache.keys().next().value ?? '');
  cache.set(pattern, compiled);
  return compiled;
}
