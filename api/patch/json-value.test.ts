import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonEqual, keyText } from './json-value.js';

for (const [left, right, expected] of [
  [{ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
  [{ a: undefined }, {}, true],
  [{ a: undefined, b: 1 }, { a: 1, b: undefined }, false],
  [{ a: null }, {}, false],
  [[1, 2], [2, 1], false],
  [[], {}, false],
  [{ 0: 1 }, [1], false],
  [null, {}, false],
  [1, '1', false],
  [JSON.parse('{"__proto__":{}}'), {}, false],
  [{ constructor: {} }, {}, false],
] as const) {
  const [a, b] = [left, right].map((value) => JSON.stringify(value));
  test(`JSON ${a ?? ''} and ${b ?? ''} are ${expected ? 'equal' : 'different'}`, () => {
    assert.deepEqual([jsonEqual(left, right), jsonEqual(right, left)], [expected, expected]);
  });
}

test('JSON values are equal where their texts with sorted keys are', () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  fc.assert(
    fc.property(value, value, (left, right) => {
      assert.equal(jsonEqual(left, right), keyText(left) === keyText(right));
      assert.ok(jsonEqual(left, structuredClone(left)));
    }),
  );
});
