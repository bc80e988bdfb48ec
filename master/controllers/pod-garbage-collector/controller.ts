/**
 * Pod garbage collector: removes pods nobody else can remove – those of nodes that are gone or declared out of service,
 * those deleted before they were placed – and ended pods once they are too many.
 */
import { nodes as nodesRef } from '../../../api/core/v1/node.js';
import { pods as podsRef } from '../../../api/core/v1/pod/pod.js';
import { isPodTerminal } from '../../../api/core/v1/pod/conditions.js';
import type { Node, Pod } from '../../../api/core/v1/types.js';
import {
  defineController,
  watchOf,
  type ControllerDefinition,
} from '../../../machinery/controller/controller.js';
import type { Listers } from '../../../machinery/informer/lister.js';
import { reconcile, type PodGarbageSnapshot } from './reconcile.js';
import { keyParts } from '../../../machinery/informer/object-cache.js';
import { byNode } from '../../../machinery/informer/by-node.js';

/** Stands for all ended pods together; no pod has such a key, for theirs have a slash. */
const terminatedKey = 'terminated';
const terminatedIndex = 'terminated';

const podsOfNode = (node: Node, listers: Listers): readonly string[] =>
  listers
    .of(podsRef)
    .byIndex('node', node.metadata.name)
    .map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);

/** What of a node can matter to pods that are already there. */
const healthOf = (node: Node): string =>
  JSON.stringify([
    node.spec.taints,
    node.status.conditions?.map(({ type, status }) => [type, status]),
  ]);

/** A controller with a memory of its own of since when nodes are missing; make one for each run. */
export function podGarbageCollector(): ControllerDefinition<Pod, PodGarbageSnapshot> {
  const missingSinceMs = new Map<string, number>();

  function nodeMissingMs(name: string, listers: Listers, nowMs: number): number | undefined {
    if (name === '' || listers.of(nodesRef).get({ name }) !== undefined) {
      missingSinceMs.delete(name);
      return undefined;
    }
    const sinceMs = missingSinceMs.get(name) ?? nowMs;
    missingSinceMs.set(name, sinceMs);
    return nowMs - sinceMs;
  }

  function snapshot(key: string, listers: Listers, nowMs: number): PodGarbageSnapshot | undefined {
    if (key === terminatedKey) {
      return { type: 'terminated', pods: listers.of(podsRef).byIndex(terminatedIndex, 'true') };
    }
    const { namespace = '', name } = keyParts(key);
    const pod = listers.of(podsRef).get({ namespace, name });
    if (pod === undefined) return undefined;
    const nodeName = pod.spec.nodeName ?? '';
    return {
      type: 'pod',
      pod,
      node: nodeName === '' ? undefined : listers.of(nodesRef).get({ name: nodeName }),
      nodeMissingMs: nodeMissingMs(nodeName, listers, nowMs),
      nowMs,
    };
  }

  return defineController<Pod, PodGarbageSnapshot>({
    name: 'pod_garbage_collector',
    primary: podsRef,
    watches: [
      watchOf<Pod>({
        resource: podsRef,
        enqueue: (pod, _listers, previous) =>
          isPodTerminal(pod) && (previous === undefined || !isPodTerminal(previous))
            ? [terminatedKey]
            : [],
        indexes: {
          node: byNode,
          [terminatedIndex]: (pod) => (isPodTerminal(pod) ? ['true'] : []),
        },
      }),
      watchOf<Node>({
        resource: nodesRef,
        enqueue: (node, listers, previous) => {
          const exists = listers.of(nodesRef).get(node.metadata) !== undefined;
          if (exists) missingSinceMs.delete(node.metadata.name);
          if (previous !== undefined && healthOf(previous) === healthOf(node)) return [];
          return podsOfNode(node, listers);
        },
      }),
    ],
    workers: 2,
    snapshot,
    reconcile,
  });
}
