import {
  boolean,
  definition,
  inline,
  list,
  listOf,
  map,
  ref,
  string,
} from '../../schema/schema.js';
import { objectMeta } from '../../meta/v1/object-meta.js';
import { defineResource } from '../../schema/resource.js';
import { required } from '../../validation/field-error.js';
import type { TokenReview } from './types.js';

export const tokenReviewSpec = definition('io.k8s.api.authentication.v1.TokenReviewSpec', '', {
  audiences: list(2, 'string', '', { listType: 'atomic' }),
  token: string(1, '', { required: true }),
});

export const userInfo = definition('io.k8s.api.authentication.v1.UserInfo', '', {
  extra: map(4, listOf('string'), ''),
  groups: list(3, 'string', '', { listType: 'atomic' }),
  uid: string(2, ''),
  username: string(1, ''),
});

export const tokenReviewStatus = definition('io.k8s.api.authentication.v1.TokenReviewStatus', '', {
  audiences: list(4, 'string', '', { listType: 'atomic' }),
  authenticated: boolean(1, ''),
  error: string(3, ''),
  user: ref(2, userInfo, ''),
});

export const tokenReview = definition('io.k8s.api.authentication.v1.TokenReview', '', {
  apiVersion: string(inline, ''),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
  spec: ref(2, tokenReviewSpec, '', { required: true }),
  status: ref(3, tokenReviewStatus, ''),
});

/** TokenReviews: ask whom a token belongs to. Answered, never stored. */
export const tokenReviews = defineResource<TokenReview>({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenReview',
  plural: 'tokenreviews',
  scope: 'Cluster',
  schema: tokenReview,
  verbs: ['create'],
  validate: (object) => {
    const { token } = (object.spec as TokenReview['spec'] | undefined) ?? {};
    return (token ?? '') === '' ? [required('spec.token')] : [];
  },
});
