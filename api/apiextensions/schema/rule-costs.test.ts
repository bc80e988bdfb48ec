/** Estimates decide which rules a definition may have, so they are Kubernetes' to the unit; the figures are recorded ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEnvironment } from '../../cel/environment.js';
import { estimateCost } from '../../cel/estimate.js';
import { compileExpression } from '../../cel/program.js';
import { celTypeOf } from './cel-types.js';
import type { JsonSchema } from './json-schema.js';

import { compileRule } from './rules.js';

const costOf = (schema: JsonSchema, rule: string): number => {
  const type = celTypeOf(schema, 'selfType');
  assert.ok(type !== undefined);
  return estimateCost(compileRule(type, { rule }, schema).program.tree, type);
};

const dyn = celTypeOf({ 'x-kubernetes-int-or-string': true }, 'selfType');

/** What an expression without variables is estimated to cost. */
const costOfConstant = (expression: string): number => {
  assert.ok(dyn !== undefined);
  const program = compileExpression(expression, createEnvironment({ variables: { self: dyn } }));
  return estimateCost(program.tree, dyn);
};

/** A schema with a bound, or without one. */
type Bounded = (max?: number) => JsonSchema;

const bound = (name: string, max: number | undefined): object =>
  max === undefined ? {} : { [name]: max };

const scalar = (type: string): JsonSchema => {
  if (type === 'int-or-string') return { 'x-kubernetes-int-or-string': true };
  return ['date', 'date-time', 'duration', 'byte'].includes(type)
    ? { type: 'string', format: type }
    : { type };
};

const text: Bounded = (max) => ({ type: 'string', ...bound('maxLength', max) });
const listOf =
  (items: JsonSchema): Bounded =>
  (max) => ({ type: 'array', items, ...bound('maxItems', max) });
const mapOf =
  (additionalProperties: JsonSchema): Bounded =>
  (max) => ({ type: 'object', additionalProperties, ...bound('maxProperties', max) });
const list = (type: string): Bounded => listOf(scalar(type));
const map = (type: string): Bounded => mapOf(scalar(type));

const named: JsonSchema = {
  type: 'object',
  required: ['required'],
  properties: { required: { type: 'string' }, optional: { type: 'string' } },
};
const textsIn: Bounded = (max) => listOf(text(max))(max);

type Case = readonly [
  schema: Bounded,
  rule: string,
  unbounded: number | 'too much',
  max: number,
  bounded: number,
];

const cases: readonly Case[] = [
  [list('number'), 'self.all(x, true)', 4718591, 10, 32],
  [list('string'), 'self.all(x, true)', 3145727, 20, 62],
  [list('boolean'), 'self.all(x, true)', 1887437, 5, 17],
  [list('int-or-string'), 'self.all(x, true)', 4718591, 10, 32],
  [list('duration'), 'self.all(x, true)', 2359295, 5, 17],
  [list('date'), 'self.all(x, true)', 725936, 15, 47],
  [list('date-time'), 'self.all(x, true)', 428963, 25, 77],
  [listOf(list('number')()), 'self.all(x, true)', 3145727, 100, 302],
  [listOf(named), 'self.all(x, true)', 555128, 50, 152],
  [map('number'), 'self.all(x, true)', 1348169, 10, 32],
  [map('string'), 'self.all(x, true)', 1179647, 3, 11],
  [map('boolean'), 'self.all(x, true)', 943718, 100, 302],
  [map('int-or-string'), 'self.all(x, true)', 1348169, 15, 47],
  [map('duration'), 'self.all(x, true)', 1048577, 5, 17],
  [map('date'), 'self.all(x, true)', 524288, 10, 32],
  [map('date-time'), 'self.all(x, true)', 349526, 25, 77],
  [mapOf(named), 'self.all(x, true)', 428963, 20, 62],
  [mapOf(map('number')()), 'self.all(x, true)', 1179647, 10, 32],
  [mapOf(list('number')()), 'self.all(x, true)', 1179647, 25, 77],
  [map('number'), 'has(self.x)', 1, 100, 1],
  [text, 'self.contains("test")', 314574, 10, 5],
  [text, 'self.startsWith("test")', 2, 15, 2],
  [text, 'self.endsWith("test")', 2, 30, 2],
  [text, 'size(self + "hello") > size("hello")', 314578, 4, 7],
  [list('number'), 'self[1] == 0.0', 2, 5000, 2],
  [list('number'), 'self[3] == 0.0', 2, 0, 2],
  [list('string'), 'self[1] == self[1]', 314577, 8, 314577],
  [list('number'), 'self.all(x, self.all(y, true))', 'too much', 10, 352],
  [list('number'), 'self.all(x, self.all(y, self.all(z, true)))', 'too much', 10, 3552],
  [text, 'self.matches("x")', 314574, 50, 22],
  [text, '"".matches("(((((((((())))))))))[0-9]")', 7, 10, 7],
  [text, 'self.matches("")', 1, 100, 1],
  [(max) => mapOf(text(max))(max), 'self.all(x, x.contains(self[x]))', 2752507, 10, 72],
  [map('number'), 'self["x"] == 0.0', 2, 0, 2],
  [text, 'self == "x"', 2, 0, 1],
  [(max) => ({ ...text(max), format: 'byte' }), 'self == b"x"', 2, 0, 1],
  [list('number'), 'self.all(x, x == 0.0)', 6291454, 3 * 1024 * 2048, 25165826],
  [
    (max) => listOf(mapOf({ ...named, maxProperties: max } as JsonSchema)(max))(max),
    'self.all(x, x["y"].required == "z")',
    7340027,
    10,
    72,
  ],
  [list('int-or-string'), 'self[0] == 5', 3, 10, 3],
  [list('boolean'), 'self[0] == false', 2, 25, 2],
  [listOf(named), 'self[0] == null', 2, 422, 2],
  [listOf(list('number')()), 'self[0][0] == -1.0', 3, 51, 3],
  [listOf(map('number')()), 'self.all(x, x.y == 25.2)', 6291452, 12, 74],
  [listOf(map('number')()), 'self[0].x > 2.0', 4, 3000, 4],
  [list('duration'), 'self[0].getHours() == 2', 4, 525, 4],
  [list('date'), 'self[2].getDayOfMonth() == 13', 4, 42, 4],
  [list('date-time'), 'self[2].getMinutes() == 45', 4, 99, 4],
  [text, 'self.find("[0-9]+") == ""', 629147, 10, 11],
  [textsIn, 'self.join(" ") == "aa bb"', 329853068905, 10, 43],
  [textsIn, 'self.isSorted() == true', 329854432052, 10, 52],
  [
    (max) => ({ type: 'object', properties: { str: text(max), before: text(2), after: text(4) } }),
    'self.str.replace(self.before, self.after) == "does not matter"',
    629154,
    4,
    12,
  ],
  [
    (max) => ({ type: 'object', properties: { str: text(max), separator: text(max) } }),
    'self.str.split(self.separator) == []',
    629160,
    10,
    22,
  ],
  [text, 'self.lowerAscii() == "lower!"', 314575, 10, 6],
  [map('integer'), 'oldSelf.size() == self.size()', 5, 10, 5],
  [map('date-time'), 'self["a"] == self["b"]', 8, 7, 8],
  [map('duration'), 'self["c"] == self["d"]', 8, 42, 8],
  [
    (max) => ({ ...text(max), enum: ['A', 'B', 'C', 'LongValue'] }),
    'self.contains("A")',
    2,
    1000,
    401,
  ],
];

test('rules are estimated to cost what Kubernetes estimates', () => {
  for (const [schema, rule, unbounded, max, bounded] of cases) {
    const free = costOf(schema(), rule);
    if (unbounded === 'too much') assert.ok(free > 10_000_000, rule);
    else assert.equal(free, unbounded, `${rule} of ${JSON.stringify(schema())}`);
    assert.equal(costOf(schema(max), rule), bounded, `${rule} of ${JSON.stringify(schema(max))}`);
  }
});

const ipv6 = '2001:db8:3333:4444:5555:6666:7777:8888';
const label = 'format.named("dns1123Label").value()';

const libraryCases: readonly (readonly [string, number])[] = [
  ['[1, 2, 3, 4, 5].sum()', 15],
  ['[uint(1), uint(2), uint(3), uint(4), uint(5)].sum()', 20],
  ['[1, 2, 3, 4, 5].isSorted()', 15],
  ["[duration('1s'), duration('2s'), duration('3s'), duration('4s'), duration('5s')].max()", 20],
  ["'01234567890123456789012345678901234567890123456789'.indexOf('123')", 5],
  ["url('https:://kubernetes.io/').getHost()", 4],
  ["url('https:://kubernetes.io/') == url('https:://kubernetes.io/')", 9],
  ["url('https:://kubernetes.io/') == url('http://x.b')", 5],
  ["ip('192.168.0.1')", 2],
  [`ip('${ipv6}').family()`, 5],
  [`ip('${ipv6}') == ip('192.168.0.1')`, 7],
  [`ip.isCanonical('${ipv6}')`, 8],
  ["cidr('2001:db8::/32').ip()", 3],
  ["cidr('192.168.0.0/16').containsCIDR(cidr('192.0.0.0/30'))", 11],
  ["cidr('192.168.0.0/16').containsCIDR('192.168.0.0/16')", 11],
  ["cidr('192.168.0.0/16').containsIP(ip('192.0.0.1'))", 7],
  ["cidr('192.168.0.0/16').containsIP('192.169.0.1')", 8],
  ["'ABCDEFGHIJ abcdefghij'.lowerAscii() == 'abcdefghij ABCDEFGHIJ'.lowerAscii()", 9],
  ["strings.quote('ABCDEFGHIJ abcdefghij') == strings.quote('ABCDEFGHIJ abcdefghij')", 11],
  ["'abc 123 def 123'.replace('', 'x')", 3],
  ["'abc 123 def 123'.split(' ', 1)", 3],
  ["'abc 123 def 123'.substring(5, 8)", 2],
  ["'abc 123 def 123'.findAll('123', 1)", 2],
  ['quantity("200M") == quantity("0.2G") && quantity("0.2G") == quantity("200M")', 6],
  ['quantity("50k").add(20).sub(quantity("100k")).sub(-50000).asInteger() > 0', 7],
  [`${label}.validate("my-name")`, 34],
  [`${label} == ${label}`, 11],
  ['sets.contains([], [])', 21],
  ['sets.contains([1, 2, 3, 4], [2, 3])', 29],
  ['sets.equivalent([1, 2, 3], [3, 2, 1])', 39],
  ['sets.intersects([1, 2], [2, 2, 3])', 27],
  ["{'a': 1, 'b': 2}.all(k, v, v > 0)", 41],
  ["{'a': 1, 'b': 2}.exists(k, v, v > 0)", 43],
  ["{'a': 1, 'b': 2}.existsOne(k, v, v > 0)", 40],
  ["{'a': 1, 'b': 2}.transformMap(k, v, v < 5, v + 1)", 75],
  ["{'a': 1, 'b': 2}.transformMapEntry(k, v, v < 5, {k: v + 1})", 135],
  ['[1, 2].transformList(i, v, v + 1)', 49],
  ['[1, 2].transformList(i, v, v < 5, v + 1)', 53],
];

test('functions are estimated to cost what Kubernetes estimates', () => {
  for (const [expression, cost] of libraryCases) {
    assert.equal(costOfConstant(expression), cost, expression);
  }
});
