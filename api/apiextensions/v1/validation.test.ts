/** What is refused of a CustomResourceDefinition beside its schema, in Kubernetes' words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnsOf } from '../schema/columns.js';
import type { JsonSchema } from '../schema/json-schema.js';
import { schemaErrors } from '../schema/schema-validation.js';
import { formatWarnings } from './format-warnings.js';
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from './types.js';
import {
  validateCustomResourceDefinition,
  validateCustomResourceDefinitionUpdate,
} from './validation.js';

const root: JsonSchema = {
  type: 'object',
  properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
};

const versionWith = (change: object): CustomResourceDefinitionVersion =>
  ({
    name: 'v1',
    served: true,
    storage: true,
    schema: { openAPIV3Schema: root },
    ...change,
  }) as CustomResourceDefinitionVersion;

/** Versions that differ, so that nothing counts as said for all. */
const definitionWith = (change: object, status: object = {}): CustomResourceDefinition =>
  ({
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      versions: [
        versionWith(change),
        versionWith({
          name: 'v2',
          storage: false,
          schema: { openAPIV3Schema: { type: 'object' } },
          additionalPrinterColumns: [{ name: 'B', type: 'string', jsonPath: '.b' }],
          selectableFields: [],
          subresources: {},
        }),
      ],
    },
    status: { storedVersions: ['v1'], ...status },
  }) as unknown as CustomResourceDefinition;

const textsOf = (
  errors: readonly { readonly field: string; readonly message: string }[],
): string[] => errors.map(({ field, message }) => `${field}: ${message}`);

const first = 'spec.versions[0]';
const rootOnly =
  'only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations] fields are allowed at the root of the schema if the status subresource is enabled';

const cases: readonly (readonly [string, CustomResourceDefinition, readonly string[]])[] = [
  ['a plain definition', definitionWith({}), []],
  [
    'a warning of a version that is not deprecated',
    definitionWith({ deprecationWarning: 'old' }),
    [`${first}.deprecationWarning: Invalid value: "old": can only be set for deprecated versions`],
  ],
  [
    'an empty warning',
    definitionWith({ deprecated: true, deprecationWarning: '' }),
    [`${first}.deprecationWarning: Invalid value: "": must not be an empty string`],
  ],
  [
    'a warning that cannot be printed',
    definitionWith({ deprecated: true, deprecationWarning: 'é\tx' }),
    [
      `${first}.deprecationWarning: Invalid value: "é\\tx": must only contain printable UTF-8 characters; non-printable character found at index 2`,
    ],
  ],
  [
    'a column whose path only has to begin well',
    definitionWith({
      additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: '.a[?(@' }],
    }),
    [],
  ],
  [
    'a column whose path begins with a name',
    definitionWith({ additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: 'a' }] }),
    [
      `${first}.additionalPrinterColumns[0].JSONPath: Invalid value: "a": must be a simple json path starting with .`,
    ],
  ],
  [
    'selection by an object',
    definitionWith({ selectableFields: [{ jsonPath: '.spec' }] }),
    [
      `${first}.selectableFields[0].jsonPath: Invalid value: ".spec": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.`,
    ],
  ],
  [
    'alternatives at the root beside a status',
    definitionWith({
      schema: { openAPIV3Schema: { ...root, anyOf: [{ required: ['spec'] }] } },
      subresources: { status: {} },
    }),
    [
      `${first}.schema.openAPIV3Schema: Invalid value: {"type":"object","properties":{"spec":{"type":"object","properties":{"size":{"type":"integer"}}}},"anyOf":[{"required":["spec"]}]}: ${rootOnly}`,
    ],
  ],
  [
    'a version that is stored and no longer there',
    definitionWith({}, { storedVersions: ['v0', 'v1'] }),
    [
      'status.storedVersions[0]: Invalid value: "v0": missing from spec.versions; v0 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v0 and removes v0 from status.storedVersions',
    ],
  ],
];

for (const [about, definition, expected] of cases) {
  test(`a definition with ${about} is checked as by Kubernetes`, () => {
    assert.deepEqual(textsOf(validateCustomResourceDefinition(definition)), expected);
  });
}

test('a webhook is only for the strategy that has one', () => {
  const definition = definitionWith({});
  definition.spec.conversion = {
    strategy: 'None',
    webhook: { clientConfig: { url: 'https://example.com' }, conversionReviewVersions: ['v1'] },
  };
  const why = 'Forbidden: should not be set when strategy is not set to Webhook';
  assert.deepEqual(textsOf(validateCustomResourceDefinition(definition)), [
    `spec.conversion.webhookClientConfig: ${why}`,
    `spec.conversion.conversionReviewVersions: ${why}`,
  ]);
});

test('the approval of a protected group is checked where it changes', () => {
  const protectedWith = (approval: string): CustomResourceDefinition => {
    const definition = definitionWith({});
    definition.spec.group = 'example.k8s.io';
    definition.metadata.annotations = { 'api-approved.kubernetes.io': approval };
    return definition;
  };
  const update = (now: string, before: string) =>
    validateCustomResourceDefinitionUpdate(protectedWith(now), protectedWith(before)).map(
      ({ reason }) => reason,
    );
  assert.deepEqual(update('', 'unapproved, a test'), ['FieldValueRequired']);
  assert.deepEqual(update('maybe', 'https://example.com/1'), ['FieldValueInvalid']);
  assert.deepEqual(update('maybe', 'perhaps'), []);
});

test('a version with a column that cannot be read shows the age', () => {
  const good = { name: 'A', type: 'string', jsonPath: '.a' };
  const names = (...paths: readonly string[]) =>
    columnsOf(paths.map((jsonPath) => ({ ...good, jsonPath }))).map(({ name }) => name);
  assert.deepEqual(names('.a'), ['Name', 'A']);
  assert.deepEqual(names('.a', '.a[?(@'), ['Name', 'Age']);
});

const at = 'r.properties[x]';
const rule = 'x-kubernetes-validations';
const schemaCases: readonly (readonly [JsonSchema, readonly string[]])[] = [
  [{ type: 'string', [rule]: [{ rule: 'true', message: 'm'.repeat(3000) }] }, []],
  [
    { type: 'string', [rule]: [{ rule: 'true &&\ntrue', messageExpression: "'x'" }] },
    [
      `${at}.${rule}[0].message: Required value: message must be specified if rule contains line breaks`,
    ],
  ],
  [
    { type: 'string', [rule]: [{ rule: 'true', fieldPath: '.y' }] },
    [`${at}.${rule}[0].fieldPath: Invalid value: ".y": fieldPath must be a valid path`],
  ],
  [
    { type: 'string', [rule]: [{ rule: 'true', optionalOldSelf: false }] },
    [
      `${at}.${rule}[0].optionalOldSelf: Invalid value: false: may not be set if oldSelf is not used in rule`,
    ],
  ],
  [
    {
      type: 'object',
      maxProperties: 5,
      'x-kubernetes-map-type': 'atomic',
      additionalProperties: { type: 'string', maxLength: 9, [rule]: [{ rule: 'self == oldSelf' }] },
    },
    [],
  ],
  [
    {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: {
        type: 'object',
        nullable: true,
        required: ['k'],
        properties: { k: { type: 'string' } },
      },
    },
    [`${at}.items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is map`],
  ],
  [
    {
      type: 'array',
      'x-kubernetes-list-type': 'atomic',
      'x-kubernetes-list-map-keys': ['k'],
      items: { type: 'string' },
    },
    [
      `${at}.x-kubernetes-list-type: Invalid value: "atomic": must be map if x-kubernetes-list-map-keys is non-empty`,
    ],
  ],
];

test('schemas are refused where Kubernetes refuses them, and nowhere else', () => {
  for (const [schema, expected] of schemaCases) {
    const whole: JsonSchema = { type: 'object', properties: { x: schema } };
    assert.deepEqual(textsOf(schemaErrors(whole, 'r')), expected, JSON.stringify(schema));
  }
});

test('an established definition keeps a bundle of certificates that can be read', () => {
  const withBundle = (caBundle: string, isEstablished = true): CustomResourceDefinition => {
    const conditions = [{ type: 'Established', status: isEstablished ? 'True' : 'False' }];
    const definition = definitionWith({}, { conditions });
    definition.spec.conversion = {
      strategy: 'Webhook',
      webhook: {
        clientConfig: { url: 'https://example.com', caBundle },
        conversionReviewVersions: ['v1'],
      },
    };
    return definition;
  };
  const bad = withBundle('Cg==');
  const update = (before: CustomResourceDefinition): string[] =>
    textsOf(validateCustomResourceDefinitionUpdate(bad, before));
  assert.deepEqual(update(withBundle('')), [
    'spec.conversion.webhookClientConfig.caBundle: Invalid value: "Cg==": unable to load root certificates: data does not contain any valid RSA or ECDSA certificates',
  ]);
  assert.deepEqual(update(withBundle('', false)), []);
  assert.deepEqual(update(withBundle('b2xk')), []);
});

test('formats that mean nothing to the server are warned of once they are added', () => {
  const withFormats = (...formats: string[]): CustomResourceDefinition =>
    definitionWith({
      schema: {
        openAPIV3Schema: {
          type: 'object',
          properties: {
            count: { type: 'integer', format: 'int32' },
            list: { type: 'array', items: { type: 'string', format: 'date-time' } },
            ...Object.fromEntries(formats.map((format) => [format, { type: 'string', format }])),
          },
        },
      },
    });
  assert.deepEqual(formatWarnings(withFormats('quantity', 'password'), undefined), []);
  assert.deepEqual(formatWarnings(withFormats('ip', 'int32'), withFormats('ip')), [
    'unrecognized format "int32"',
  ]);
});
