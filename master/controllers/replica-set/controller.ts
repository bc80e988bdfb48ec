/**
 * ReplicaSet controller: keeps as many pods of a template as the ReplicaSet says.
 *
 * It must never touch a pod that another controller manages, nor create a pod for a ReplicaSet that is going away.
 */
import { replicaSets } from '../../../api/apps/v1/replica-set.js';
import type { ReplicaSet } from '../../../api/apps/v1/types.js';
import { isPodActive } from '../../../api/core/v1/pod/conditions.js';
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
import { workers } from './limits.js';
import { reconcile, type ReplicaSetSnapshot } from './reconcile.js';
import { byController, orphansOf } from '../../../machinery/informer/by-controller.js';

/** The ReplicaSets a pod concerns: its controller, or those that might adopt it. */
function keysOfPod(pod: Pod, listers: Listers): readonly string[] {
  const { namespace, labels } = pod.metadata;
  const controller = controllerOf(pod);
  if (controller !== undefined) {
    return controller.kind === 'ReplicaSet' ? [keyOf({ namespace, name: controller.name })] : [];
  }
  return listers
    .of(replicaSets)
    .list(namespace ?? '')
    .filter(({ spec }) => matchesLabels(labelMatcherFrom(spec.selector), labels))
    .map((replicaSet) => keyOf(replicaSet.metadata));
}

function relatedPods(replicaSet: ReplicaSet, listers: Listers): readonly Pod[] {
  const owner = controllerOf(replicaSet);
  const family =
    owner === undefined ? [replicaSet] : listers.of(replicaSets).byIndex('controller', owner.uid);
  return family
    .flatMap(({ metadata }) => listers.of(pods).byIndex('controller', metadata.uid))
    .filter(isPodActive);
}

function snapshot(
  key: string,
  listers: Listers,
  nowMs: number,
  context: SnapshotContext,
): ReplicaSetSnapshot | undefined {
  const replicaSet = listers.of(replicaSets).get(keyParts(key));
  if (replicaSet === undefined) return undefined;
  const { uid, namespace } = replicaSet.metadata;
  const cached = listers.of(pods);
  const owned = cached.byIndex('controller', uid);
  const needsRanking = owned.filter(isPodActive).length > (replicaSet.spec.replicas ?? 1);
  return {
    replicaSet,
    pods: [...owned, ...cached.byIndex('controller', orphansOf(namespace))],
    relatedPods: needsRanking ? relatedPods(replicaSet, listers) : [],
    failures: context.failures,
    now: timestamp(nowMs),
    nowMs,
  };
}

export const replicaSetController = defineController<ReplicaSet, ReplicaSetSnapshot>({
  name: 'replicaset',
  primary: replicaSets,
  watches: [
    watchOf<ReplicaSet>({
      resource: replicaSets,
      enqueue: () => [],
      indexes: { controller: byController },
    }),
    watchOf<Pod>({
      resource: pods,
      enqueue: (pod, listers, previous) => [
        ...keysOfPod(pod, listers),
        ...(previous === undefined ? [] : keysOfPod(previous, listers)),
      ],
      indexes: { controller: byController },
    }),
  ],
  workers,
  snapshot,
  reconcile,
});
