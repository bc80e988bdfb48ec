import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../meta/v1/types.js';
import type { FieldError } from '../../validation/field-error.js';
import { objectErrors, statusErrors } from './custom-resource.js';
import { finalizerWarnings } from './finalizer-warnings.js';
import type { JsonSchema } from './json-schema.js';

const texts = (errors: readonly FieldError[]): readonly string[] =>
  errors.map(({ field, message }) => `${field}: ${message}`);

const object = (content: object): KubeObject =>
  ({ apiVersion: 'e.com/v1', kind: 'W', metadata: { name: 'w' }, ...content }) as KubeObject;

const notChecked =
  '<nil>: Invalid value: "null": some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

const ruled: JsonSchema = {
  type: 'object',
  'x-kubernetes-validations': [{ rule: '!has(self.status) || self.status.n < 5', message: 'few' }],
  properties: {
    spec: {
      type: 'object',
      properties: {
        size: { type: 'string', enum: ['a', 'b'] },
        list: {
          type: 'array',
          items: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self != 3' }] },
        },
        keyed: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k'],
          items: {
            type: 'object',
            properties: {
              k: { type: 'string' },
              n: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self != 3' }] },
            },
          },
        },
      },
    },
    status: { type: 'object', properties: { n: { type: 'integer' } } },
  },
};

test('rules wait until a value has its types and sizes', () => {
  const bad = object({ spec: { size: 'c', list: [3] } });
  assert.deepEqual(texts(objectErrors(bad, undefined, { schema: ruled }).errors), [
    'spec.size: Unsupported value: "c": supported values: "a", "b"',
    notChecked,
  ]);
});

test('a rule of the whole object fails at no field', () => {
  const bad = object({ status: { n: 7 } });
  assert.deepEqual(texts(objectErrors(bad, undefined, { schema: ruled }).errors), [
    '<nil>: Invalid value: "object": few',
  ]);
});

test('rules forgive what does not change, and of lists without keys all or none', () => {
  const stored = object({ spec: { list: [1, 3], keyed: [{ k: 'a', n: 3 }] } });
  const run = (spec: object) => {
    const { errors, warnings } = objectErrors(object({ spec }), stored, { schema: ruled });
    return [texts(errors), texts(warnings)];
  };
  const failed = 'Invalid value: "integer": failed rule: self != 3';
  assert.deepEqual(run({ list: [1, 3], keyed: [{ k: 'b' }, { k: 'a', n: 3 }] }), [
    [],
    [`spec.list[1]: ${failed}`, `spec.keyed[1].n: ${failed}`],
  ]);
  assert.deepEqual(run({ list: [2, 3], keyed: [{ k: 'b', n: 3 }] }), [
    [`spec.list[1]: ${failed}`, `spec.keyed[0].n: ${failed}`],
    [],
  ]);
});

test('a write of the status is checked for the status, and by the rules of all', () => {
  const stored = object({ spec: { size: 'c' }, status: { n: 1 } });
  const run = (status: unknown) =>
    texts(statusErrors(object({ spec: { size: 'c' }, status }), stored, { schema: ruled }).errors);
  assert.deepEqual(run({ n: 2 }), []);
  assert.deepEqual(run({ n: 6 }), ['<nil>: Invalid value: "object": few']);
  assert.deepEqual(run({ n: 'x' }), [
    'status.n: Invalid value: "string": status.n in body must be of type integer: "string"',
    notChecked,
  ]);
});

test('what the scale subresource reads must be numbers and a text', () => {
  const scale = {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  };
  const schema: JsonSchema = { type: 'object' };
  const run = (content: object) =>
    texts(objectErrors(object(content), undefined, { schema, scale }).errors);
  assert.deepEqual(run({ spec: { replicas: 3 } }), []);
  assert.deepEqual(run({ spec: { replicas: -1 } }), [
    '.spec.replicas: Invalid value: -1: should be a non-negative integer',
  ]);
  assert.deepEqual(run({ spec: { replicas: 2 ** 31 } }), [
    '.spec.replicas: Invalid value: 2147483648: should be less than or equal to 2147483647',
  ]);
  assert.deepEqual(run({ spec: { replicas: 'two' }, status: { selector: 1 } }), [
    '.spec.replicas: Invalid value: 0: .spec.replicas accessor error: two is of the type string, expected int64',
    '.status.selector: Invalid value: "": .status.selector accessor error: 1 is of the type int64, expected string',
  ]);
});

test('embedded resources are objects that could be stored', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      map: {
        type: 'object',
        additionalProperties: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          'x-kubernetes-preserve-unknown-fields': true,
        },
      },
    },
  };
  const run = (embedded: object) =>
    texts(objectErrors(object({ map: { a: embedded } }), undefined, { schema }).errors);
  assert.deepEqual(run({ apiVersion: 'v1', kind: 'Pod', metadata: { labels: { a: 'b' } } }), []);
  assert.deepEqual(run({}), ['map[a].apiVersion: Required value', 'map[a].kind: Required value']);
  assert.deepEqual(run({ apiVersion: 'a/b/c', kind: 'Pod', metadata: { name: 'a/b' } }), [
    'map[a].apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
    'map[a].metadata.name: Invalid value: "a/b": may not contain \'/\'',
  ]);
});

test('users are warned of finalizers that others may have thought of as well', () => {
  const withFinalizers = (...finalizers: string[]): KubeObject =>
    object({ metadata: { name: 'w', finalizers } });
  const stored = withFinalizers('old');
  const why = 'to avoid accidental conflicts with other finalizer writers';
  assert.deepEqual(finalizerWarnings(withFinalizers('old', 'e.com/x', 'orphan'), stored), []);
  assert.deepEqual(finalizerWarnings(withFinalizers('mine', 'e.com'), undefined), [
    `metadata.finalizers: "e.com": prefer a domain-qualified finalizer name including a path (/) ${why}`,
    `metadata.finalizers: "mine": prefer a domain-qualified finalizer name ${why}`,
  ]);
});
