/** Schemas, patterns and expressions, of definitions and of policies. */
import { dryRun, key, longest, many, post } from './pieces.js';
import type { WorstCase } from './pieces.js';

const crd = (properties: unknown, extra: object = {}): unknown => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'worsts.worst.example.com' },
  spec: {
    group: 'worst.example.com',
    scope: 'Namespaced',
    names: { plural: 'worsts', kind: 'Worst', singular: 'worst', listKind: 'WorstList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties } },
        ...extra,
      },
    ],
  },
});

const text = { type: 'string' };
const rule = (expression: string): unknown => ({
  a: { type: 'string', 'x-kubernetes-validations': [{ rule: expression }] },
});
const nest = (depth: number): unknown => {
  let schema: unknown = text;
  for (let level = 0; level < depth; level += 1)
    schema = { type: 'object', properties: { a: schema } };
  return { a: schema };
};

const definitions: readonly (readonly [string, unknown])[] = [
  ['properties', crd(Object.fromEntries(many(33, (i) => [key(i), text])))],
  ['a wide enumeration', crd({ a: { type: 'string', enum: many(12, key) } })],
  [
    'an enumeration of objects',
    crd({
      a: {
        type: 'object',
        'x-kubernetes-preserve-unknown-fields': true,
        enum: many(24, (i) => ({ a: key(i) })),
      },
    }),
  ],
  ['required fields', crd({ a: { type: 'object', required: many(12, key) } })],
  ['deep schemas', crd(nest(200))],
  [
    'patterns',
    crd(Object.fromEntries(many(65, (i) => [key(i), { type: 'string', pattern: '^(a+)+$' }]))),
  ],
  ['a long pattern', crd({ a: { type: 'string', pattern: '(a|b)*'.repeat(longest / 6) } })],
  [
    'a repeated pattern',
    crd({
      a: { type: 'string', pattern: '((((((a{1,100}){1,100}){1,100}){1,100}){1,100}){1,100})' },
    }),
  ],
  [
    'one list of many choices',
    crd({ a: { type: 'string', anyOf: many(24, (i) => ({ pattern: key(i) })) } }),
  ],
  ['a default as long', crd({ a: { type: 'array', items: text, default: many(12, key) } })],
  ['descriptions', crd({ a: { type: 'string', description: 'x'.repeat(longest) } })],
  [
    'rules',
    crd({
      a: {
        type: 'string',
        'x-kubernetes-validations': many(36, (i) => ({ rule: `self != "${key(i)}"` })),
      },
    }),
  ],
  ['a long rule', crd(rule(`self == "${'x'.repeat(99_000)}"`))],
  ['a rule of many terms', crd(rule(many(11, () => "self!='a'", 99_000).join('&&')))],
  ['a deep rule', crd(rule(`${'('.repeat(240)}true${')'.repeat(240)}`))],
  ['a rule of many parentheses', crd(rule(`${'('.repeat(49_000)}true${')'.repeat(49_000)}`))],
  ['a rule of nested macros', crd(rule(`${'[1,2,3].all(x,'.repeat(60)}true${')'.repeat(60)}`))],
  ['a rule of ternaries', crd(rule(`${'true?true:'.repeat(9_900)}true`))],
  ['a rule of list literals', crd(rule(`[${many(2, () => '1', 99_000).join(',')}].size()>0`))],
  ['a rule of nested lists', crd(rule(`size(${'['.repeat(240)}1${']'.repeat(240)})>0`))],
  [
    'a rule of map literals',
    crd(rule(`size({${many(13, (i) => `"${key(i)}":1`, 95_000).join(',')}})>0`)),
  ],
  ['a rule with a long pattern', crd(rule(`self.matches("${'(a|b)*'.repeat(16_000)}")`))],
  ['a rule with a repeated pattern', crd(rule('self.matches("(((a{1,1000}){1,1000}){1,1000})")'))],
  [
    'many columns',
    crd(
      { a: text },
      {
        additionalPrinterColumns: many(60, (i) => ({
          name: key(i),
          type: 'string',
          jsonPath: '.spec.a',
        })),
      },
    ),
  ],
  [
    'a long column',
    crd(
      { a: text },
      {
        additionalPrinterColumns: [
          { name: 'a', type: 'string', jsonPath: '.a'.repeat(longest / 2) },
        ],
      },
    ),
  ],
  [
    'selectable fields',
    crd({ a: text }, { selectableFields: many(24, (i) => ({ jsonPath: `.${key(i)}` })) }),
  ],
];

const policy = (expression: string, more: object = {}): unknown => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: 'worst' },
  spec: {
    matchConstraints: {
      resourceRules: [
        { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
      ],
    },
    validations: [{ expression }],
    ...more,
  },
});
const policies: readonly (readonly [string, unknown])[] = [
  [
    'validations',
    policy('true', { validations: many(40, () => ({ expression: 'object.spec.a==1' })) }),
  ],
  [
    'variables',
    policy('true', {
      variables: many(40, (i) => ({
        name: key(i),
        expression: i === 0 ? '1' : `variables.${key(i - 1)}`,
      })),
    }),
  ],
  ['a chain of selections', policy(`object${'.a'.repeat(40_000)}==1`)],
  ['a chain of indices', policy(`object${'[0]'.repeat(30_000)}==1`)],
  ['a chain of calls', policy(`"a"${'.lowerAscii()'.repeat(7_000)}=="a"`)],
  ['negations', policy(`${'!'.repeat(99_000)}true`)],
  ['a sum', policy(`${'1+'.repeat(49_000)}1>0`)],
  ['comments', policy(`true ${'// x\n'.repeat(19_000)}`)],
  ['a string without end', policy(`"${'\\\\'.repeat(49_000)}`)],
];

export const definitionCases: readonly WorstCase[] = [
  ...definitions.map(([name, value]) => ({
    name: `definition: ${name}`,
    request: post(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions${dryRun}`, value),
  })),
  ...policies.map(([name, value]) => ({
    name: `policy: ${name}`,
    request: post(
      `/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies${dryRun}`,
      value,
    ),
  })),
];
