import assert from 'node:assert/strict';
import test from 'node:test';
import { parse, stringify } from 'yaml';
import fc from 'fast-check';
import { readYaml } from './read.js';
import { propertyRuns } from '../../../testing/property-runs.js';

const bomb = `a: &a [x,x,x,x,x,x,x,x,x]
b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]
c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]
d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]
e: [*d,*d,*d,*d,*d,*d,*d,*d,*d]
`;

const faults: readonly (readonly [name: string, text: string, fault: RegExp])[] = [
  ['aliases that multiply', bomb, /^yaml: document contains excessive aliasing$/],
  ['lists within lists without end', '- '.repeat(10_000), /exceeded max depth/],
  ['flow lists without end', '['.repeat(10_000), /exceeded max depth/],
  ['merges of what is no map', 'a: 1\n<<: x\n', /map merge requires map or sequence of maps/],
  ['merges of lists of lists', 'a: 1\n<<: [[{}]]\n', /map merge requires map or sequence of maps/],
  ['unknown aliases', 'a: *b\n', /b/],
  ['a list within itself', 'a: &x [*x]', /anchor 'x' value contains itself/],
  ['a map within itself', 'a: &x {b: *x}', /anchor 'x' value contains itself/],
  ['a merge of itself', 'a: &x {<<: *x}', /anchor 'x' value contains itself/],
  ['several documents', 'a: 1\n---\nb: 2\n', /several documents/],
  ['numbers that JSON has not', 'a: 1\nb: .inf\n', /^yaml: line 2: unsupported value: \+Inf$/],
  ['a key that is nothing', 'a: 1\n~: 1\n', /unsupported map key of type: nil/],
  ['a key that is a list', '[a]: 1\n', /invalid map key/],
  ['a tag that does not fit', 'a: !!int x', /^yaml: cannot decode !!str `x` as a !!int$/],
];

for (const [name, text, fault] of faults) {
  test(`YAML is refused for ${name}`, () => {
    const reading = readYaml(text);
    assert.ok('fault' in reading, JSON.stringify(reading));
    assert.match(reading.fault, fault);
  });
}

/** As `yaml.v2` reads them, by way of JSON. */
const scalars: readonly (readonly [text: string, value: unknown])[] = [
  ['', null],
  ['~', null],
  ['Null', null],
  ['nULL', 'nULL'],
  ['yes', true],
  ['Off', false],
  ['"yes"', 'yes'],
  ['1', 1],
  ['-0', -0],
  ['+12', 12],
  ['007', 7],
  ['0o17', 15],
  ['08', 8],
  ['-010', -8],
  ['0x1F', 31],
  ['0b11', 3],
  ['1_000', 1000],
  ['1e3', 1000],
  ['.5', 0.5],
  ['5.', 5],
  ['1.2.3', '1.2.3'],
  ['12:30', '12:30'],
  ['80:8080', '80:8080'],
  ['2001-12-14', '2001-12-14'],
  ['2001-12-14T21:59:43Z', '2001-12-14T21:59:43Z'],
  ['!!str 1', '1'],
  ['!!float 1', 1],
  ['!!binary aGk=', 'hi'],
  ['!mine 1', '1'],
  ['!!set {x, z: }', { x: null, z: null }],
  ['!!omap [x: 1]', [{ x: 1 }]],
  ['=', '='],
  ['-', [null]],
];

for (const [text, value] of scalars) {
  test(`YAML's ${JSON.stringify(text)} means ${JSON.stringify(value)}`, () => {
    assert.deepEqual(readYaml(text), { value, duplicates: [] });
  });
}

test('keys of YAML become text', () => {
  const { value } = readYaml('1: a\ntrue: b\n0x10: c\n"": d\n') as { value: unknown };
  assert.deepEqual(value, { 1: 'a', true: 'b', 16: 'c', '': 'd' });
});

test('merged maps give way to what is written and to those before them', () => {
  const text = 'a: &a {x: 1, w: 1, z: 1}\nb: &b {w: 2}\nc:\n  <<: [*b, *a]\n  z: 3\n';
  const { value } = readYaml(text) as { value: { c: unknown } };
  assert.deepEqual(value.c, { x: 1, w: 2, z: 3 });
});

test('each key that YAML writes twice is named with its line', () => {
  assert.deepEqual(readYaml('a: 1\nb:\n  c: 1\n  c: 2\na: 3\n'), {
    value: { a: 3, b: { c: 2 } },
    duplicates: ['line 4: key "c" already set in map', 'line 5: key "a" already set in map'],
  });
});

test('a key named __proto__ stays a plain key', () => {
  for (const text of ['data:\n  __proto__:\n    x: 1\n', 'data: {<<: {__proto__: {x: 1}}}']) {
    const { value } = readYaml(text) as { value: unknown };
    assert.equal(JSON.stringify(value), '{"data":{"__proto__":{"x":1}}}');
    assert.equal(({} as { x?: unknown }).x, undefined);
  }
});

test('one value may be used often', () => {
  const { value } = readYaml(`a: &a 1\nb: [${'*a,'.repeat(900)}]`) as { value: { b: unknown[] } };
  assert.equal(value.b.length, 900);
});

const json = fc.jsonValue({ maxDepth: 4, stringUnit: 'grapheme' });

test('whatever is written as YAML is read as it was', () => {
  fc.assert(
    fc.property(json, fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'BLOCK_LITERAL'), (value, type) => {
      const text = stringify(value, { version: '1.1', defaultStringType: type });
      const reading = readYaml(text);
      assert.ok(!('fault' in reading), text);
      assert.deepEqual(reading.value, parse(text, { version: '1.1' }));
    }),
    { numRuns: propertyRuns(50), seed: 20_261_121 },
  );
});
