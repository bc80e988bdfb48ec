/**
 * Node lifecycle controller: notices nodes that fell silent, taints nodes for what their conditions say, and ends pods
 * that do not tolerate it. It must never move pods because the master itself was cut off; see `disruption.ts`.
 */
import { leases as leasesRef } from '../../../api/coordination/v1/lease.js';
import { nodes as nodesRef } from '../../../api/core/v1/node.js';
import { pods as podsRef } from '../../../api/core/v1/pod/pod.js';
import type { Lease } from '../../../api/coordination/v1/types.js';
import { nodeLeaseNamespace } from '../../../api/core/v1/system-namespaces.js';
import type { Node, Pod } from '../../../api/core/v1/types.js';
import {
  defineController,
  watchOf,
  type ControllerDefinition,
} from '../../../machinery/controller/controller.js';
import type { Listers } from '../../../machinery/informer/lister.js';
import { byNode } from '../../../machinery/informer/by-node.js';
import { mayEvictFrom, zoneOf } from './disruption.js';
import { Heartbeats } from './heartbeats.js';
import { graceMs, startupGraceMs } from './limits.js';
import { reconcile, type NodeLifecycleSnapshot } from './reconcile.js';
import { hasEvictingTaint } from './taints.js';

export interface NodeLifecycleOptions {
  /** How soon a silent node counts as unreachable: after 40 s (`standard`) or 15 s (`fast`). */
  readonly detection: keyof typeof graceMs;
}

const readyStatus = (node: Node): string =>
  node.status.conditions?.find(({ type }) => type === 'Ready')?.status ?? '';

const minds = (node: Node): boolean => readyStatus(node) === 'Unknown' || hasEvictingTaint(node);

/** Nodes look at one another to tell a dead node from a cut-off zone. */
function unreadyNodes(node: Node, listers: Listers, previous: Node | undefined): readonly string[] {
  if (previous !== undefined && readyStatus(previous) === readyStatus(node)) return [];
  return listers
    .of(nodesRef)
    .list()
    .filter((one) => readyStatus(one) !== 'True')
    .map(({ metadata }) => metadata.name);
}

function nodeOfPod(pod: Pod, listers: Listers): readonly string[] {
  const name = pod.spec.nodeName ?? '';
  const node = name === '' ? undefined : listers.of(nodesRef).get({ name });
  return node !== undefined && minds(node) ? [name] : [];
}

/** A controller with a memory of its own of when nodes were heard of; make one for each run. */
export function nodeLifecycleController(
  options: NodeLifecycleOptions,
): ControllerDefinition<Node, NodeLifecycleSnapshot> {
  const heartbeats = new Heartbeats();
  const detectionMs = graceMs[options.detection];

  function snapshot(
    name: string,
    listers: Listers,
    nowMs: number,
  ): NodeLifecycleSnapshot | undefined {
    const nodes = listers.of(nodesRef);
    const node = nodes.get({ name });
    if (node === undefined || node.metadata.deletionTimestamp !== undefined) {
      heartbeats.forget(name);
      return undefined;
    }
    const lease = listers.of(leasesRef).get({ namespace: nodeLeaseNamespace, name });
    const hasReported = readyStatus(node) !== '';
    return {
      node,
      isNew: !heartbeats.knows(name),
      pods: minds(node) ? listers.of(podsRef).byIndex('node', name) : [],
      nowMs,
      silentMs: heartbeats.silentMs(node, lease, nowMs),
      graceMs: hasReported ? detectionMs : Math.max(detectionMs, startupGraceMs),
      mayEvict: readyStatus(node) === 'True' || mayEvictFrom(zoneOf(node), nodes.list()),
    };
  }

  return defineController<Node, NodeLifecycleSnapshot>({
    name: 'node_lifecycle',
    component: 'node-controller',
    primary: nodesRef,
    watches: [
      watchOf<Node>({ resource: nodesRef, enqueue: unreadyNodes }),
      watchOf<Lease>({
        resource: leasesRef,
        enqueue: ({ metadata }) =>
          metadata.namespace === nodeLeaseNamespace ? [metadata.name] : [],
      }),
      watchOf<Pod>({
        resource: podsRef,
        enqueue: nodeOfPod,
        indexes: { node: byNode },
      }),
    ],
    workers: 4,
    snapshot,
    reconcile,
  });
}
