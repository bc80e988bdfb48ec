/** Finding what a regular expression matches. */
import { method } from '../overload.js';
import type { CallCost, Overload } from '../overload.js';
import { compilePattern } from './pattern.js';
import type { CelList } from '../values.js';
import { ArrayList, sizeOf } from '../values.js';

const regexCost: CallCost = ([text, pattern]) =>
  Math.ceil((1 + sizeOf(text ?? null)) * 0.1) * Math.ceil(sizeOf(pattern ?? null) * 0.25);

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
    regexCost,
  ),
  method(
    'string',
    'findAll(string): list<string>',
    (text: string, pattern: string) => findAll(text, pattern),
    regexCost,
  ),
  method('string', 'findAll(string, int): list<string>', findAll, regexCost),
];
