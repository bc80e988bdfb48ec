import assert from 'node:assert/strict';
import test from 'node:test';
import { trimmedEnd } from './trimmed-end.js';

const cases: readonly (readonly [string, number, string])[] = [
  ['', 0, ''],
  ['a', 0, 'a'],
  ['/a//b///', 0, '/a//b'],
  ['///', 0, ''],
  ['///', 1, '/'],
  ['a/', 1, 'a'],
];

for (const [text, least, expected] of cases) {
  test(`${JSON.stringify(text)} loses its last slashes but for ${String(least)} characters`, () => {
    assert.equal(trimmedEnd(text, '/', least), expected);
  });
}
