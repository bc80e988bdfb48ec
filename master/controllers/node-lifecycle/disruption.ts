/**
 * Whether nodes that fell silent are likely to be dead, or rather cut off together: when a whole zone goes, moving its
 * pods makes things worse. Pure.
 */
import type { Node } from '../../../api/core/v1/types.js';
import { hasCondition } from '../../../api/meta/conditions.js';
import { disruptedShare, smallClusterNodes } from './limits.js';

const isReady = (node: Node): boolean => hasCondition(node, 'Ready');

/** Region and zone together, as Kubernetes names failure domains; empty for nodes without labels. */
export const zoneOf = ({ metadata: { labels } }: Node): string =>
  `${labels?.['topology.kubernetes.io/region'] ?? ''}/${labels?.['topology.kubernetes.io/zone'] ?? ''}`;

/**
 * Whether pods may be evicted from nodes of this zone. Never when no node of the whole cluster is ready; not from a zone of
 * a small cluster in which most nodes are not.
 */
export function mayEvictFrom(zone: string, nodes: readonly Node[]): boolean {
  if (!nodes.some(isReady)) return false;
  const inZone = nodes.filter((node) => zoneOf(node) === zone);
  const notReady = inZone.filter((node) => !isReady(node)).length;
  const isFullyDisrupted = notReady === inZone.length;
  const isDisrupted =
    !isFullyDisrupted && notReady > 2 && notReady / inZone.length >= disruptedShare;
  return !(isDisrupted && nodes.length <= smallClusterNodes);
}
