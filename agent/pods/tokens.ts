/** Tokens of service accounts for pods, through the TokenRequest API. */
import { serviceAccounts } from '../../api/core/v1/service-account.js';
import type { TokenRequest } from '../../api/authentication/v1/types.js';
import type { Pod, ServiceAccountTokenProjection } from '../../api/core/v1/types.js';
import type { Client } from '../../machinery/client/client.js';
import { invariant } from '../../machinery/invariant.js';

const defaultSeconds = 3600;

/** A token bound to the pod: it ends with it. */
export async function requestToken(
  client: Client,
  pod: Pod,
  projection: ServiceAccountTokenProjection,
): Promise<{ readonly token: string; readonly expiresAtMs: number }> {
  const { name, namespace, uid } = pod.metadata;
  const { audience, expirationSeconds = defaultSeconds } = projection;
  const answer = await client.createSubresource<TokenRequest>(
    serviceAccounts,
    { namespace, name: pod.spec.serviceAccountName ?? 'default', subresource: 'token' },
    {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {},
      spec: {
        ...(audience === undefined || audience === '' ? {} : { audiences: [audience] }),
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    },
  );
  const { token, expirationTimestamp } = answer.status;
  invariant(token, 'a token request is answered with a token');
  return { token, expiresAtMs: Date.parse(expirationTimestamp ?? '') };
}
