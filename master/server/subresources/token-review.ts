/** `TokenReviews`: whose token it is, for those who check tokens for others. Answered on the spot, never stored. */
import { tokenReviews } from '../../../api/authentication/v1/token-review.js';
import type { TokenReview } from '../../../api/authentication/v1/types.js';
import { badRequest } from '../../../api/meta/status-error.js';
import { erased } from '../../../api/resources.js';
import type { Clock } from '../../../machinery/clock/clock.js';
import { TokenRefusedError } from '../../authn/authenticator.js';
import type { NoteFact, TokenReviewer } from '../../authn/authenticator.js';
import { FieldOwnership } from '../../registry/field-ownership.js';
import { decodeAs, transientAnswer } from '../request-body.js';
import { expectedKindOf } from '../resource-key.js';
import { admitReview } from './admit.js';
import type { SubresourceHandler } from './subresource.js';

export interface TokenReviewOptions {
  readonly reviewToken: TokenReviewer;
  /** The audience of tokens whose review names none. */
  readonly apiAudience: string;
  readonly clock: Clock;
}

type ReviewStatus = TokenReview['status'];

const unknown: ReviewStatus = { user: {}, error: 'invalid bearer token' };

async function statusOf(
  { reviewToken, apiAudience }: TokenReviewOptions,
  { token, audiences = [] }: TokenReview['spec'],
  note: NoteFact,
): Promise<ReviewStatus> {
  try {
    const asked = audiences.length === 0 ? [apiAudience] : audiences;
    const identity = await reviewToken(token, asked, note);
    if (identity === undefined) return unknown;
    const { username, uid, groups, extra = {} } = identity.user;
    const copied = Object.entries(extra).map(([key, values]): [string, string[]] => [
      key,
      [...values],
    ]);
    return {
      authenticated: true,
      user: {
        username,
        ...(uid === undefined ? {} : { uid }),
        groups: [...groups],
        ...(copied.length === 0 ? {} : { extra: Object.fromEntries(copied) }),
      },
      audiences: [...identity.audiences],
    };
  } catch (error) {
    if (!(error instanceof TokenRefusedError)) throw error;
    return { user: {}, error: `[invalid bearer token, ${error.message}]` };
  }
}

const tokenOf = (review: object): string => {
  const { spec } = review as { readonly spec?: { readonly token?: string } };
  return spec?.token ?? '';
};

export function tokenReviewHandler(options: TokenReviewOptions): SubresourceHandler {
  const owners = new FieldOwnership({ resource: erased(tokenReviews), clock: options.clock });
  return async (request, context) => {
    const review = await decodeAs(request, expectedKindOf(tokenReviews), 'Warn');
    owners.ofNew(review, context);
    await admitReview(context, review, () => {
      if (tokenOf(review) !== '') return;
      throw badRequest('token is required for TokenReview in authentication');
    });
    const { spec } = review as TokenReview;
    const note: NoteFact = (key, value) => void request.auditAnnotations?.set(key, value);
    return transientAnswer(201, { ...review, status: await statusOf(options, spec, note) });
  };
}
