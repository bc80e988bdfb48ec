/** Puts the check for escalation between the two halves of admission of roles and bindings. */
import { rbacGroup } from '../../api/rbac/v1/validation.js';
import type { EscalationCheck } from '../authz/escalation.js';
import type { Admitting, WriteAttributes } from '../registry/hooks.js';
import type { AdmissionFor } from './resource-handler.js';

/**
 * Whoever would grant more than they have is refused, and for what admission has made of their role: somebody who may have it
 * changed by a policy or webhook must not come by more that way.
 */
export const checkedForEscalation =
  (check: EscalationCheck, admission: AdmissionFor): AdmissionFor =>
  (request, resource) => {
    const step = admission(request, resource);
    if (resource.group !== rbacGroup) return step;
    const { group, version, plural } = resource;
    const checkWrite = ({ object, stored, namespace }: WriteAttributes): Admitting => {
      if (object === undefined) return undefined;
      const { user, target } = request;
      const { name } = target;
      return check({ user, group, version, plural, namespace, name, object, stored });
    };
    return {
      ...step,
      mutate: (attributes) => {
        const mutating = step.mutate(attributes);
        return mutating === undefined
          ? checkWrite(attributes)
          : mutating.then(() => checkWrite(attributes));
      },
    };
  };
