import { definition, inline, ref, string } from '../../schema/schema.js';
import { userInfo } from './token-review.js';
import { objectMeta } from '../../meta/v1/object-meta.js';
import { defineResource } from '../../schema/resource.js';
import type { SelfSubjectReview } from './types.js';

export const selfSubjectReviewStatus = definition(
  'io.k8s.api.authentication.v1.SelfSubjectReviewStatus',
  '',
  {
    userInfo: ref(1, userInfo, ''),
  },
);

export const selfSubjectReview = definition('io.k8s.api.authentication.v1.SelfSubjectReview', '', {
  apiVersion: string(inline, ''),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
  status: ref(2, selfSubjectReviewStatus, ''),
});

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
