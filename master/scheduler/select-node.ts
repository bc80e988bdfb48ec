/**
 * One decision: which node takes a pod, or why none does. Synchronous and free of side effects on the cluster, so a pod
 * is always judged against one consistent picture.
 */
import { alwaysSearchAllNodes, minSearchPercent } from './limits.js';
import type { NodeView } from './plugins/node-facts.js';
import type { ClusterView, NodeFilter, NodeScorer, Plugin, Rejection } from './plugins/plugin.js';
import type { PodFacts } from './plugins/pod-facts.js';

export type Decision =
  | { readonly type: 'placed'; readonly nodeName: string; readonly nodesSearched: number }
  | {
      readonly type: 'rejected';
      /** One a node, in the order of `nodeNames`. */
      readonly rejections: readonly Rejection[];
      readonly nodeNames: readonly string[];
    };

export interface SelectOptions {
  readonly plugins: readonly Plugin[];
  readonly cluster: ClusterView;
  readonly nodes: readonly NodeView[];
  /** The index to begin at, so that in a large cluster every node gets its turn. */
  readonly startAt: number;
  /** In [0, 1); chooses among equally good nodes. */
  readonly fraction: () => number;
}

/** How many feasible nodes are enough: all in small clusters, a shrinking share of large ones, as in Kubernetes. */
function feasibleNodesWanted(nodeCount: number): number {
  if (nodeCount <= alwaysSearchAllNodes) return nodeCount;
  const percent = Math.max(50 - Math.floor(nodeCount / 125), minSearchPercent);
  return Math.max(Math.floor((nodeCount * percent) / 100), alwaysSearchAllNodes);
}

/** The filters that have something to say about this pod, in order. */
export const filtersFor = (plugins: readonly Plugin[], pod: PodFacts): readonly NodeFilter[] =>
  plugins.map((plugin) => plugin.filter?.(pod)).filter((filter) => filter !== undefined);

/** The first rejection, or undefined when the node can take the pod. */
export function rejectionOf(filters: readonly NodeFilter[], node: NodeView): Rejection | undefined {
  for (const filter of filters) {
    const rejection = filter(node);
    if (rejection !== undefined) return rejection;
  }
  return undefined;
}

/** Decides about one pod, beginning with the node at `startAt`. */
export function selectNode(pod: PodFacts, options: SelectOptions): Decision {
  const { nodes, startAt } = options;
  const filters = filtersFor(options.plugins, pod);
  const wanted = feasibleNodesWanted(nodes.length);
  const feasible: NodeView[] = [];
  const rejections: Rejection[] = [];
  const rejectedNames: string[] = [];
  let searched = 0;
  while (searched < nodes.length && feasible.length < wanted) {
    const node = nodes[(startAt + searched) % nodes.length];
    searched += 1;
    if (node === undefined) continue;
    const rejection = rejectionOf(filters, node);
    if (rejection === undefined) feasible.push(node);
    else {
      rejections.push(rejection);
      rejectedNames.push(node.facts.name);
    }
  }
  const best = feasible.length <= 1 ? feasible[0] : bestOf(pod, feasible, options);
  if (best === undefined) return { type: 'rejected', rejections, nodeNames: rejectedNames };
  return { type: 'placed', nodeName: best.facts.name, nodesSearched: searched };
}

function scoresOf(scorer: NodeScorer, nodes: readonly NodeView[]): Float64Array {
  const scores = new Float64Array(nodes.length);
  for (let index = 0; index < nodes.length; index += 1) {
    const node = nodes[index];
    if (node !== undefined) scores[index] = scorer.score(node);
  }
  scorer.normalize?.(scores, nodes);
  return scores;
}

/** The node with the highest weighted sum; equally good ones have equal chances. */
function bestOf(
  pod: PodFacts,
  nodes: readonly NodeView[],
  options: SelectOptions,
): NodeView | undefined {
  const totals = new Float64Array(nodes.length);
  for (const { score, weight = 1 } of options.plugins) {
    const scorer = score?.(pod, options.cluster);
    if (scorer === undefined) continue;
    const scores = scoresOf(scorer, nodes);
    for (let index = 0; index < totals.length; index += 1) {
      totals[index] = (totals[index] ?? 0) + weight * (scores[index] ?? 0);
    }
  }
  let best = 0;
  let ties = 1;
  for (let index = 1; index < totals.length; index += 1) {
    const difference = (totals[index] ?? 0) - (totals[best] ?? 0);
    if (difference < 0) continue;
    ties = difference > 0 ? 1 : ties + 1;
    if (difference > 0 || options.fraction() * ties < 1) best = index;
  }
  return nodes[best];
}
