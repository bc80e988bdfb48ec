import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from './random.js';

test('name suffixes are as long as asked and use all of the safe alphabet', () => {
  const seen = new Set<string>();
  for (const length of [0, 1, 5, 8, 9, 27]) {
    for (let turn = 0; turn < 100; turn += 1) {
      const suffix = systemRandom.nameSuffix(length);
      assert.match(suffix, /^[bcdfghjklmnpqrstvwxz2456789]*$/);
      assert.equal(suffix.length, length);
      for (const character of suffix) seen.add(character);
    }
  }
  assert.equal(seen.size, 27);
});
