/**
 * Node IPAM: assigns `spec.podCIDR`. All nodes are looked at together under one key, because the driver does not come back
 * to a key before the caches show what was written for it: so no range is given out twice.
 */
import { nodes } from '../../../api/core/v1/node.js';
import type { Node } from '../../../api/core/v1/types.js';
import {
  type ControllerDefinition,
  defineController,
  watchOf,
} from '../../../machinery/controller/controller.js';
import { type NodeIpamSnapshot, reconcile } from './reconcile.js';

/** No node can have this name. */
const allNodes = '*';

export const nodeIpam = (options: {
  readonly podCidr: string;
}): ControllerDefinition<Node, NodeIpamSnapshot> =>
  defineController({
    name: 'node-ipam',
    component: 'cidrAllocator',
    primary: nodes,
    workers: 1,
    watches: [
      watchOf<Node>({
        resource: nodes,
        enqueue: (node, _listers, previous) =>
          previous === undefined || (node.spec.podCIDR ?? '') === '' ? [allNodes] : [],
      }),
    ],
    snapshot: (key, listers) =>
      key === allNodes
        ? { podCidr: options.podCidr, nodes: listers.of<Node>(nodes).list() }
        : undefined,
    reconcile,
  });
