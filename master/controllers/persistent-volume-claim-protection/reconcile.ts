/** Decides whether a PersistentVolumeClaim that is deleted may go. Pure. */
import { persistentVolumeClaims } from '../../../api/core/v1/persistent-volume-claim.js';
import type { PersistentVolumeClaim } from '../../../api/core/v1/types.js';
import type { ReconcileResult } from '../../../machinery/controller/controller.js';
import { guarding, isHeld, type Guard } from '../../../machinery/controller/finalizer.js';

/** The guard of claims. */
export const claimGuard: Guard = {
  resource: persistentVolumeClaims,
  finalizer: 'kubernetes.io/pvc-protection',
};

/** Asks the server whether really no pod uses the claim, and lets it go then. */
export const releaseEffect = 'release';

export interface ClaimProtectionSnapshot {
  readonly claim: PersistentVolumeClaim;
  /** The name of a pod that uses the claim, as far as the caches know. */
  readonly user: string | undefined;
}

/** Guards a claim that lives, and lets one go that nobody uses. */
export function reconcile({ claim, user }: ClaimProtectionSnapshot): ReconcileResult {
  if (!isHeld(claimGuard, claim)) return { actions: guarding(claimGuard, claim) };
  if (user !== undefined) return { actions: [] };
  const reason = 'no pod is known to use the deleted claim';
  return { actions: [{ type: 'effect', effect: releaseEffect, object: claim, reason }] };
}
