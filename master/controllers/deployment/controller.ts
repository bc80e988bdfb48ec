/**
 * Deployment controller: rolls a Deployment's template out through ReplicaSets, one step at a time.
 *
 * It must never touch pods itself, nor a ReplicaSet that another controller manages.
 */
import { deployments } from '../../../api/apps/v1/deployment.js';
import { replicaSets } from '../../../api/apps/v1/replica-set.js';
import type { Deployment, ReplicaSet } from '../../../api/apps/v1/types.js';
import { isPodTerminal } from '../../../api/core/v1/pod/conditions.js';
import { pods } from '../../../api/core/v1/pod/pod.js';
import type { Pod } from '../../../api/core/v1/types.js';
import { controllerOf } from '../../../api/meta/controller-ref.js';
import { labelMatcherFrom, matchesLabels } from '../../../api/selectors/label.js';
import { timestamp } from '../../../api/meta/timestamp.js';
import {
  defineController,
  watchOf,
  type SnapshotContext,
} from '../../../machinery/controller/controller.js';
import type { Listers } from '../../../machinery/informer/lister.js';
import { keyOf, keyParts } from '../../../machinery/informer/object-cache.js';
import { isRollingUpdate } from './fenceposts.js';
import { workers } from './limits.js';
import { reconcile, replicaSetNameFor, type DeploymentSnapshot } from './reconcile.js';
import { byController, orphansOf } from '../../../machinery/informer/by-controller.js';

/** The Deployments a ReplicaSet concerns: its controller, or those that might adopt it. */
function keysOfReplicaSet(replicaSet: ReplicaSet, listers: Listers): readonly string[] {
  const { namespace, labels } = replicaSet.metadata;
  const controller = controllerOf(replicaSet);
  if (controller !== undefined) {
    return controller.kind === 'Deployment' ? [keyOf({ namespace, name: controller.name })] : [];
  }
  return listers
    .of(deployments)
    .list(namespace ?? '')
    .filter(({ spec }) => matchesLabels(labelMatcherFrom(spec.selector), labels))
    .map((deployment) => keyOf(deployment.metadata));
}

/** Only the Recreate strategy waits for pods; the others go by the status of ReplicaSets. */
function keysOfPod(pod: Pod, listers: Listers, previous: Pod | undefined): readonly string[] {
  if (previous !== undefined && isPodTerminal(previous) === isPodTerminal(pod)) return [];
  const { namespace } = pod.metadata;
  const controller = controllerOf(pod);
  if (controller?.kind !== 'ReplicaSet') return [];
  const replicaSet = listers.of(replicaSets).get({ namespace, name: controller.name });
  const name = replicaSet === undefined ? undefined : controllerOf(replicaSet)?.name;
  if (name === undefined) return [];
  const deployment = listers.of(deployments).get({ namespace, name });
  return deployment === undefined || isRollingUpdate(deployment)
    ? []
    : [keyOf({ namespace, name })];
}

function snapshot(
  key: string,
  listers: Listers,
  nowMs: number,
  context: SnapshotContext,
): DeploymentSnapshot | undefined {
  const deployment = listers.of(deployments).get(keyParts(key));
  if (deployment === undefined) return undefined;
  const { uid, namespace } = deployment.metadata;
  const cached = listers.of(replicaSets);
  const owned = cached.byIndex('controller', uid);
  return {
    deployment,
    replicaSets: [...owned, ...cached.byIndex('controller', orphansOf(namespace))],
    nameTakenBy: cached.get({ namespace, name: replicaSetNameFor(deployment) }),
    pods: isRollingUpdate(deployment)
      ? []
      : owned.flatMap(({ metadata }) => listers.of(pods).byIndex('controller', metadata.uid)),
    failures: context.failures,
    now: timestamp(nowMs),
    nowMs,
  };
}

export const deploymentController = defineController<Deployment, DeploymentSnapshot>({
  name: 'deployment',
  primary: deployments,
  watches: [
    watchOf<ReplicaSet>({
      resource: replicaSets,
      enqueue: (replicaSet, listers, previous) => [
        ...keysOfReplicaSet(replicaSet, listers),
        ...(previous === undefined ? [] : keysOfReplicaSet(previous, listers)),
      ],
      indexes: { controller: byController },
    }),
    watchOf<Pod>({ resource: pods, enqueue: keysOfPod, indexes: { controller: byController } }),
  ],
  workers,
  snapshot,
  reconcile,
});
