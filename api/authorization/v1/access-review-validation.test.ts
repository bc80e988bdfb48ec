import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateSelfSubjectAccessReview } from './access-review-validation.js';
import type { SelfSubjectAccessReview } from './types.js';

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
