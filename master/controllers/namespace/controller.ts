/**
 * Namespace controller: empties a namespace that is being deleted, says what holds that up, and lets the namespace go.
 *
 * Started by `master/controllers.ts`. It follows every namespaced resource, events excepted, and is driven by their
 * changes alone. It must never let a namespace go while the server has anything left in it.
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
  type SnapshotContext,
  type WatchRule,
} from '../../../machinery/controller/controller.js';
import type { Listers } from '../../../machinery/informer/lister.js';
import type { ContentObject } from './conditions.js';
import { reconcile, type NamespaceSnapshot } from './reconcile.js';
import { contentIn, customContent, followedOf } from './resources.js';
import { namespaces as namespacesRef } from '../../../api/core/v1/namespace.js';

const isTerminating = ({ metadata }: KubeObject): boolean =>
  metadata.deletionTimestamp !== undefined;

function terminatingNamespaceOf({ metadata }: KubeObject, listers: Listers): readonly string[] {
  const name = metadata.namespace ?? '';
  const namespace = listers.of(namespacesRef).get({ name });
  return namespace !== undefined && isTerminating(namespace) ? [name] : [];
}

const contentOf = (resource: ResourceRef, object: KubeObject): ContentObject => ({
  resource,
  name: object.metadata.name,
  uid: object.metadata.uid,
  isTerminating: isTerminating(object),
  finalizers: object.metadata.finalizers ?? [],
});

interface Content {
  readonly builtIn: readonly ResourceRef[];
  readonly followed: readonly ResourceRef[];
}

const snapshotOf =
  ({ builtIn, followed }: Content) =>
  (
    name: string,
    listers: Listers,
    nowMs: number,
    { failures }: SnapshotContext,
  ): NamespaceSnapshot | undefined => {
    const namespace = listers.of(namespacesRef).get({ name });
    if (namespace === undefined || !isTerminating(namespace)) return undefined;
    const custom = customContent(listers);
    const content = [...followed, ...custom].flatMap((resource) =>
      listers
        .of(resource)
        .list(name)
        .map((object) => contentOf(resource, object)),
    );
    return { namespace, content, resources: [...builtIn, ...custom], failures, nowMs };
  };

const watchContent = (resource: ResourceRef): WatchRule =>
  watchOf({ resource, enqueue: terminatingNamespaceOf });

/** The definition of the controller of namespaces that have in them what can be watched. */
export function namespaceController(
  watchable: readonly ResourceRef[],
): ControllerDefinition<Namespace, NamespaceSnapshot> {
  const builtIn = contentIn(watchable);
  const followed = followedOf(builtIn);
  return defineController<Namespace, NamespaceSnapshot>({
    name: 'namespace',
    primary: namespacesRef,
    watches: followed.map(watchContent),
    discovers: {
      source: customResourceDefinitionsRef,
      resourceOf: servedResourceOfObject,
      watch: watchContent,
    },
    snapshot: snapshotOf({ builtIn, followed }),
    reconcile,
  });
}
