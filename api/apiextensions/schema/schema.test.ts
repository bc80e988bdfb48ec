import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../meta/v1/types.js';
import type { FieldError } from '../../validation/field-error.js';
import { objectErrors } from './custom-resource.js';
import { resourceDefinitionOf } from './definition.js';
import { dropBadNulls, fillDefaults } from './fill-defaults.js';
import { compileJsonPath } from './json-path.js';
import type { JsonSchema } from './json-schema.js';
import { pruneObject } from './prune.js';
import { escapeName, unescapeName } from './property-names.js';
import { schemaErrors } from './schema-validation.js';
import { valueErrors } from './validate-value.js';

const texts = (errors: readonly FieldError[]): readonly string[] =>
  errors.map(({ field, message }) => `${field}: ${message}`);

const spec = (schema: JsonSchema): JsonSchema => ({ type: 'object', properties: { spec: schema } });

const object = (content: object): KubeObject =>
  ({ apiVersion: 'e.com/v1', kind: 'W', metadata: { name: 'w' }, ...content }) as KubeObject;

const valueCases: readonly (readonly [JsonSchema, unknown, readonly string[]])[] = [
  [{ type: 'integer' }, 1, []],
  [
    { type: 'integer' },
    1.5,
    [
      'x: Invalid value: "number": x in body must be of type integer: "number"',
      '<nil>: Invalid value: "": Checked value must be of type integer (default format) in x',
    ],
  ],
  [{ type: 'number' }, 1, []],
  [{ type: 'string', nullable: true }, null, []],
  [
    { type: 'string' },
    null,
    ['x: Invalid value: "null": x in body must be of type string: "null"'],
  ],
  [
    { type: 'integer', minimum: 2, exclusiveMinimum: true },
    2,
    ['x: Invalid value: 2: x in body should be greater than 2'],
  ],
  [
    { type: 'integer', maximum: 2 },
    3,
    ['x: Invalid value: 3: x in body should be less than or equal to 2'],
  ],
  [
    { type: 'number', multipleOf: 0.5 },
    0.7,
    ['x: Invalid value: 0.7: x in body should be a multiple of 0.5'],
  ],
  [{ type: 'string', maxLength: 1 }, 'ab', ['x: Too long: may not be more than 1 bytes']],
  [{ type: 'integer', format: 'int32' }, -2147483648, []],
  [
    { type: 'integer', format: 'int32' },
    2147483648,
    ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in x'],
  ],
  [{ type: 'integer', format: 'int64' }, 2 ** 63 - 1, []],
  [{ type: 'integer', format: 'uint32' }, 2147483648, []],
  [
    { type: 'integer' },
    1e19,
    ['<nil>: Invalid value: "": Checked value must be of type integer (default format) in x'],
  ],
  [
    { type: 'integer', format: 'int32', minimum: 0, maximum: 4294967295 },
    1,
    [
      '<nil>: Invalid value: "": Maximum boundary value must be of type integer with format int32 in x',
    ],
  ],
  [{ type: 'number', format: 'float' }, 3.4e38, []],
  [{ type: 'number', format: 'double' }, 3.5e38, []],
  [
    { type: 'number', format: 'float' },
    3.5e38,
    ['<nil>: Invalid value: "": Checked value must be of type number with format float in x'],
  ],
  [
    { type: 'integer', format: 'int64' },
    true,
    ['x: Invalid value: "": x in body must be of type int64: ""'],
  ],
  [
    { type: 'string', format: 'date' },
    5,
    ['x: Invalid value: "int64": x in body must be of type date: "int64"'],
  ],
  [
    { type: 'string', enum: ['a'] },
    5,
    [
      'x: Invalid value: "integer": x in body must be of type string: "integer"',
      'x: Unsupported value: 5: supported values: "a"',
    ],
  ],
  [
    { type: 'string', maxLength: 1, pattern: '^a+$', format: 'ipv4' },
    'bb',
    [
      'x: Too long: may not be more than 1 bytes',
      'x: Invalid value: "bb": x in body must be of type ipv4: "bb"',
    ],
  ],
  [
    { type: 'object', minProperties: 2, required: ['b'], properties: { a: { type: 'integer' } } },
    { a: 'x' },
    ['x: Invalid value: 2: x in body should have at least 2 properties'],
  ],
  [
    { type: 'object', required: ['b'], properties: { a: { type: 'integer' } } },
    { a: 'x' },
    [
      'x.a: Invalid value: "string": x.a in body must be of type integer: "string"',
      'x.b: Required value',
    ],
  ],
  [
    { type: 'string', minLength: 3 },
    'ab',
    ['x: Invalid value: "ab": x in body should be at least 3 chars long'],
  ],
  [
    { type: 'string', pattern: '^a+$' },
    'b',
    ['x: Invalid value: "b": x in body should match \'^a+$\''],
  ],
  [
    { type: 'string', format: 'date-time' },
    'noon',
    ['x: Invalid value: "noon": x in body must be of type date-time: "noon"'],
  ],
  [
    { type: 'string', enum: ['a', 'b'] },
    'c',
    ['x: Unsupported value: "c": supported values: "a", "b"'],
  ],
  [
    { type: 'array', maxItems: 1, items: { type: 'string' } },
    ['a', 1],
    [
      'x[1]: Invalid value: "integer": x[1] in body must be of type string: "integer"',
      'x: Too many: 2: must have at most 1 items',
    ],
  ],
  [{ type: 'object', required: ['a'] }, {}, ['x.a: Required value']],
  [
    { type: 'object', additionalProperties: { type: 'integer' } },
    { a: 'b' },
    ['x.a: Invalid value: "string": x.a in body must be of type integer: "string"'],
  ],
  [
    { 'x-kubernetes-int-or-string': true },
    true,
    ['x: Invalid value: "boolean": x in body must be of type integer,string: "boolean"'],
  ],
  [
    { type: 'integer', not: { enum: [3] } },
    3,
    ['<nil>: Invalid value: "": "x" must not validate the schema (not)'],
  ],
  [
    { type: 'integer', anyOf: [{ minimum: 5 }, { enum: [1] }] },
    3,
    [
      '<nil>: Invalid value: "": "x" must validate at least one schema (anyOf)',
      'x: Invalid value: 3: x in body should be greater than or equal to 5',
    ],
  ],
  [
    { type: 'integer', oneOf: [{ minimum: 1 }, { minimum: 2 }] },
    3,
    [
      '<nil>: Invalid value: "": "x" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
  ],
  [
    { type: 'integer', allOf: [{ minimum: 5 }] },
    3,
    [
      'x: Invalid value: 3: x in body should be greater than or equal to 5',
      '<nil>: Invalid value: "": "x" must validate all the schemas (allOf). None validated',
    ],
  ],
];

test('values are checked by every keyword of a schema', () => {
  for (const [schema, value, wanted] of valueCases) {
    assert.deepEqual(texts(valueErrors(value, schema, 'x')), wanted, JSON.stringify(schema));
  }
});

test('pruning keeps what the schema names and says what it took', () => {
  const schema = spec({
    type: 'object',
    properties: {
      a: { type: 'string' },
      list: { type: 'array', items: { type: 'object', properties: { b: { type: 'integer' } } } },
      free: {
        type: 'object',
        'x-kubernetes-preserve-unknown-fields': true,
        properties: { n: { type: 'object' } },
      },
      map: {
        type: 'object',
        additionalProperties: { type: 'object', properties: { c: { type: 'string' } } },
      },
      inner: { type: 'object', 'x-kubernetes-embedded-resource': true },
    },
  });
  const value = {
    apiVersion: 'v1',
    kind: 'W',
    other: 1,
    spec: {
      a: 'x',
      z: 1,
      list: [{ b: 1, y: 2 }],
      free: { any: { thing: 1 }, n: { gone: 1 } },
      map: { k: { c: 'd', x: 1 } },
      inner: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: 1 },
    },
  };
  const pruned = pruneObject(value, schema);
  assert.deepEqual(pruned, [
    'other',
    'spec.z',
    'spec.list[0].y',
    'spec.free.n.gone',
    'spec.map.k.x',
    'spec.inner.spec',
  ]);
  assert.deepEqual(value.spec.free, { any: { thing: 1 }, n: {} });
});

test('defaults fill what is absent, and nulls that are not allowed', () => {
  const schema = spec({
    type: 'object',
    default: {},
    properties: {
      a: { type: 'string', default: 'x' },
      b: { type: 'string', nullable: true, default: 'y' },
      c: { type: 'string' },
      list: {
        type: 'array',
        items: { type: 'object', properties: { n: { type: 'integer', default: 1 } } },
      },
    },
  });
  const filled = (value: object): unknown => {
    dropBadNulls(value, schema);
    fillDefaults(value, schema);
    return value;
  };
  assert.deepEqual(filled({}), { spec: { a: 'x', b: 'y' } });
  assert.deepEqual(filled({ spec: { a: null, b: null, c: null, list: [{}] } }), {
    spec: { a: 'x', b: null, list: [{ n: 1 }] },
  });
});

test('map lists and sets refuse duplicates, unless they had them before', () => {
  const schema = spec({
    type: 'object',
    properties: {
      set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
      map: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
        items: { type: 'object', properties: { k: { type: 'string' } } },
      },
    },
  });
  const bad = object({ spec: { set: ['a', 'a'], map: [{ k: '1' }, { k: '1' }] } });
  assert.deepEqual(texts(objectErrors(bad, undefined, { schema }).errors), [
    'spec.set[1]: Duplicate value: "a"',
    'spec.map[1]: Duplicate value: {"k":"1"}',
  ]);
  const worse = object({ spec: { set: ['a', 'a', 'b'] } });
  assert.deepEqual(objectErrors(worse, bad, { schema }).errors, []);
});

const ruled = spec({
  type: 'object',
  'x-kubernetes-validations': [
    {
      rule: 'self.min <= self.max',
      message: 'min above max',
      fieldPath: '.min',
      reason: 'FieldValueForbidden',
    },
    {
      rule: '!has(oldSelf.min) || self.min >= oldSelf.min',
      messageExpression: '"min was %d".format([oldSelf.min])',
    },
  ],
  properties: {
    min: { type: 'integer' },
    max: { type: 'integer' },
    'x-y': { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == "a"' }] },
    list: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: {
        type: 'object',
        required: ['k'],
        properties: { k: { type: 'string' }, v: { type: 'integer' } },
        'x-kubernetes-validations': [{ rule: 'self.v >= oldSelf.v' }],
      },
    },
  },
});

test('rules see new and old values, and report where and why they say', () => {
  assert.deepEqual(schemaErrors(ruled, 's'), []);
  const run = (now: object, before?: object): readonly string[] =>
    texts(
      objectErrors(object({ spec: now }), before && object({ spec: before }), { schema: ruled })
        .errors,
    );
  assert.deepEqual(run({ min: 1, max: 2 }), []);
  assert.deepEqual(run({ min: 3, max: 2 }), ['spec.min: Forbidden: min above max']);
  assert.deepEqual(run({ min: 1, max: 2 }, { min: 2, max: 2 }), [
    'spec: Invalid value: "object": min was 2',
  ]);
  assert.deepEqual(run({ min: 1, max: 2, 'x-y': 'b' }), [
    'spec.x-y: Invalid value: "string": failed rule: self == "a"',
  ]);
  assert.deepEqual(run({ min: 1 }), [
    'spec: Invalid value: "object": no such key: max evaluating rule: min above max',
  ]);
  const before = { min: 1, max: 2, list: [{ k: 'a', v: 2 }] };
  assert.deepEqual(
    run(
      {
        ...before,
        list: [
          { k: 'b', v: 0 },
          { k: 'a', v: 1 },
        ],
      },
      before,
    ),
    ['spec.list[1]: Invalid value: "object": failed rule: self.v >= oldSelf.v'],
  );
});

test('what was stored and has not changed is told of, but not held against an update', () => {
  const stored = object({ spec: { min: 3, max: 2, 'x-y': 'b' } });
  const changed = object({ spec: { min: 3, max: 4, 'x-y': 'b' } });
  assert.deepEqual(objectErrors(changed, stored, { schema: ruled }), {
    errors: [],
    warnings: [
      {
        field: 'spec.x-y',
        reason: 'FieldValueInvalid',
        message: 'Invalid value: "string": failed rule: self == "a"',
      },
    ],
  });
});

const declarationCases: readonly (readonly [JsonSchema, readonly string[]])[] = [
  [{ properties: {} }, ['s.type: Required value: must not be empty at the root']],
  [
    spec({}),
    ['s.properties[spec].type: Required value: must not be empty for specified object fields'],
  ],
  [spec({ type: 'array' }), ['s.properties[spec].items: Required value: must be specified']],
  [
    spec({ type: 'string', pattern: '[' }),
    [
      's.properties[spec].pattern: Invalid value: "[": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ]: `[`',
    ],
  ],
  [
    { ...spec({ type: 'object' }), anyOf: [{ properties: { a: { minimum: 1 } } }] },
    ['s.properties[a]: Required value: because it is defined in s.anyOf[0].properties[a]'],
  ],
  [
    spec({ type: 'string', oneOf: [{ description: 'x' }] }),
    ['s.properties[spec].oneOf[0].description: Forbidden: must be empty to be structural'],
  ],
  [
    spec({ type: 'string', default: 1 }),
    [
      's.properties[spec].default: Invalid value: "integer":  in body must be of type string: "integer"',
    ],
  ],
  [
    spec({ type: 'object', default: { a: 1 } }),
    ['s.properties[spec].default: Invalid value: {"a":1}: must not have unknown fields'],
  ],
  [
    spec({ 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] }),
    [],
  ],
  [
    spec({ type: 'string', 'x-kubernetes-validations': [{ rule: 'self' }] }),
    [
      's.properties[spec].x-kubernetes-validations[0].rule: Invalid value: {"rule":"self"}: cel expression must evaluate to a bool',
    ],
  ],
  [
    spec({ type: 'string', 'x-kubernetes-validations': [{ rule: 'true', optionalOldSelf: true }] }),
    [
      's.properties[spec].x-kubernetes-validations[0].optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule',
    ],
  ],
  [
    spec({
      type: 'array',
      maxItems: 9,
      items: {
        type: 'string',
        maxLength: 9,
        'x-kubernetes-validations': [{ rule: 'self == oldSelf' }],
      },
    }),
    [
      's.properties[spec].items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within s.properties[spec]',
    ],
  ],
];

test('rules that could cost too much are refused, and bounds make them possible', () => {
  const nested = (bounds: object): JsonSchema =>
    spec({
      type: 'array',
      ...bounds,
      'x-kubernetes-validations': [{ rule: 'self.all(a, self.all(b, a == b || a.contains(b)))' }],
      items: { type: 'string', maxLength: 64 },
    });
  const [error] = schemaErrors(nested({}), 's');
  assert.equal(error?.field, 's.properties[spec].x-kubernetes-validations[0].rule');
  assert.match(
    error.message,
    /^Forbidden: estimated rule cost exceeds budget by factor of more than 100x/,
  );
  assert.deepEqual(schemaErrors(nested({ maxItems: 64 }), 's'), []);
});

test('schemas that are not structural, or whose rules cannot be, are refused', () => {
  for (const [schema, wanted] of declarationCases) {
    assert.deepEqual(texts(schemaErrors(schema, 's')), wanted, JSON.stringify(schema));
  }
});

test('JSON paths find fields, elements, slices and what filters say', () => {
  const value = {
    a: { 'b.c': 1 },
    list: [
      { t: 'x', v: 1 },
      { t: 'y', v: 2 },
    ],
    n: [1, 2, 3],
  };
  const cases: readonly (readonly [string, readonly unknown[]])[] = [
    ['.a["b.c"]', [1]],
    ['.a.b\\.c', [1]],
    ['.list[0].v', [1]],
    ['.list[-1].v', [2]],
    ['.list[*].v', [1, 2]],
    ['.list[?(@.t=="y")].v', [2]],
    ['.list[?(@.v>=1)].t', ['x', 'y']],
    ['.n[0:2]', [1, 2]],
    ['..v', [1, 2]],
    ['.missing.x', []],
  ];
  for (const [path, wanted] of cases) assert.deepEqual(compileJsonPath(path)(value), wanted, path);
});

test('names of properties become identifiers and come back', () => {
  for (const name of ['a', 'x-y', 'a.b/c', '__proto__', 'namespace', 'a__b']) {
    assert.equal(unescapeName(escapeName(name) ?? ''), name);
  }
  assert.equal(escapeName('1a'), undefined);
});

test('a declaration made of a schema keeps list and map types', () => {
  const made = resourceDefinitionOf(
    spec({
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: { type: 'object', properties: { k: { type: 'string' } } },
    }),
    'com.e.v1.W',
  );
  const field = made.fields.spec;
  assert.equal(field?.listType, 'map');
  assert.deepEqual(field.listMapKeys, ['k']);
});
