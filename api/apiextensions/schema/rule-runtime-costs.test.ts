/** What rules cost when they run decides which of them run at all; the figures are recorded ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CostMeter } from '../../cel/cost.js';
import { createEnvironment } from '../../cel/environment.js';
import { compileExpression } from '../../cel/program.js';
import { celTypeOf } from './cel-types.js';
import type { JsonSchema } from './json-schema.js';
import { compileRule } from './rules.js';

const objectOf = (properties: Readonly<Record<string, JsonSchema>>): JsonSchema => ({
  type: 'object',
  properties,
});
const text: JsonSchema = { type: 'string' };
const whole: JsonSchema = { type: 'integer' };
const number: JsonSchema = { type: 'number' };
const flag: JsonSchema = { type: 'boolean' };
const intOrString: JsonSchema = { 'x-kubernetes-int-or-string': true };
const listOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items });
const mapOf = (additionalProperties: JsonSchema): JsonSchema => ({
  type: 'object',
  additionalProperties,
});
const formatted = (format: string): JsonSchema => ({ type: 'string', format });
const textSet: JsonSchema = { ...listOf(text), 'x-kubernetes-list-type': 'set' };
const mapList = (items: JsonSchema): JsonSchema => ({
  ...listOf(items),
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['k'],
});
const numbered = <T>(...values: readonly T[]): Record<string, T> =>
  Object.fromEntries(values.map((value, position) => [`val${String(position + 1)}`, value]));

type Case = readonly [value: object, schema: JsonSchema, costs: Readonly<Record<string, number>>];

const cases: readonly Case[] = [
  [
    numbered('Rook takes 👑', 'Rook takes 👑'),
    objectOf(numbered(text, text)),
    {
      "self.val1.startsWith('Rook')": 4,
      "!self.val1.startsWith('knight')": 5,
      "self.val1.matches('^[^0-9]*$')": 8,
      "!self.val1.matches('^[0-9]*$')": 7,
      'type(self.val1) == string': 4,
      'size(self.val1) == 12': 4,
      "self.val1.charAt(3) == 'k'": 4,
      "self.val1.indexOf('o') == 1": 4,
      "self.val1.indexOf('o', 2) == 2": 4,
      "self.val1.replace(' ', 'x') == 'Rookxtakesx👑'": 7,
      "self.val1.replace(' ', 'x', 1) == 'Rookxtakes 👑'": 7,
      "self.val1.split(' ') == ['Rook', 'takes', '👑']": 6,
      "self.val1.split(' ', 2) == ['Rook', 'takes 👑']": 6,
      "self.val1.substring(5) == 'takes 👑'": 5,
      "self.val1.substring(0, 4) == 'Rook'": 5,
      "self.val1.substring(4, 10).trim() == 'takes'": 6,
      "self.val1.upperAscii() == 'ROOK TAKES 👑'": 6,
      "self.val1.lowerAscii() == 'rook takes 👑'": 6,
    },
  ],
  [
    numbered('QUI=', 'QUI='),
    objectOf(numbered(formatted('byte'), formatted('byte'))),
    {
      'self.val1 == self.val2': 5,
      "self.val1 == b'AB'": 3,
      'type(self.val1) == bytes': 4,
      'size(self.val1) == 2': 4,
    },
  ],
  [
    numbered('1h2m3s4ms', '1h2m3s4ms'),
    objectOf(numbered(formatted('duration'), formatted('duration'))),
    {
      "self.val1 == duration('1h2m') + duration('3s4ms')": 4,
      'self.val1.getHours() == 1': 4,
      'type(self.val1) == google.protobuf.Duration': 4,
    },
  ],
  [
    numbered('2011-08-18T19:03:37.010000000+01:00'),
    objectOf(numbered(formatted('date-time'))),
    {
      "self.val1 == timestamp('2011-08-18T00:00:00.000+01:00') + duration('19h3m37s10ms')": 4,
      "self.val1.getDate('01:00') == 18": 4,
    },
  ],
  [
    { enumStr: 'Pending' },
    objectOf({ enumStr: { type: 'string', enum: ['Pending'] } }),
    { "self.enumStr == 'Pending'": 3, "self.enumStr in ['Pending', 'Available']": 2 },
  ],
  [
    numbered<unknown>(
      10,
      10.0,
      10.49,
      10.5,
      true,
      '10',
      'MTA=',
      '3723.004s',
      '1h2m3s4ms',
      '2011-08-18T19:03:37.01+01:00',
      '2011-08-18T19:03:37.01+01:00',
      '2011-08-18T00:00:00Z',
      '2011-08-18',
    ),
    objectOf(
      numbered(
        whole,
        number,
        number,
        number,
        flag,
        text,
        formatted('byte'),
        text,
        formatted('duration'),
        text,
        formatted('date-time'),
        text,
        formatted('date'),
      ),
    ),
    {
      'int(self.val2) == self.val1': 6,
      'double(self.val1) == self.val2': 6,
      'bytes(self.val6) == self.val7': 6,
      'string(self.val1) == self.val6': 6,
      "string(self.val4) == '10.5'": 4,
      'string(self.val7) == self.val6': 6,
      'duration(self.val8) == self.val9': 6,
      'timestamp(self.val10) == self.val11': 6,
      'string(self.val11) == self.val10': 8,
      'timestamp(self.val12) == self.val13': 6,
      'string(self.val13) == self.val12': 7,
    },
  ],
  [
    numbered([1, 2, 3], [1, 2, 3]),
    objectOf(numbered(listOf(whole), listOf(whole))),
    {
      '1 in self.val1': 5,
      'self.val2[0] in self.val1': 8,
      '!(0 in self.val1)': 6,
      'self.val1 + self.val2 == [1, 2, 3, 1, 2, 3]': 6,
      'self.val1 + [4, 5] == [1, 2, 3, 4, 5]': 4,
    },
  ],
  [
    numbered(['a', 'b', 'c'], ['a', 'c', 'b']),
    objectOf(numbered(textSet, textSet)),
    {
      "self.val1 == ['c', 'b', 'a']": 3,
      'self.val1 == self.val2': 5,
      "'a' in self.val1": 5,
      'self.val2[0] in self.val1': 8,
      "!('x' in self.val1)": 6,
      "self.val1 + self.val2 == ['a', 'b', 'c']": 6,
      "self.val1 + ['c', 'd'] == ['a', 'b', 'c', 'd']": 4,
    },
  ],
  [
    {
      objs: [
        [
          { k: 'a', v: '1' },
          { k: 'b', v: '2' },
        ],
        [
          { k: 'b', v: '2' },
          { k: 'a', v: '1' },
        ],
        [
          { k: 'b', v: '3' },
          { k: 'a', v: '1' },
        ],
        [{ k: 'c', v: '4' }],
      ],
    },
    objectOf({ objs: listOf(mapList(objectOf({ k: text, v: text }))) }),
    {
      'self.objs[0] == self.objs[1]': 7,
      'self.objs[0] + self.objs[2] == self.objs[2]': 11,
      'self.objs[2] + self.objs[0] == self.objs[0]': 11,
      'self.objs[0] == [self.objs[0][0], self.objs[0][1]]': 22,
      'self.objs[0] == [self.objs[0][1], self.objs[0][0]]': 22,
      'self.objs[2] + [self.objs[0][0], self.objs[0][1]] == self.objs[0]': 26,
      'size(self.objs[0] + [self.objs[3][0]]) == 3': 20,
    },
  ],
  [
    numbered({ k1: 'a', k2: 'b' }, { k2: 'b', k1: 'a' }),
    objectOf(numbered(mapOf(text), mapOf(text))),
    {
      'self.val1 == self.val2': 5,
      "'k1' in self.val1": 3,
      "!('k3' in self.val1)": 4,
      "self.val1 == {'k1': 'a', 'k2': 'b'}": 3,
    },
  ],
  [
    { a: { b: 1, d: null }, a1: { b1: { c1: 4 } }, a3: {} },
    objectOf({
      a: objectOf({ b: whole, c: whole, d: { ...whole, nullable: true } }),
      a1: objectOf({ b1: objectOf({ c1: whole }), d2: objectOf({ e2: whole }) }),
    }),
    {
      'has(self.a.b)': 2,
      'has(self.a1.b1.c1)': 3,
      '!(has(self.a1.d2) && has(self.a1.d2.e2))': 3,
      '!has(self.a1.d2)': 3,
    },
  ],
  [
    { val: { b: 1, d: 2 } },
    objectOf({ val: mapOf(whole) }),
    {
      "!('a' in self.val)": 4,
      "'b' in self.val": 3,
      '!has(self.val.a)': 3,
      'has(self.val.b)': 2,
      'self.val.all(k, self.val[k] > 0)': 17,
      'self.val.exists_one(k, self.val[k] == 2)': 14,
      '!self.val.exists_one(k, self.val[k] > 0)': 17,
      'size(self.val) == 2': 4,
      'size(self.val.filter(k, self.val[k] > 1)) == 1': 26,
    },
  ],
  [
    {
      listMap: [
        { k: 'a1', v: 'b1' },
        { k: 'a2', v: 'b2' },
        { k: 'a3', v: 'b3', v2: 'z' },
      ],
    },
    objectOf({ listMap: mapList(objectOf({ k: text, v: text, v2: text })) }),
    {
      'has(self.listMap[0].v)': 3,
      "self.listMap.all(m, m.k.startsWith('a'))": 21,
      "self.listMap.all(m, !has(m.v2) || m.v2 == 'z')": 21,
      "self.listMap.exists(m, m.k.endsWith('1'))": 13,
      "self.listMap.exists_one(m, m.k == 'a3')": 15,
      "!self.listMap.all(m, m.k.endsWith('1'))": 18,
      "!self.listMap.exists(m, m.v == 'x')": 25,
      "!self.listMap.exists_one(m, m.k.startsWith('a'))": 20,
      "size(self.listMap.filter(m, m.k == 'a1')) == 1": 27,
      "self.listMap.exists(m, m.k == 'a1' && m.v == 'b1')": 16,
      "self.listMap.map(m, m.v).exists(v, v == 'b1')": 55,
      "self.listMap.exists(m, has(m.v2) && m.v2 == 'z')": 21,
      "!self.listMap.all(m, has(m.v2) && m.v2 != 'z')": 10,
      "self.listMap.exists_one(m, has(m.v2) && m.v2 == 'z')": 12,
      "self.listMap.filter(m, has(m.v2) && m.v2 == 'z').size() == 1": 24,
      "self.listMap.map(m, has(m.v2) && m.v2 == 'z', m.v2).size() == 1": 25,
      "self.listMap.filter(m, has(m.v2) && m.v2 == 'z').map(m, m.v2).size() == 1": 39,
      "self.listMap.exists(m, m.v2 == 'z')": 24,
      "!self.listMap.all(m, m.v2 != 'z')": 22,
    },
  ],
  [
    { array: [1, 1, 2, 2, 3, 3, 4, 5] },
    objectOf({ array: listOf(whole) }),
    {
      '2 in self.array': 10,
      'self.array.all(e, e > 0)': 43,
      'self.array.exists(e, e > 2)': 36,
      'self.array.exists_one(e, e > 4)': 22,
      '!self.array.all(e, e < 2)': 21,
      '!self.array.exists(e, e < 0)': 52,
      '!self.array.exists_one(e, e == 2)': 25,
      'size(self.array.filter(e, e%2 == 0)) == 3': 68,
      'self.array.map(e, e * 20).filter(e, e > 50).exists(e, e == 60)': 194,
      'size(self.array) == 8': 4,
    },
  ],
  [
    { something: '25%' },
    objectOf({ something: intOrString }),
    {
      "type(self.something) == int ? self.something == 1 : self.something == '25%'": 7,
      "type(self.something) == string && self.something == '25%'": 7,
      "self.something == '25%'": 3,
      'self.something != 1': 3,
      "self.something == 1 || self.something == '25%'": 6,
      "self.something == '25%' || self.something == 1": 3,
      "self.something != ['anything']": 3,
    },
  ],
  [
    { min: '50%', current: 5, available: 10 },
    objectOf({ min: intOrString, current: whole, available: whole }),
    {
      "type(self.min) == string && self.min.matches(r'(\\d+(\\.\\d+)?%)')": 10,
      "type(self.min) == int ? self.current <= self.min : double(self.current) / double(self.available) >= double(self.min.replace('%', '')) / 100.0": 17,
    },
  ],
  [
    { wl: [{ f: 'a', g: 'b' }, { f: 'x', g: 'y' }, { f: 'x', g: 'y' }, {}, {}] },
    objectOf({ wl: listOf({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true }) }),
    {
      'self.wl.size() == 5': 4,
      'self.wl[0] != self.wl[1]': 7,
      'self.wl[1] == self.wl[2]': 7,
      'self.wl[3] == self.wl[4]': 6,
    },
  ],
  [
    {
      e: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'foo', generateName: 'pickItForMe' } },
    },
    objectOf({
      e: {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        'x-kubernetes-preserve-unknown-fields': true,
      },
    }),
    {
      "self.e.kind == 'Pod'": 4,
      "self.e.metadata.generateName == 'pickItForMe'": 6,
      'has(self.e)': 1,
    },
  ],
];

test('rules hold, and cost at run time what Kubernetes counts', () => {
  for (const [value, schema, costs] of cases) {
    const type = celTypeOf(schema, 'selfType');
    assert.ok(type !== undefined);
    for (const [rule, cost] of Object.entries(costs)) {
      const meter = new CostMeter();
      const { program } = compileRule(type, { rule }, schema);
      assert.equal(program.evaluate({ self: value }, meter), true, rule);
      assert.equal(meter.spent, cost, rule);
    }
  }
});

const libraryCases: Readonly<Record<string, number>> = {
  'sets.contains([x, x], [x])': 26,
  'sets.equivalent([x], [x, x])': 28,
  "ip.isCanonical('2001:db8:3333:4444:5555:6666:7777:8888')": 8,
  "cidr('192.168.0.0/16').containsCIDR('192.168.0.0/16')": 7,
  "cidr('192.168.0.0/16').containsIP(ip('192.169.0.1'))": 5,
  "cidr('2001:db8::/126').containsIP('2001:db8::1')": 8,
  "['aa', 'bb', 'cc', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].join(' ')": 5,
  "{'a': x, 'b': x}.transformMap(k, v, v < 5, v + 1)": 47,
  "{'a': x, 'b': x}.transformMapEntry(k, v, v < 5, {k: v + 1})": 107,
};

test('functions cost at run time what Kubernetes counts', () => {
  const type = celTypeOf(whole, 'selfType');
  assert.ok(type !== undefined);
  const environment = createEnvironment({ variables: { x: type } });
  for (const [expression, cost] of Object.entries(libraryCases)) {
    const meter = new CostMeter();
    compileExpression(expression, environment).evaluate({ x: 1 }, meter);
    assert.equal(meter.spent, cost, expression);
  }
});

test('sums of textSet lists take no longer than both are', () => {
  const names = Array.from({ length: 20_000 }, (_, position) => `n${String(position)}`);
  const type = celTypeOf(textSet, 'selfType');
  assert.ok(type !== undefined);
  const { program } = compileRule(type, { rule: '(self + self) == self' }, textSet);
  assert.equal(program.evaluate({ self: names }), true);
});
