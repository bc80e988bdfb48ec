import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  validateLocalSubjectAccessReview,
  validateSelfSubjectAccessReview,
  validateSubjectAccessReview,
} from './access-review-validation.js';
import type {
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SubjectAccessReview,
} from './types.js';

const at = 'spec.resourceAttributes';
const cases: readonly (readonly [string, object, readonly string[]])[] = [
  ['nothing', { labelSelector: {} }, [`${at}.labelSelector.requirements`]],
  [
    'a text beside requirements',
    { fieldSelector: { rawSelector: 'a=b', requirements: [{ key: 'a', operator: 'Exists' }] } },
    [`${at}.fieldSelector.rawSelector`],
  ],
  [
    'In without values, for no field',
    { fieldSelector: { requirements: [{ key: '', operator: 'In' }] } },
    [`${at}.fieldSelector.requirements[0].key`, `${at}.fieldSelector.requirements[0].values`],
  ],
  [
    'Exists with values',
    { labelSelector: { requirements: [{ key: 'a', operator: 'Exists', values: ['b'] }] } },
    [`${at}.labelSelector.requirements[0].values`],
  ],
  [
    'labels that are none',
    { labelSelector: { requirements: [{ key: 'a b', operator: 'In', values: ['ok', 'n o'] }] } },
    [`${at}.labelSelector.requirements[0].key`, `${at}.labelSelector.requirements[0].values[1]`],
  ],
  [
    'operators of another version',
    { labelSelector: { requirements: [{ key: 'a', operator: 'Near', values: ['b'] }] } },
    [],
  ],
];

for (const [what, resourceAttributes, fields] of cases) {
  test(`access review with a selector of ${what} is checked`, () => {
    const review = { spec: { resourceAttributes } } as unknown as SelfSubjectAccessReview;
    assert.deepEqual(
      validateSelfSubjectAccessReview(review).map(({ field }) => field),
      fields,
    );
  });
}

test('access reviews have nothing in their metadata', () => {
  const spec = { user: 'u', resourceAttributes: { namespace: 'n' } };
  const all = (metadata: object): string[] => {
    const review = { metadata, spec } as unknown;
    return [
      ...validateSelfSubjectAccessReview(review as SelfSubjectAccessReview),
      ...validateSubjectAccessReview(review as SubjectAccessReview),
      ...validateLocalSubjectAccessReview(review as LocalSubjectAccessReview),
    ].map(({ field, message }) => `${field}: ${message}`);
  };
  const [empty, local] = ['must be empty', 'must be empty except for namespace'];
  const refusal = 'metadata: Invalid value: ';
  assert.deepEqual(all({ namespace: 'n', managedFields: [{}], labels: {} }), [
    `${refusal}{"namespace":"n","managedFields":[{}],"labels":{}}: ${empty}`,
    `${refusal}{"namespace":"n","managedFields":[{}],"labels":{}}: ${empty}`,
  ]);
  assert.deepEqual(all({ namespace: 'n', name: 'a' }), [
    `${refusal}{"namespace":"n","name":"a"}: ${empty}`,
    `${refusal}{"namespace":"n","name":"a"}: ${empty}`,
    `${refusal}{"namespace":"n","name":"a"}: ${local}`,
  ]);
});

test('an access review tells of the user before the selectors', () => {
  const review = { spec: { resourceAttributes: { fieldSelector: {} } } };
  const texts = validateSubjectAccessReview(review as unknown as SubjectAccessReview).map(
    ({ field, message }) => `${field}: ${message}`,
  );
  assert.deepEqual(texts, [
    'spec.user: Invalid value: "": at least one of user or group must be specified',
    'spec.resourceAttributes.fieldSelector.requirements: Required value: when spec.resourceAttributes.fieldSelector is specified, requirements or rawSelector is required',
  ]);
});
