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
import { dependentsOf, graphIndexes, nodeKey, ownerKeysOf, snapshotOf } from './graph.js';
import type { GraphSource } from './graph.js';
import { garbageWorkers } from './limits.js';
import { reconcile, type GarbageSnapshot } from './reconcile.js';
import { FollowedResources } from './resources.js';
import { namespaces as namespacesRef } from '../../../api/core/v1/namespace.js';

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
  change: { readonly source: GraphSource; readonly previous: KubeObject | undefined },
): readonly string[] {
  const { source, previous } = change;
  const { listers } = source;
  if (previous !== undefined && ownership(previous) === ownership(object)) return [];
  const isCached = listers.of(resource).get(object.metadata)?.metadata.uid === object.metadata.uid;
  const isLeaving = !isCached || object.metadata.deletionTimestamp !== undefined;
  const itself = isCached && ownership(object) !== '' ? [nodeKey(resource, object.metadata)] : [];
  const dependents = isLeaving
    ? dependentsOf(object, source).map((one) => nodeKey(one.resource, one.object.metadata))
    : [];
  const owners =
    isLeaving || previous !== undefined
      ? [object, ...(previous === undefined ? [] : [previous])].flatMap((one) =>
          ownerKeysOf(one, source),
        )
      : [];
  return [...itself, ...dependents, ...owners];
}

const watchFor =
  (followed: FollowedResources) =>
  (resource: ResourceRef): WatchRule =>
    watchOf({
      resource,
      enqueue: (object, listers, previous) =>
        affectedBy(resource, object, { source: { followed, listers }, previous }),
      indexes: graphIndexes,
    });

/**
 * The definition of the garbage collector of what can be watched. Its primary is only nominal: namespaces' own keys name no
 * object of its graph.
 */
export function garbageCollector(
  watchable: readonly ResourceRef[],
): ControllerDefinition<Namespace, GarbageSnapshot> {
  const followed = new FollowedResources(watchable);
  const watch = watchFor(followed);
  return defineController<Namespace, GarbageSnapshot>({
    name: 'garbage_collector',
    component: 'garbage-collector-controller',
    primary: namespacesRef,
    watches: followed.builtIn.map(watch),
    discovers: {
      source: customResourceDefinitionsRef,
      resourceOf: servedResourceOfObject,
      watch,
    },
    workers: garbageWorkers,
    snapshot: (key, listers) => snapshotOf(key, { followed, listers }),
    reconcile,
  });
}
