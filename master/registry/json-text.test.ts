import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { duplicateFields, JsonSyntaxError, parseJson } from './json-text.js';
import { maxTextDepth } from './limits.js';

const faults: readonly (readonly [string, string])[] = [
  ['', 'unexpected end of JSON input'],
  ['{bad', "invalid character 'b' looking for beginning of object key string"],
  ['{"a":}', "invalid character '}' looking for beginning of value"],
  ['{"a":1 "b":2}', `invalid character '"' after object key:value pair`],
  ['[1,2', 'unexpected end of JSON input'],
  ['{} x', "invalid character 'x' after top-level value"],
  ['trux', "invalid character 'x' in literal true (expecting 'e')"],
];

test('malformed JSON is described as Go does', () => {
  for (const [text, message] of faults) {
    assert.throws(() => parseJson(text), new JsonSyntaxError(message), text);
  }
});

test('duplicate fields are found wherever they are', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['{"a":1,"b":{"a":2}}', []],
    ['{"a":1,"a":2}', ['a']],
    ['{"a":{"b":1,"c":":","b":2}}', ['a.b']],
    ['{"l":[{"x":1},{"x":1,"x":"\\"x\\":"}]}', ['l[1].x']],
    ['{"l":["x","x"]}', []],
  ];
  for (const [text, expected] of cases) {
    assert.deepEqual(duplicateFields(text, JSON.parse(text)), expected, text);
  }
});

test('JSON that was written by a program has no duplicate fields', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.deepEqual(duplicateFields(text, parseJson(text)), []);
    }),
  );
});

test('JSON that nests too deeply is refused, whether it ends or not', () => {
  const refused = new JsonSyntaxError('exceeded max depth');
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const deep = (levels: number): string => `${open.repeat(levels)}1${close.repeat(levels)}`;
    assert.doesNotThrow(() => parseJson(deep(maxTextDepth)));
    assert.throws(() => parseJson(deep(maxTextDepth + 1)), refused);
    assert.throws(() => parseJson(open.repeat(500_000)), refused);
  }
  assert.doesNotThrow(() => parseJson(JSON.stringify({ a: '['.repeat(5000), b: '\\"[[' })));
});
