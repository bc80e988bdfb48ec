/** Type-checks a policy once for each of its generations. Pure. */
import { validatingAdmissionPolicies } from '../../../api/admissionregistration/v1/validating-admission-policy.js';
import { typeWarnings } from '../../../api/admissionregistration/v1/type-check.js';
import type { ValidatingAdmissionPolicy } from '../../../api/admissionregistration/v1/types.js';
import type { ResourceDefinition } from '../../../api/schema/resource.js';
import type { ReconcileResult } from '../../../machinery/controller/controller.js';

export function reconcile(
  policy: ValidatingAdmissionPolicy,
  resources: readonly ResourceDefinition[],
): ReconcileResult {
  const { generation } = policy.metadata;
  const { status } = policy as Partial<ValidatingAdmissionPolicy>;
  if (generation === undefined || status?.observedGeneration === generation) return { actions: [] };
  const warnings = typeWarnings(policy, resources);
  const typeChecking = warnings.length === 0 ? {} : { expressionWarnings: [...warnings] };
  return {
    actions: [
      {
        type: 'updateStatus',
        resource: validatingAdmissionPolicies,
        object: {
          ...policy,
          status: { ...status, observedGeneration: generation, typeChecking },
        } as ValidatingAdmissionPolicy,
        reason: 'the policy is new or has changed since its expressions were checked',
      },
    ],
  };
}
