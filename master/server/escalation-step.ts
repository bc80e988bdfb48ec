/** Puts the check for escalation before the admission of roles and bindings. */
import { rbacGroup } from '../../api/rbac/v1/validation.js';
import type { EscalationCheck } from '../authz/escalation.js';
import type { AdmissionFor } from './resource-handler.js';

/** Who would grant more than they have is refused before anything else is asked. */
export const checkedForEscalation =
  (check: EscalationCheck, admission: AdmissionFor): AdmissionFor =>
  (request, resource) => {
    const step = admission(request, resource);
    if (resource.group !== rbacGroup) return step;
    const { group, version, plural } = resource;
    return {
      ...step,
      mutate: (attributes) => {
        const { object, stored, namespace } = attributes;
        const { user, target } = request;
        if (object === undefined) return step.mutate(attributes);
        const { name } = target;
        const checked = check({ user, group, version, plural, namespace, name, object, stored });
        return checked === undefined
          ? step.mutate(attributes)
          : checked.then(() => step.mutate(attributes));
      },
    };
  };
