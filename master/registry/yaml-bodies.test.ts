import assert from 'node:assert/strict';
import test from 'node:test';
import { isStatusError } from '../../api/meta/status-error.js';
import { parseConfiguration } from './decode.js';
import { maxYamlBytes } from './limits.js';

const bomb = `a: &a [x,x,x,x,x,x,x,x,x]
b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]
c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]
d: [*c,*c,*c,*c,*c,*c,*c,*c,*c]
`;

const refused: readonly { readonly name: string; readonly text: string; readonly code: number }[] =
  [
    { name: 'aliases that multiply', text: bomb, code: 400 },
    { name: 'lists within lists without end', text: '- '.repeat(10_000), code: 400 },
    { name: 'flow lists without end', text: '['.repeat(10_000), code: 400 },
    { name: 'merges of what is no map', text: 'a: 1\n<<: x\n', code: 400 },
    { name: 'unknown aliases', text: 'a: *b\n', code: 400 },
    {
      name: 'more text than it reads in time',
      text: 'a: b\n#'.padEnd(maxYamlBytes + 1),
      code: 413,
    },
    { name: 'several documents', text: 'a: 1\n---\nb: 2\n', code: 400 },
  ];

for (const { name, text, code } of refused) {
  test(`a YAML body is refused for ${name}`, () => {
    assert.throws(
      () => parseConfiguration(text, true),
      (error) => isStatusError(error) && error.code === code,
    );
  });
}

test('a YAML body names the line of each key it writes twice', () => {
  const { value, duplicates } = parseConfiguration('a: 1\nb:\n  c: 1\n  c: 2\na: 3\n', true);
  assert.deepEqual(value, { a: 3, b: { c: 2 } });
  assert.deepEqual([...duplicates].sort(), [
    'line 4: key "c" already set in map',
    'line 5: key "a" already set in map',
  ]);
});

test('a YAML body keeps a key named __proto__ a plain key', () => {
  const { value } = parseConfiguration('data:\n  __proto__:\n    polluted: 1\n', true);
  assert.equal(JSON.stringify(value), '{"data":{"__proto__":{"polluted":1}}}');
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});
