import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import { ConversionProblem, acceptedObject, convertedObjects } from './conversion-answer.js';

const original = {
  apiVersion: 'e.com/v1',
  kind: 'W',
  metadata: { name: 'a', namespace: 'n', uid: 'u', labels: { l: '1' } },
} as unknown as KubeObject;
const wanted = 'e.com/v2';
const asked = { uid: 'r', reviewVersion: 'v1', objects: [original], wanted };
const review = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview' };
const success = { uid: 'r', result: { status: 'Success' }, convertedObjects: [{}] };

test('answers that answer something else are refused', () => {
  for (const [answer, why] of [
    [
      { response: success },
      'failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got /, Kind=',
    ],
    [review, 'failed: no response provided'],
    [{ ...review, response: { uid: 'x' } }, 'failed: expected response.uid="r", got "x"'],
    [{ ...review, response: { uid: 'r' } }, "failed: response.result.status was '', not 'Success'"],
    [
      { ...review, response: { uid: 'r', result: { status: 'Failed', message: 'no' } } },
      'failed: no',
    ],
    [
      { ...review, response: { ...success, convertedObjects: undefined } },
      'returned 0 objects, expected 1',
    ],
  ] as const) {
    assert.throws(() => convertedObjects(answer, asked), new ConversionProblem(why));
  }
  assert.deepEqual(convertedObjects({ ...review, response: success }, asked), [{}]);
});

test('reviews of the older version need not say what they answer', () => {
  const response = { ...success, uid: 'other' };
  assert.deepEqual(convertedObjects({ response }, { ...asked, reviewVersion: 'v1beta1' }), [{}]);
});

const converted = (change: object, metadata: unknown = original.metadata): unknown => ({
  ...original,
  apiVersion: wanted,
  metadata,
  ...change,
});

test('a webhook may change labels and annotations of the metadata, and nothing else', () => {
  const { metadata } = original;
  const made = converted(
    {},
    { ...metadata, labels: undefined, annotations: { b: '2' }, ownerReferences: [] },
  );
  assert.deepEqual(acceptedObject(made, original, wanted), {
    apiVersion: wanted,
    kind: 'W',
    metadata: { name: 'a', namespace: 'n', uid: 'u', annotations: { b: '2' } },
  });
  for (const [wrong, why] of [
    [
      null,
      'returned invalid object at index 0: invalid groupVersion (expected e.com/v2, received )',
    ],
    [
      converted({ kind: 'X' }),
      'returned invalid object at index 0: invalid kind (expected W, received X)',
    ],
    [
      converted({}, { ...metadata, name: 'b' }),
      'returned invalid object: must have the same name: a != b',
    ],
    [
      converted({}, { ...metadata, uid: '' }),
      'returned invalid object: must have the same UID: u != ',
    ],
    [
      converted({}, { ...metadata, labels: 'x' }),
      'returned invalid metadata: invalid metadata.labels of type string in converted object',
    ],
    [
      converted({}, { ...metadata, labels: { a: 1 } }),
      'returned invalid metadata: metadata.labels[a] must be a string, but is int64 in converted object',
    ],
  ] as const) {
    assert.throws(() => acceptedObject(wrong, original, wanted), new ConversionProblem(why));
  }
  assert.throws(
    () => acceptedObject(converted({}, { ...metadata, labels: { a: 'b c' } }), original, wanted),
    /^ConversionProblem: returned invalid metadata: metadata\.labels: Invalid value: "b c"/,
  );
});
