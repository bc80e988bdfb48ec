/** Decides when the Secret of a bootstrap token is deleted: once the token has expired. Pure. */
import { secrets } from '../../../api/core/v1/secret.js';
import type { Secret } from '../../../api/core/v1/types.js';
import type { ReconcileResult } from '../../../machinery/controller/controller.js';
import { tokenEndMs } from '../../../api/core/v1/bootstrap-token.js';

export interface TokenCleanerSnapshot {
  readonly secret: Secret;
  readonly nowMs: number;
}

export function reconcile({ secret, nowMs }: TokenCleanerSnapshot): ReconcileResult {
  const leftMs = tokenEndMs(secret) - nowMs;
  if (leftMs === Infinity || secret.metadata.deletionTimestamp !== undefined) {
    return { actions: [] };
  }
  if (leftMs > 0) return { actions: [], requeueAfterMs: leftMs };
  // A time that cannot be read lets nobody in, so the Secret is of no use either.
  const { namespace, name, uid, resourceVersion } = secret.metadata;
  const target = { resource: secrets, namespace, name, uid, resourceVersion } as const;
  return { actions: [{ type: 'delete', ...target, reason: 'the bootstrap token has expired' }] };
}
