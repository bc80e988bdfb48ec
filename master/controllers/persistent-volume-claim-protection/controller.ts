/**
 * Protection of claims: a PersistentVolumeClaim that is deleted stays until no pod uses it any more. Caches may not have heard of
 * a pod yet, so the server is asked before a claim goes.
 *
 * Started by `master/controllers.ts`. Must never let a claim go that a pod on a node is made of.
 */
import { persistentVolumeClaims } from '../../../api/core/v1/persistent-volume-claim.js';
import { claimNamesOf, usesClaim } from '../../../api/core/v1/pod/claims.js';
import { pods } from '../../../api/core/v1/pod/pod.js';
import type { PersistentVolumeClaim, Pod } from '../../../api/core/v1/types.js';
import type { Client } from '../../../machinery/client/client.js';
import {
  defineController,
  watchOf,
  type ControllerDefinition,
} from '../../../machinery/controller/controller.js';
import { releasing } from '../../../machinery/controller/finalizer.js';
import { claimGuard, reconcile, releaseEffect, type ClaimProtectionSnapshot } from './reconcile.js';
import { keyParts } from '../../../machinery/informer/object-cache.js';

const byClaim = 'claim';

const claimKeysOf = (pod: Pod): readonly string[] =>
  claimNamesOf(pod).map((name) => `${pod.metadata.namespace ?? ''}/${name}`);

/** Whether the server has a pod that uses the claim. */
async function isUsed(client: Client, claim: PersistentVolumeClaim): Promise<boolean> {
  const { namespace = '' } = claim.metadata;
  const { items } = await client.list(pods, { namespace });
  return items.some((pod) => usesClaim(pod, claim));
}

export const claimProtection = (options: {
  readonly client: Client;
}): ControllerDefinition<PersistentVolumeClaim, ClaimProtectionSnapshot> =>
  defineController<PersistentVolumeClaim, ClaimProtectionSnapshot>({
    name: 'persistent_volume_claim_protection',
    primary: persistentVolumeClaims,
    watches: [
      watchOf<Pod>({
        resource: pods,
        enqueue: (pod, _listers, previous) => [
          ...claimKeysOf(pod),
          ...(previous === undefined ? [] : claimKeysOf(previous)),
        ],
        indexes: { [byClaim]: claimKeysOf },
      }),
    ],
    snapshot: (key, listers) => {
      const { namespace = '', name } = keyParts(key);
      const claim = listers.of(persistentVolumeClaims).get({ namespace, name });
      if (claim === undefined) return undefined;
      const users = listers.of(pods).byIndex(byClaim, key);
      return { claim, user: users.find((pod) => usesClaim(pod, claim))?.metadata.name };
    },
    reconcile,
    effects: {
      [releaseEffect]: async (object) =>
        (await isUsed(options.client, object as PersistentVolumeClaim))
          ? []
          : releasing(claimGuard, object),
    },
  });
