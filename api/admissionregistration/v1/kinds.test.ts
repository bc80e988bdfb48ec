import assert from 'node:assert/strict';
import test from 'node:test';
import type { KubeObject } from '../../meta/v1/types.js';
import type { ResourceDefinition } from '../../schema/resource.js';
import {
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
} from './mutating-admission-policy.js';
import type {
  MutatingAdmissionPolicy,
  MutatingWebhookConfiguration,
  ValidatingAdmissionPolicy,
} from './types.js';
import {
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
} from './validating-admission-policy.js';
import {
  mutatingWebhookConfigurations,
  validatingWebhookConfigurations,
} from './webhook-configuration.js';

type Draft = Record<string, unknown>;

/** Defaults a copy and gives the problems as `field: message`. */
function problemsOf<T extends KubeObject>(resource: ResourceDefinition<T>, draft: Draft): string[] {
  const object = structuredClone({ metadata: { name: 'x' }, ...draft }) as unknown as T;
  resource.defaults?.(object);
  return resource.validate(object).map(({ field, message }) => `${field}: ${message}`);
}

function defaulted<T extends KubeObject>(resource: ResourceDefinition<T>, draft: Draft): T {
  const object = structuredClone({ metadata: { name: 'x' }, ...draft }) as unknown as T;
  resource.defaults?.(object);
  return object;
}

const rule = {
  operations: ['CREATE'],
  apiGroups: [''],
  apiVersions: ['v1'],
  resources: ['pods'],
};
const webhook = {
  name: 'check.example.com',
  clientConfig: { service: { namespace: 'n', name: 's' } },
  rules: [rule],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
};

test('a webhook configuration gets its defaults', () => {
  const configuration: MutatingWebhookConfiguration = defaulted(mutatingWebhookConfigurations, {
    webhooks: [webhook],
  });
  assert.deepEqual(configuration.webhooks?.[0], {
    ...webhook,
    clientConfig: { service: { namespace: 'n', name: 's', port: 443 } },
    rules: [{ ...rule, scope: '*' }],
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
    reinvocationPolicy: 'Never',
  });
  assert.deepEqual(problemsOf(mutatingWebhookConfigurations, { webhooks: [webhook] }), []);
});

test('a webhook configuration is refused in Kubernetes’ words', () => {
  const cases: readonly (readonly [object, string | undefined])[] = [
    [
      { name: 'short.name' },
      'webhooks[0].name: Invalid value: "short.name": should be a domain with at least three segments separated by dots',
    ],
    [
      { sideEffects: undefined },
      'webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun',
    ],
    [
      { sideEffects: 'Some' },
      'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
    ],
    [
      { timeoutSeconds: 31 },
      'webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds',
    ],
    [
      { clientConfig: {} },
      'webhooks[0].clientConfig: Required value: exactly one of url or service is required',
    ],
    [
      { clientConfig: { url: 'http://x.example.com' } },
      'webhooks[0].clientConfig.url: Invalid value: "http": \'https\' is the only allowed URL scheme; desired format: https://host[/path]',
    ],
    [
      { admissionReviewVersions: [] },
      'webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1',
    ],
    [
      { admissionReviewVersions: ['v2'] },
      'webhooks[0].admissionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1',
    ],
    [
      { rules: [{ ...rule, resources: ['*', 'pods'] }] },
      'webhooks[0].rules[0].resources: Invalid value: ["*","pods"]: if \'*\' is present, must not specify other resources without subresources',
    ],
    [{ rules: [{ ...rule, resources: ['pods', '*'] }] }, undefined],
    [
      { rules: [{ ...rule, resources: ['pods/*', 'pods/log'] }] },
      'webhooks[0].rules[0].resources[1]: Invalid value: "pods/log": if \'pods/*\' is present, must not specify pods/log',
    ],
    [
      { rules: [{ ...rule, operations: ['*', 'CREATE'] }] },
      'webhooks[0].rules[0].operations: Invalid value: ["*","CREATE"]: if \'*\' is present, must not specify other operations',
    ],
    [
      { rules: [{ ...rule, operations: ['WATCH'] }] },
      'webhooks[0].rules[0].operations[0]: Unsupported value: "WATCH": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
    ],
    [
      { failurePolicy: 'Perhaps' },
      'webhooks[0].failurePolicy: Unsupported value: "Perhaps": supported values: "Fail", "Ignore"',
    ],
    [
      { matchConditions: [{ name: 'a b', expression: ' ' }] },
      'webhooks[0].matchConditions[0].expression: Required value',
    ],
  ];
  for (const [change, expected] of cases) {
    const draft = { webhooks: [{ ...webhook, ...change }] };
    assert.equal(problemsOf(validatingWebhookConfigurations, draft)[0], expected);
  }
  assert.deepEqual(problemsOf(validatingWebhookConfigurations, { webhooks: [webhook, webhook] }), [
    'webhooks[1].name: Duplicate value: "check.example.com"',
  ]);
});

const matchConstraints = { resourceRules: [rule] };

test('a validating policy gets its defaults and is refused in Kubernetes’ words', () => {
  const spec = { matchConstraints, validations: [{ expression: 'true' }] };
  const policy: ValidatingAdmissionPolicy = defaulted(validatingAdmissionPolicies, { spec });
  assert.equal(policy.spec.failurePolicy, 'Fail');
  assert.deepEqual(policy.spec.matchConstraints, {
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    resourceRules: [{ ...rule, scope: '*' }],
  });
  assert.deepEqual(problemsOf(validatingAdmissionPolicies, { spec }), []);
  const lines = { ...spec, validations: [{ expression: 'true &&\ntrue' }] };
  assert.deepEqual(problemsOf(validatingAdmissionPolicies, { spec: lines }), []);
  const cases: readonly (readonly [object, string])[] = [
    [{ matchConstraints: undefined }, 'spec.matchConstraints: Required value'],
    [
      { validations: [] },
      'spec.validations: Required value: validations or auditAnnotations must contain at least one item',
    ],
    [
      { validations: [{ expression: '' }] },
      'spec.validations[0].expression: Required value: expression is not specified',
    ],
    [
      { validations: [{ expression: 'true', reason: 'NotFound' }] },
      'spec.validations[0].reason: Unsupported value: "NotFound": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
    ],
    [
      { paramKind: { apiVersion: 'example.com/', kind: 'X' } },
      'spec.paramKind.apiVersion: Invalid value: "example.com/": version must be specified',
    ],
    [
      { auditAnnotations: [{ key: 'a/b', valueExpression: "'x'" }] },
      "spec.auditAnnotations[0].key: Invalid value: \"x/a/b\": a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
    ],
    [{ paramKind: { apiVersion: 'v1' } }, 'spec.paramKind.kind: Required value'],
    [
      { variables: [{ name: '1x', expression: 'true' }] },
      'spec.variables[0].name: Invalid value: "1x": name is not a valid CEL identifier',
    ],
  ];
  for (const [change, expected] of cases) {
    const draft = { spec: { ...spec, ...change } };
    assert.equal(problemsOf(validatingAdmissionPolicies, draft)[0], expected);
  }
});

test('a binding names a policy, its parameters and what a violation leads to', () => {
  const spec = { policyName: 'p', validationActions: ['Deny'] };
  assert.deepEqual(problemsOf(validatingAdmissionPolicyBindings, { spec }), []);
  const cases: readonly (readonly [object, string])[] = [
    [{ policyName: '' }, 'spec.policyName: Required value'],
    [
      { validationActions: [] },
      'spec.validationActions: Required value: at least one validation action is required',
    ],
    [{ validationActions: ['Deny', 'Deny'] }, 'spec.validationActions[1]: Duplicate value: "Deny"'],
    [
      { paramRef: { name: 'a', selector: {}, parameterNotFoundAction: 'Deny' } },
      'spec.paramRef.name: Forbidden: `name` and `selector` are mutually exclusive',
    ],
    [{ paramRef: { name: 'a' } }, 'spec.paramRef.parameterNotFoundAction: Required value'],
  ];
  for (const [change, expected] of cases) {
    const draft = { spec: { ...spec, ...change } };
    assert.equal(problemsOf(validatingAdmissionPolicyBindings, draft)[0], expected);
  }
  assert.deepEqual(problemsOf(mutatingAdmissionPolicyBindings, { spec: { policyName: 'p' } }), []);
});

test('a mutating policy says how it changes what', () => {
  const mutation = { patchType: 'JSONPatch', jsonPatch: { expression: '[]' } };
  const spec = { matchConstraints, mutations: [mutation], reinvocationPolicy: 'Never' };
  const policy: MutatingAdmissionPolicy = defaulted(mutatingAdmissionPolicies, { spec });
  assert.equal(policy.spec.failurePolicy, 'Fail');
  assert.deepEqual(problemsOf(mutatingAdmissionPolicies, { spec }), []);
  const cases: readonly (readonly [object, string])[] = [
    [{ mutations: [] }, 'spec.mutations: Required value: mutations must contain at least one item'],
    [{ mutations: [{ jsonPatch: {} }] }, 'spec.mutations[0].patchType: Required value'],
    [{ reinvocationPolicy: undefined }, 'spec.reinvocationPolicy: Required value'],
    [
      { matchConstraints: { resourceRules: [{ ...rule, operations: ['DELETE'] }] } },
      'spec.matchConstraints.resourceRules[0].operations[0]: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
    ],
  ];
  for (const [change, expected] of cases) {
    const draft = { spec: { ...spec, ...change } };
    assert.equal(problemsOf(mutatingAdmissionPolicies, draft)[0], expected);
  }
});

test('tables show what policies and bindings hold', () => {
  const cellsOf = <T extends KubeObject>(resource: ResourceDefinition<T>, draft: Draft) =>
    (resource.columns ?? [])
      .slice(0, -1)
      .map(({ name, cell }) => [
        name,
        cell({ metadata: { name: 'x' }, ...draft } as unknown as T, 0),
      ]);
  assert.deepEqual(
    cellsOf(validatingAdmissionPolicies, {
      spec: { validations: [{}], paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } },
    }),
    [
      ['Name', 'x'],
      ['Validations', 1],
      ['ParamKind', 'v1/ConfigMap'],
    ],
  );
  assert.deepEqual(
    cellsOf(validatingAdmissionPolicyBindings, {
      spec: { policyName: 'p', paramRef: { name: 'a', namespace: 'n' } },
    }),
    [
      ['Name', 'x'],
      ['PolicyName', 'p'],
      ['ParamRef', 'n/a'],
    ],
  );
  assert.deepEqual(cellsOf(mutatingWebhookConfigurations, { webhooks: [{}, {}] }), [
    ['Name', 'x'],
    ['Webhooks', 2],
  ]);
});
