/** Authorisation as the rest of the server uses it: one value with everything that is known of who may do what. */
import type { Requester } from '../../api/schema/resource.js';
import type { Authorization } from './authorizer.js';
import type { EscalationCheck } from './escalation.js';
import type { UserRules } from './rbac-authorizer.js';

export interface Access {
  /** Decides one request; takes its time only where a service elsewhere is asked. */
  readonly authorizer: Authorization;
  /** Every rule a user has in a namespace, as far as it can be listed. */
  readonly rulesFor: (
    user: Requester,
    namespace: string,
  ) => UserRules & { readonly incomplete: boolean };
  /** Refuses writes of roles and bindings by those who do not hold what they would grant. */
  readonly checkEscalation: EscalationCheck;
}
