import assert from 'node:assert/strict';
import { test } from 'node:test';
import { subjectAccessReviews } from '../../../api/authorization/v1/access-review.js';
import { Api } from '../api-fixture.test.js';

test('an access review says who asked, as if it were stored', async () => {
  const api = await new Api().start();
  const resourceAttributes = {
    verb: 'list',
    resource: 'pods',
    fieldSelector: { requirements: [{ key: 'spec.nodeName', operator: 'In', values: ['n'] }] },
  };
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user: 'jane', resourceAttributes },
  };
  const review = await api.post(subjectAccessReviews, body, { userAgent: 'asker/1' });
  assert.deepEqual((review as { status?: unknown }).status, { allowed: false });
  const [entry] = review.metadata.managedFields ?? [];
  assert.deepEqual([entry?.manager, entry?.operation], ['asker', 'Update']);
  assert.deepEqual(entry?.fieldsV1, {
    'f:spec': {
      'f:resourceAttributes': {
        '.': {},
        'f:fieldSelector': { '.': {}, 'f:requirements': {} },
        'f:resource': {},
        'f:verb': {},
      },
      'f:user': {},
    },
  });
});
