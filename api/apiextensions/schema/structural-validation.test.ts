import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonSchema } from './json-schema.js';
import { schemaErrors } from './schema-validation.js';

const textsOf = (schema: JsonSchema): readonly string[] =>
  schemaErrors(schema, 's').map(({ field, message }) => `${field}: ${message}`);

const root = (properties: Readonly<Record<string, JsonSchema>>): JsonSchema => ({
  type: 'object',
  properties,
});

const embedded = (schema: JsonSchema): JsonSchema =>
  root({ x: { type: 'object', 'x-kubernetes-embedded-resource': true, ...schema } });

const keepsUnknown = { 'x-kubernetes-preserve-unknown-fields': true } as const;
const onlyNames =
  'Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified';

const cases: readonly (readonly [string, JsonSchema, readonly string[]])[] = [
  ['a root that keeps all needs no type', { ...keepsUnknown }, []],
  [
    'a map at the root',
    { type: 'object', additionalProperties: { type: 'string' } },
    ['s.additionalProperties: Forbidden: must not be used at the root'],
  ],
  [
    'an int-or-string that keeps unknown fields',
    root({ x: { 'x-kubernetes-int-or-string': true, ...keepsUnknown } }),
    [
      's.properties[x].x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if x-kubernetes-int-or-string is true',
    ],
  ],
  [
    'int-or-string said once more among other restrictions',
    root({
      x: {
        'x-kubernetes-int-or-string': true,
        allOf: [{ anyOf: [{ type: 'integer' }, { type: 'string' }], minLength: 1 }],
      },
    }),
    [],
  ],
  [
    'an embedded resource that is a map',
    embedded({ additionalProperties: { type: 'string' } }),
    [
      's.properties[x].additionalProperties: Forbidden: must not be used if x-kubernetes-embedded-resource is set',
      's.properties[x].properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
    ],
  ],
  [
    'the metadata of an embedded resource, of which anything may be said',
    embedded({
      properties: {
        metadata: {
          type: 'object',
          properties: {
            labels: {
              type: 'object',
              maxProperties: 3,
              additionalProperties: { type: 'string' },
            },
          },
        },
      },
    }),
    [],
  ],
  [
    'a kind without a type',
    embedded({ properties: { kind: { ...keepsUnknown } } }),
    ['s.properties[x].properties[kind].type: Invalid value: "": must be string'],
  ],
  [
    'root metadata with labels',
    root({ metadata: { type: 'object', properties: { labels: { type: 'object' } } } }),
    [`s.properties[metadata]: ${onlyNames}`],
  ],
  [
    'root metadata with names',
    root({
      metadata: {
        type: 'object',
        properties: { name: { type: 'string', maxLength: 9 }, generateName: { type: 'string' } },
      },
    }),
    [],
  ],
  [
    'root metadata that is described',
    root({ metadata: { type: 'object', description: 'd' } }),
    [`s.properties[metadata]: ${onlyNames}`],
  ],
  [
    'metadata within a restriction',
    {
      ...root({ x: { type: 'object', properties: { metadata: { type: 'object' } } } }),
      not: { properties: { metadata: { required: ['a'] } } },
    },
    [
      's.not.properties[metadata]: Forbidden: must not be specified in a nested context',
      's.properties[metadata]: Required value: because it is defined in s.not.properties[metadata]',
    ],
  ],
  [
    'structure within a restriction',
    root({
      x: {
        type: 'array',
        items: { type: 'object', properties: { k: { type: 'string' } } },
        anyOf: [
          {
            items: {
              default: false,
              'x-kubernetes-list-map-keys': ['k'],
              'x-kubernetes-validations': [{ rule: 'true' }],
            },
          },
        ],
      },
    }),
    [
      's.properties[x].anyOf[0].items.default: Forbidden: must be undefined to be structural',
      's.properties[x].anyOf[0].items.x-kubernetes-list-map-keys: Forbidden: must be empty to be structural',
      's.properties[x].anyOf[0].items.x-kubernetes-validations: Forbidden: must be empty to be structural',
      's.properties[x].anyOf[0].items.x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty',
    ],
  ],
  [
    'a pattern within a restriction',
    root({ x: { type: 'string', not: { pattern: '(' } } }),
    [
      's.properties[x].not.pattern: Invalid value: "(": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ): `(`',
    ],
  ],
  [
    'a list of schemas, after which nothing more can be found out',
    root({ x: { type: 'array', items: [{ type: 'string' }] }, y: {} }),
    ['s.properties[x].items: Forbidden: items must be a schema object and not an array'],
  ],
];

test('what a schema says of structure is refused where Kubernetes refuses it', () => {
  for (const [subject, schema, expected] of cases) {
    assert.deepEqual(textsOf(schema), expected, subject);
  }
});

const mustBePruned = 'must not have unknown fields';
const defaultCases: readonly (readonly [string, JsonSchema, readonly string[]])[] = [
  [
    'with fields that would be pruned',
    root({ x: { type: 'object', properties: { a: { type: 'string' } }, default: { b: 1 } } }),
    [`s.properties[x].default: Invalid value: {"b":1}: ${mustBePruned}`],
  ],
  [
    'of root metadata',
    root({
      metadata: { type: 'object', properties: { name: { type: 'string', default: 'x' } } },
    }),
    [
      's.properties[metadata].properties[name].default: Forbidden: must not be set in top-level metadata',
    ],
  ],
  [
    'of a resource without a kind',
    embedded({ ...keepsUnknown, default: { apiVersion: 'v1' } }),
    ['s.properties[x].default.kind: Required value'],
  ],
  [
    'of embedded labels that no object could have',
    embedded({
      properties: {
        metadata: {
          type: 'object',
          properties: {
            labels: {
              type: 'object',
              additionalProperties: { type: 'string' },
              default: { 'a b': 'c' },
            },
          },
        },
      },
    }),
    [
      "s.properties[x].properties[metadata].properties[labels].default: Invalid value: {\"a b\":\"c\"}: must result in valid metadata: metadata.labels: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  [
    'of the values of embedded labels',
    embedded({
      properties: {
        metadata: {
          type: 'object',
          properties: {
            labels: { type: 'object', additionalProperties: { type: 'string', default: 'a' } },
          },
        },
      },
    }),
    [
      's.properties[x].properties[metadata].properties[labels].additionalProperties.default: Forbidden: must not be set inside additionalProperties applying to object metadata',
    ],
  ],
  [
    'of the values of a map, at which nobody looks',
    root({ x: { type: 'object', additionalProperties: { type: 'string', default: 1 } } }),
    [],
  ],
  [
    'that its own rules refuse',
    root({
      x: {
        type: 'string',
        maxLength: 9,
        default: 'a',
        'x-kubernetes-validations': [{ rule: 'self == "b"' }],
      },
    }),
    ['s.properties[x].default: Invalid value: "string": failed rule: self == "b"'],
  ],
  [
    'with a failure of no field',
    root({ x: { type: 'string', default: 'a', not: { enum: ['a'] } } }),
    ['s.properties[x].default: Invalid value: "": "" must not validate the schema (not)'],
  ],
];

test('defaults are refused where Kubernetes refuses them', () => {
  for (const [subject, schema, expected] of defaultCases) {
    assert.deepEqual(textsOf(schema), expected, subject);
  }
});
