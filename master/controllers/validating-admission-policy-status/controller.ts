/**
 * Validating-admission-policy status: says in a policy's status what its expressions get wrong about the kinds it is made for.
 * The kinds are the built-in ones; what a policy says about others is seen when it is evaluated.
 *
 * Started by `master/controllers.ts`.
 */
import { validatingAdmissionPolicies } from '../../../api/admissionregistration/v1/validating-admission-policy.js';
import type { ValidatingAdmissionPolicy } from '../../../api/admissionregistration/v1/types.js';
import type { ResourceDefinition } from '../../../api/schema/resource.js';
import {
  defineController,
  type ControllerDefinition,
} from '../../../machinery/controller/controller.js';
import { reconcile } from './reconcile.js';

/** The definition of the controller that knows the kinds of these resources. */
export const validatingAdmissionPolicyStatus = (
  resources: readonly ResourceDefinition[],
): ControllerDefinition<ValidatingAdmissionPolicy, ValidatingAdmissionPolicy> =>
  defineController<ValidatingAdmissionPolicy, ValidatingAdmissionPolicy>({
    name: 'validating_admission_policy_status',
    primary: validatingAdmissionPolicies,
    watches: [],
    snapshot: (key, listers) => listers.of(validatingAdmissionPolicies).get({ name: key }),
    reconcile: (policy) => reconcile(policy, resources),
  });
