/** `certificatesigningrequests/NAME/approval`: whether a certificate may be issued. Nothing but the conditions changes here. */
import { stampConditions } from '../../../api/certificates/v1/certificate-signing-request-strategy.js';
import { validateRequestApproval } from '../../../api/certificates/v1/certificate-signing-request-validation.js';
import type { CertificateSigningRequest } from '../../../api/certificates/v1/types.js';
import { methodNotAllowed } from '../../../api/meta/status-error.js';
import type { Clock } from '../../../machinery/clock/clock.js';
import type { ResourceRegistry } from '../../registry/resource-registry.js';
import { wantedBy } from '../request-body.js';
import { expectedKindOf, keyOf } from '../resource-key.js';
import type { SubresourceHandler } from './subresource.js';

/** The stored request with the conditions that are wanted; throws what is wrong with them. */
function decided(
  registry: ResourceRegistry,
  wanted: CertificateSigningRequest,
  stored: CertificateSigningRequest,
  nowMs: number,
): CertificateSigningRequest {
  const { conditions } = (wanted.status as CertificateSigningRequest['status'] | undefined) ?? {};
  const { conditions: _conditions, ...status } = structuredClone(stored.status);
  const draft: CertificateSigningRequest = {
    ...wanted,
    spec: structuredClone(stored.spec),
    status: { ...status, ...(conditions === undefined ? {} : { conditions }) },
  };
  stampConditions(draft, stored, nowMs);
  const errors = validateRequestApproval(draft, stored);
  if (errors.length > 0) throw registry.invalid(stored.metadata.name, errors);
  return draft;
}

export function approvalHandler(registry: ResourceRegistry, clock: Clock): SubresourceHandler {
  const { resource } = registry;
  return async (request, context) => {
    const key = keyOf(request);
    const { verb } = request.target;
    if (verb === 'get') {
      const { object, bytes } = await registry.get(key);
      return { type: 'object', status: 200, object, bytes, resource };
    }
    if (verb !== 'update' && verb !== 'patch') throw methodNotAllowed();
    const part = { type: 'other', subresource: 'approval' } as const;
    const wish = await wantedBy(
      request,
      expectedKindOf(resource),
      context,
      (stored, config, options) => registry.ownership.applied(stored, config, part, options),
    );
    const { object, bytes } = await registry.update(
      key,
      (stored) => {
        if (stored === undefined) throw registry.notFound(key.name);
        const wanted = wish.from(stored) as CertificateSigningRequest;
        return decided(registry, wanted, stored as CertificateSigningRequest, clock.now());
      },
      part,
      wish.context,
    );
    return { type: 'object', status: 200, object, bytes, resource };
  };
}
