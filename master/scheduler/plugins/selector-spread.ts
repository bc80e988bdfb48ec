/**
 * SelectorSpread: the pods of one controller go to different nodes, and to different zones where nodes have them. It
 * stands in for Kubernetes' default topology spread constraints.
 */
import type { NodeView } from './node-facts.js';
import { maxScore, type ClusterView, type NodeScorer, type Plugin } from './plugin.js';
import type { PodFacts } from './pod-facts.js';

/** Zones count for two thirds where there are any: losing a zone is worse than losing a node. */
const zoneShare = 2 / 3;

function spread(counts: Float64Array): Float64Array {
  let highest = 0;
  for (const count of counts) if (count > highest) highest = count;
  return counts.map((count) =>
    highest === 0 ? maxScore : (maxScore * (highest - count)) / highest,
  );
}

function score({ owner }: PodFacts, cluster: ClusterView): NodeScorer | undefined {
  if (owner === '') return undefined;
  return {
    score: ({ facts }) => cluster.ownedPodsOnNode(owner, facts.name),
    normalize: (scores, nodes: readonly NodeView[]) => {
      const byNode = spread(scores);
      const hasZones = nodes.some(({ facts }) => facts.zone !== '');
      const byZone = hasZones
        ? spread(
            Float64Array.from(nodes, ({ facts }) =>
              facts.zone === '' ? 0 : cluster.ownedPodsInZone(owner, facts.zone),
            ),
          )
        : undefined;
      for (let index = 0; index < scores.length; index += 1) {
        const node = byNode[index] ?? 0;
        const zone = nodes[index]?.facts.zone === '' ? undefined : byZone?.[index];
        scores[index] = zone === undefined ? node : node * (1 - zoneShare) + zone * zoneShare;
      }
    },
  };
}

export const selectorSpread: Plugin = { name: 'SelectorSpread', score, weight: 2, requeueOn: [] };
