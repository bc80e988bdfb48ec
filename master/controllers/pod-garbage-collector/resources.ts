/** The resources the pod garbage collector reads and writes. */
import type { Node, Pod } from '../../../api/core/v1/types.js';
import type { ResourceRef } from '../../../api/schema/resource.js';

export const podsRef: ResourceRef<Pod> = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  scope: 'Namespaced',
};

export const nodesRef: ResourceRef<Node> = {
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  scope: 'Cluster',
};
