/**
 * What every authoriser answers to: whether a user may do what a request asks. The steps stand in a row; each may allow, and
 * what nobody allows is refused.
 *
 * Called by the server after authentication, and by access reviews. An authoriser decides at once, from memory: it stands
 * before every request.
 */
import type { AuthorizedUser } from './user.js';

/** A request for a resource, in the words of RBAC. */
export interface ResourceAttributes {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly subresource: string;
  /** Empty for cluster-scoped resources and for all namespaces. */
  readonly namespace: string;
  /** Empty where no single object is meant. */
  readonly name: string;
  /** The field selector of a list or watch; undefined where there is none. */
  readonly fieldSelector?: string | undefined;
}

export interface AuthorizationRequest {
  readonly user: AuthorizedUser;
  readonly verb: string;
  /** Set for requests that concern a resource. */
  readonly resource?: ResourceAttributes | undefined;
  /** Set for requests that do not. */
  readonly path?: string | undefined;
}

export interface Decision {
  readonly allowed: boolean;
  /** Why, where there is something to say: for answers to access reviews, and appended to refusals. */
  readonly reason: string;
}

export type Authorizer = (request: AuthorizationRequest) => Decision;

/** Whose members may do everything, whatever the stored roles say. */
export const privilegedGroup = 'system:masters';

const allowedAll: Decision = { allowed: true, reason: '' };

/** Lets the privileged group pass and asks the others in turn; refusals carry what each had to say. */
export function authorizersInTurn(authorizers: readonly Authorizer[]): Authorizer {
  return (request) => {
    if (request.user.groups.includes(privilegedGroup)) return allowedAll;
    let reason = '';
    for (const authorizer of authorizers) {
      const decision = authorizer(request);
      if (decision.allowed) return decision;
      if (decision.reason !== '') {
        reason = reason === '' ? decision.reason : `${reason}\n${decision.reason}`;
      }
    }
    return { allowed: false, reason };
  };
}
