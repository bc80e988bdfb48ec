import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CelBudgetError, CostMeter } from './cost.js';
import { createEnvironment } from './environment.js';
import { jsonFromValue } from './json-values.js';
import { compileExpression } from './program.js';
import { CelCompileError } from './source.js';
import { boolType, dynType, intType, listType, mapType, objectType, stringType } from './types.js';
import { CelError } from './values.js';
import { propertyRuns } from '../../testing/property-runs.js';

const spec = objectType('spec', {
  replicas: intType,
  name: stringType,
  tags: listType(stringType),
  labels: mapType(stringType, stringType),
});
const environment = createEnvironment({
  variables: { self: objectType('self', { spec, ready: boolType }), any: dynType },
});

const self = {
  ready: true,
  spec: { replicas: 3, name: 'web', tags: ['a', 'b'], labels: { app: 'web', 'x-y': '1' } },
};
const any = { n: 1, half: 1.5, list: [1, 2, 3], text: 'hé😀', nothing: null };

const evaluate = (source: string): unknown =>
  jsonFromValue(compileExpression(source, environment).evaluate({ self, any }));

const results: readonly (readonly [string, unknown])[] = [
  ['1 + 2 * 3', 7],
  ['-5 / 2', -2],
  ['7 % -3', 1],
  ['1.5 + 2.5', 4],
  ['"a" + "b"', 'ab'],
  ['[1] + [2, 3]', [1, 2, 3]],
  ['self.spec.replicas > 2 && self.ready', true],
  ['self.spec.name.startsWith("w") ? "yes" : "no"', 'yes'],
  ['self.spec.tags.all(t, t.size() == 1)', true],
  ['self.spec.tags.exists(t, t == "b")', true],
  ['self.spec.tags.exists_one(t, t != "b")', true],
  ['self.spec.tags.map(t, t + "!")', ['a!', 'b!']],
  ['self.spec.tags.filter(t, t > "a")', ['b']],
  ['self.spec.labels.all(k, self.spec.labels[k] != "")', true],
  ['self.spec.labels.transformMap(k, v, k == "app", v + "2")', { app: 'web2' }],
  ['self.spec.tags.transformList(i, t, string(i) + t)', ['0a', '1b']],
  ['self.spec.tags.transformMapEntry(i, t, {t: i})', { a: 0, b: 1 }],
  ['self.spec.tags.all(i, t, i < 2 && t != "")', true],
  ['has(self.spec.name) && !has(any.missing)', true],
  ['any.n == 1.0 && any.half > 1', true],
  ['any.list.sum() == 6 && any.list.max() == 3', true],
  ['any.text.size()', 3],
  ['any.text.charAt(2)', '😀'],
  ['any.?missing.orValue("none")', 'none'],
  ['any.list[?7].hasValue()', false],
  ['any.?n.optMap(x, x + 1).orValue(0)', 2],
  ['optional.none().or(optional.of(3)).value()', 3],
  ['[?optional.none(), 1]', [1]],
  ['{?"a": optional.of(1), "b": 2}', { a: 1, b: 2 }],
  ['"x" in self.spec.tags || "app" in self.spec.labels', true],
  ['self.spec.labels["x-y"]', '1'],
  ['(1 / 0 == 1) || true', true],
  ['false && 1 / 0 == 1', false],
  ['[0, 1].exists(x, 1 / x == 1)', true],
  ['type(1) == int && type("") == string && type(type(1)) == type', true],
  ['"abc".matches("^a.c$") && !"abc".matches("^b")', true],
  ['"a1b22".findAll("[0-9]+")', ['1', '22']],
  ['"a,b,c".split(",", 2)', ['a', 'b,c']],
  ['["a", "b"].join("-")', 'a-b'],
  ['"a-b".replace("-", "+").upperAscii()', 'A+B'],
  ['"%s is %d, %.2f, %x".format(["n", 5, 1.5, 255])', 'n is 5, 1.50, ff'],
  ['url("https://a.b:80/p?q=1&q=2").getHost()', 'a.b:80'],
  ['url("https://a.b:80/p?q=1&q=2").getQuery()["q"]', ['1', '2']],
  ['isURL("/x") && !isURL("x")', true],
  ['ip("10.0.0.1").family() == 4 && cidr("10.0.0.0/8").containsIP("10.9.9.9")', true],
  ['string(cidr("10.1.2.3/8").masked())', '10.0.0.0/8'],
  ['quantity("1500m").isGreaterThan(quantity("1")) && isQuantity("1Gi")', true],
  ['quantity("1Gi").compareTo(quantity("1024Mi"))', 0],
  ['semver("1.2.3-rc.1").isLessThan(semver("1.2.3")) && !isSemver("v1.0")', true],
  ['semver("v1", true).major()', 1],
  ['format.dns1123Label().validate("ok").hasValue()', false],
  ['format.named("uuid").value().validate("x").value().size()', 1],
  ['sets.contains([1, 2, 3], [3, 1]) && sets.intersects([1], [1, 2])', true],
  ['duration("1h30m").getMinutes()', 90],
  ['timestamp("2024-02-03T04:05:06.789Z").getDate()', 3],
  ['string(timestamp("2024-02-03T04:05:06Z") + duration("1s"))', '2024-02-03T04:05:07Z'],
  ['int("42") + int(3.9) + int(timestamp("1970-01-01T00:00:05Z"))', 50],
  ['b"abc" == bytes("abc")', true],
  ['r"\\d" + \'\\u00e9\'', '\\dé'],
  ['cel.bind(x, 2, x * x)', 4],
  ['[dyn(1), "a"].size()', 2],
];

for (const [source, wanted] of results) {
  test(`CEL evaluates ${source}`, () => {
    assert.deepEqual(evaluate(source), wanted);
  });
}

const compileErrors: readonly (readonly [string, string])[] = [
  ['foo', "ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo\n | ^"],
  [
    'duration("x") < duration("1s")',
    'ERROR: <input>:1:10: invalid duration argument\n | duration("x") < duration("1s")\n | .........^',
  ],
  [
    'timestamp("2020-13-01T00:00:00Z")',
    'ERROR: <input>:1:11: invalid timestamp argument\n | timestamp("2020-13-01T00:00:00Z")\n | ..........^',
  ],
  [
    'self.spec.name.matches("[")',
    'ERROR: <input>:1:24: invalid matches argument\n | self.spec.name.matches("[")\n | .......................^',
  ],
  ['self.nope', "ERROR: <input>:1:5: undefined field 'nope'\n | self.nope\n | ....^"],
  [
    '1 + "a"',
    "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | 1 + \"a\"\n | ..^",
  ],
  [
    'self.spec.name.frob()',
    "ERROR: <input>:1:20: undeclared reference to 'frob' (in container '')\n | self.spec.name.frob()\n | ...................^",
  ],
  [
    'self.spec.name.startsWith(1)',
    "ERROR: <input>:1:26: found no matching overload for 'startsWith' applied to 'string.(int)'\n | self.spec.name.startsWith(1)\n | .........................^",
  ],
  [
    'self.spec.replicas.all(x, true)',
    "ERROR: <input>:1:10: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)\n | self.spec.replicas.all(x, true)\n | .........^",
  ],
  [
    '[1, "a"]',
    "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, \"a\"]\n | ....^",
  ],
  ['has(self)', 'ERROR: <input>:1:5: invalid argument to has() macro\n | has(self)\n | ....^'],
];

for (const [source, wanted] of compileErrors) {
  test(`CEL refuses ${source}`, () => {
    assert.throws(
      () => compileExpression(source, environment),
      (error) => {
        assert.ok(error instanceof CelCompileError);
        assert.equal(error.message, wanted);
        return true;
      },
    );
  });
}

const broken = [
  '',
  '1 +',
  'a.b.',
  '((',
  '"abc',
  '1 2',
  '{',
  '#',
  'a ? b',
  "'\\z'",
  'a.b(',
  '[1,,2]',
];

test('CEL refuses broken syntax with a place', () => {
  for (const source of broken) {
    assert.throws(() => compileExpression(source, environment), CelCompileError, source);
  }
});

test('CEL fails where a value is missing or of another type', () => {
  const failures: readonly (readonly [string, string])[] = [
    ['any.missing', 'no such key: missing'],
    ['any.text.missing', 'no such key: missing'],
    ['dyn(null).missing', 'no such key: missing'],
    ['any.list[9]', 'index out of bounds: 9'],
    ['any.text + 1', 'no such overload: _+_(string, int)'],
    ['1 / 0', 'division by zero'],
    ['9223372036854775807 + 1', 'integer overflow'],
  ];
  for (const [source, message] of failures) {
    assert.throws(
      () => evaluate(source),
      (error) => error instanceof CelError && error.message === message,
    );
  }
});

test('CEL stops an expression that costs too much, whatever it nests', () => {
  const program = compileExpression(
    'any.list.all(a, any.list.all(b, any.list.all(c, any.list.all(d, true))))',
    environment,
  );
  const list = Array.from({ length: 1000 }, (_, position) => position);
  assert.throws(() => program.evaluate({ any: { list } }), CelBudgetError);
  const meter = new CostMeter(100);
  compileExpression('self.spec.replicas == 3', environment).evaluate({ self }, meter);
  assert.ok(meter.spent > 0 && meter.spent < 20);
});

test('CEL counts what repetitions in a pattern cost, however short it is written', () => {
  const program = compileExpression('any.matches("(a?){1000}b")', environment);
  assert.throws(() => program.evaluate({ any: 'a'.repeat(1_000_000) }), CelBudgetError);
});

test('CEL refuses nesting and length beyond its bounds', () => {
  for (const source of [
    '('.repeat(5000),
    '1'.repeat(200_000),
    `${'1+'.repeat(3000)}1`,
    '!'.repeat(99_000),
  ]) {
    assert.throws(() => compileExpression(source, environment), CelCompileError);
  }
  const long = Array.from({ length: 2000 }, () => 'self.ready').join(' && ');
  assert.equal(compileExpression(long, environment).evaluate({ self }), true);
});

test('CEL reads a long expression in time in proportion to it', { timeout: 20_000 }, () => {
  const terms = Array.from({ length: 5_000 }, () => '[1]!=[2]').join('&&');
  assert.equal(evaluate(terms), true);
});

test('CEL answers any text with a value or an error of its own', () => {
  const pieces = fc.constantFrom(
    ...[
      'self',
      'any',
      '.spec',
      '.list',
      '.text',
      '[0]',
      '["a"]',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      ',',
      ':',
      '?',
    ],
    ...[
      ' + ',
      ' - ',
      ' * ',
      ' / ',
      ' in ',
      ' == ',
      ' && ',
      ' || ',
      '!',
      '-',
      '1',
      '2u',
      '0.5',
      '"a"',
      'b"x"',
      'null',
    ],
    ...[
      '.all(x, ',
      '.map(x, ',
      '.exists(x, ',
      '.filter(x, ',
      'x',
      'has(',
      'size(',
      '.size()',
      '.join()',
      'type(',
    ],
    ...[
      '"a{9}".matches("(a*)*b")',
      '.replace("", "aaaa")',
      '.split("")',
      'quantity("1")',
      '.?a',
      '[?0]',
      'true',
    ],
  );
  const source = fc.oneof(
    fc.array(pieces, { maxLength: 14 }).map((parts) => parts.join('')),
    fc.string({ maxLength: 30 }),
  );
  fc.assert(
    fc.property(source, (text) => {
      try {
        compileExpression(text, environment).evaluate({ self, any }, new CostMeter(10_000));
      } catch (error) {
        const own =
          error instanceof CelCompileError ||
          error instanceof CelError ||
          error instanceof CelBudgetError;
        assert.ok(own, `${text}: ${String(error)}`);
      }
    }),
    { numRuns: propertyRuns(500) },
  );
});

/** Each took the square of the length, on the thread that serves everybody. */
const longTexts: readonly (readonly [string, string, RegExp | undefined])[] = [
  ['double(any.text)', `${'0'.repeat(100_000)}!`, /ParseFloat/],
  ['int(any.text)', '9'.repeat(1_000_000), /out of range/],
  ['duration(any.text)', `${'0'.repeat(100_000)}!`, /invalid duration/],
  ['duration(any.text)', `${'9'.repeat(1_000_000)}s`, /invalid duration/],
  ['any.text.trim()', `a${' '.repeat(100_000)}a`, undefined],
];

for (const [source, text, refused] of longTexts) {
  test(`CEL ${source} takes no longer for a long text than it must`, { timeout: 3_000 }, () => {
    const run = (): unknown =>
      compileExpression(source, environment).evaluate({ self, any: { ...any, text } });
    if (refused === undefined) assert.equal(jsonFromValue(run() as never), text);
    else assert.throws(run, refused);
  });
}

const integers: readonly (readonly [string, number])[] = [
  ['int("-007")', -7],
  ['int("+12")', 12],
  ['int("-0")', 0],
  ['int("0000000000000000000000001")', 1],
];

for (const [source, expected] of integers) {
  test(`CEL ${source} is ${String(expected)}`, () => {
    assert.equal(evaluate(source), expected);
  });
}
