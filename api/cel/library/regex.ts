/** Finding what a regular expression matches. */
import { method } from '../overload.js';
import type { Overload } from '../overload.js';
import { compilePattern, matchCost } from './pattern.js';
import type { CelList } from '../values.js';
import { ArrayList } from '../values.js';

function findAll(text: string, pattern: string, limit = -1n): CelList {
  const matcher = compilePattern(pattern).matcher(text);
  const found: string[] = [];
  while ((limit < 0n || BigInt(found.length) < limit) && matcher.find()) {
    found.push(matcher.group() ?? '');
  }
  return new ArrayList(found);
}

export const regexLibrary: readonly Overload[] = [
  method(
    'string',
    'find(string): string',
    (text: string, pattern: string) => {
      const matcher = compilePattern(pattern).matcher(text);
      return matcher.find() ? (matcher.group() ?? '') : '';
    },
    matchCost,
  ),
  method(
    'string',
    'findAll(string): list<string>',
    (text: string, pattern: string) => findAll(text, pattern),
    matchCost,
  ),
  method('string', 'findAll(string, int): list<string>', findAll, matchCost),
];
