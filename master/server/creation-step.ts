/**
 * Puts the right to create before what a PUT or an apply makes of an object that is not there: whoever may only change
 * objects makes none.
 */
import { withAnswers } from '../../machinery/with-answers.js';
import type { Authorization } from '../authz/authorizer.js';
import type { AdmissionStep } from '../registry/hooks.js';
import type { ApiRequest } from './api-request.js';
import { requireAllowed } from './request-gate.js';
import type { AdmissionFor } from './resource-handler.js';

/** Asked where Kubernetes asks: after the object was found valid, before the last word of admission. */
export const checkedForCreation =
  (authorization: Authorization, admission: AdmissionFor): AdmissionFor =>
  (request, resource): AdmissionStep => {
    const step = admission(request, resource);
    const { verb, subresource } = request.target;
    if ((verb !== 'update' && verb !== 'patch') || subresource !== '') return step;
    return {
      ...step,
      validate: (attributes) => {
        if (attributes.operation !== 'CREATE') return step.validate(attributes);
        const checked = requireCreation(authorization, request);
        return checked === undefined
          ? step.validate(attributes)
          : checked.then(() => step.validate(attributes));
      },
    };
  };

function requireCreation(
  authorization: Authorization,
  { user, target }: ApiRequest,
): undefined | Promise<undefined> {
  const { group, version, plural, subresource, namespace, name } = target;
  const resource = { group, version, plural, subresource, namespace, name };
  return withAnswers(authorization, (authorizer) => {
    requireAllowed(authorizer, { user, verb: 'create', resource });
    return undefined;
  });
}
