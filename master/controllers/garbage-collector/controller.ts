/**
 * Garbage collector: deletes what all owners of are gone, and lets go of deleted owners once their dependents are deleted
 * (`foregroundDeletion`) or freed (`orphan`), as Kubernetes does.
 *
 * Started by `master/controllers.ts`. It works on objects of all resources, so its keys name the resource too; the graph of
 * owners is read from indexes of the caches (`graph.ts`), which keeps it a controller like the others. It must never delete
 * because a cache is behind. Events are not followed. Leases and whatever else is written often cost one comparison a write,
 * because only changes of ownership, finalizers and deletion are looked at.
 */
import {
  customResourceDefinitionsRef,
  servedResourceOfObject,
} from '../../../api/apiextensions/v1/served-resource.js';
import type { Namespace } from '../../../api/core/v1/types.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { ResourceRef } from '../../../api/schema/resource.js';
import {
  defineController,
  watchOf,
  type ControllerDefinition,
  type WatchRule,
} from '../../../machinery/controller/controller.js';
import type { Listers } from '../../../machinery/informer/lister.js';
import { dependentsOf, graphIndexes, nodeKey, ownerKeysOf, snapshotOf } from './graph.js';
import { garbageWorkers } from './limits.js';
import { reconcile, type GarbageSnapshot } from './reconcile.js';
import { followedResources, namespacesRef } from './resources.js';

const ownership = ({ metadata }: KubeObject): string =>
  metadata.ownerReferences === undefined &&
  metadata.finalizers === undefined &&
  metadata.deletionTimestamp === undefined
    ? ''
    : JSON.stringify([
        metadata.ownerReferences,
        metadata.finalizers,
        metadata.deletionTimestamp !== undefined,
      ]);

/** The object itself, its dependents when they may have lost it, and its owners when they may wait for it. */
function affectedBy(
  resource: ResourceRef,
  object: KubeObject,
  change: { readonly listers: Listers; readonly previous: KubeObject | undefined },
): readonly string[] {
  const { listers, previous } = change;
  if (previous !== undefined && ownership(previous) === ownership(object)) return [];
  const isCached = listers.of(resource).get(object.metadata)?.metadata.uid === object.metadata.uid;
  const isLeaving = !isCached || object.metadata.deletionTimestamp !== undefined;
  const itself = isCached && ownership(object) !== '' ? [nodeKey(resource, object.metadata)] : [];
  const dependents = isLeaving
    ? dependentsOf(object, listers).map((one) => nodeKey(one.resource, one.object.metadata))
    : [];
  const owners =
    isLeaving || previous !== undefined
      ? [object, ...(previous === undefined ? [] : [previous])].flatMap((one) =>
          ownerKeysOf(one, listers),
        )
      : [];
  return [...itself, ...dependents, ...owners];
}

const watchFor = (resource: ResourceRef): WatchRule =>
  watchOf({
    resource,
    enqueue: (object, listers, previous) => affectedBy(resource, object, { listers, previous }),
    indexes: graphIndexes,
  });

/** The definition of the garbage collector. Its primary is only nominal: namespaces' own keys name no object of its graph. */
export const garbageCollector = (): ControllerDefinition<Namespace, GarbageSnapshot> =>
  defineController<Namespace, GarbageSnapshot>({
    name: 'garbage_collector',
    primary: namespacesRef,
    watches: followedResources.map(watchFor),
    discovers: {
      source: customResourceDefinitionsRef,
      resourceOf: servedResourceOfObject,
      watch: watchFor,
    },
    workers: garbageWorkers,
    snapshot: snapshotOf,
    reconcile,
  });
