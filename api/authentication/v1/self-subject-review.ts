import { definition, ref } from '../../schema/schema.js';
import { userInfo } from './token-review.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { defineResource } from '../../schema/resource.js';
import type { SelfSubjectReview } from './types.js';

export const selfSubjectReviewStatus = definition(
  'io.k8s.api.authentication.v1.SelfSubjectReviewStatus',
  'Who the asker is.',
  {
    userInfo: ref(1, userInfo, 'The user the request was made as.'),
  },
);

export const selfSubjectReview = definition(
  'io.k8s.api.authentication.v1.SelfSubjectReview',
  'Asks the server whom it takes the asker for.',
  {
    ...objectFields,
    status: ref(2, selfSubjectReviewStatus, 'What is; written by the system.'),
  },
);

/** SelfSubjectReviews: ask who the server takes the asker for. Answered, never stored. */
export const selfSubjectReviews = defineResource<SelfSubjectReview>({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectReview',
  plural: 'selfsubjectreviews',
  scope: 'Cluster',
  schema: selfSubjectReview,
  verbs: ['create'],
  validate: () => [],
});
