import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasMoreMembers } from './size.js';

test('members are counted at all levels', () => {
  const value = { a: 'text', b: null, c: { d: [1, { e: 2 }] } };
  for (const [than, more] of [
    [6, true],
    [7, false],
  ] as const) {
    assert.equal(hasMoreMembers(value, than), more, String(than));
  }
});
