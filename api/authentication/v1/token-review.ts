import { boolean, definition, list, listOf, map, ref, string } from '../../schema/schema.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { defineResource } from '../../schema/resource.js';
import { required } from '../../validation/field-error.js';
import type { TokenReview } from './types.js';

export const tokenReviewSpec = definition(
  'io.k8s.api.authentication.v1.TokenReviewSpec',
  'The token in question.',
  {
    audiences: list(
      2,
      'string',
      "The audiences of which the token must name one; the API server's own if absent.",
      { listType: 'atomic' },
    ),
    token: string(1, 'The token.', { required: true }),
  },
);

export const userInfo = definition(
  'io.k8s.api.authentication.v1.UserInfo',
  'Who a request is made by.',
  {
    extra: map(4, listOf('string'), 'More about the user, as the authenticator gives it.'),
    groups: list(3, 'string', 'The groups of the user.', { listType: 'atomic' }),
    uid: string(2, 'An id that stays when a name is used again.'),
    username: string(1, 'The name of the user.'),
  },
);

export const tokenReviewStatus = definition(
  'io.k8s.api.authentication.v1.TokenReviewStatus',
  'Whom the token belongs to.',
  {
    audiences: list(4, 'string', 'Those of the asked audiences that the token names.', {
      listType: 'atomic',
    }),
    authenticated: boolean(1, 'Whether the token is good.'),
    error: string(3, 'Why the token could not be checked.'),
    user: ref(2, userInfo, 'The user the token belongs to.'),
  },
);

export const tokenReview = definition(
  'io.k8s.api.authentication.v1.TokenReview',
  'Asks whom a token belongs to.',
  {
    ...objectFields,
    spec: ref(2, tokenReviewSpec, 'What is wanted.', { required: true }),
    status: ref(3, tokenReviewStatus, 'What is; written by the system.'),
  },
);

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
