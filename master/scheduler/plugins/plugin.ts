/**
 * The scheduler is its plugins: each says which nodes cannot take a pod and why, which of the others suit it better, or
 * both. They are pure functions of the pod, the node and the cluster.
 *
 * A plugin is asked about the pod once (`filter`, `score`) and answers with a function for single nodes, or with
 * undefined when it has nothing to say about this pod, which keeps plain pods cheap.
 */
import type { NodeView } from './node-facts.js';
import type { PodFacts } from './pod-facts.js';

/** Why a node cannot take a pod. Plugins share these between nodes: they are compared and counted by reference. */
export interface Rejection {
  readonly plugin: string;
  /** Kubernetes' words, as `kubectl describe pod` counts them. */
  readonly reasons: readonly string[];
  /** True when evicting the pods there would not help. */
  readonly unresolvable: boolean;
}

export type NodeFilter = (node: NodeView) => Rejection | undefined;

export interface NodeScorer {
  /** Higher is better. 0 to 100 unless `normalize` brings it there. */
  readonly score: (node: NodeView) => number;
  /** Brings the scores of all feasible nodes to 0…100, in place. `nodes` has the same order. */
  readonly normalize?: (scores: Float64Array, nodes: readonly NodeView[]) => void;
}

/** What plugins may ask about all nodes together. */
export interface ClusterView {
  readonly nodeCount: number;
  /** How many nodes hold an image of this name. */
  readonly nodesWithImage: (name: string) => number;
  /** Pods that the controller with this uid has on a node. */
  readonly ownedPodsOnNode: (owner: string, node: string) => number;
  /** Pods that the controller with this uid has in a zone. */
  readonly ownedPodsInZone: (owner: string, zone: string) => number;
}

/** A change that could make a rejected pod fit, with the node as it is now. */
export type ClusterEvent =
  | { readonly type: 'NodeAdded'; readonly node: NodeView }
  | { readonly type: 'NodeUpdated'; readonly node: NodeView }
  /** A pod placed on the node ended, was deleted or needs less. */
  | { readonly type: 'PodGone'; readonly node: NodeView };

export interface Plugin {
  /** Kubernetes' plugin name, as metrics and verdicts show it. */
  readonly name: string;
  readonly filter?: (pod: PodFacts) => NodeFilter | undefined;
  readonly score?: (pod: PodFacts, cluster: ClusterView) => NodeScorer | undefined;
  /** How much the score counts beside the others'. */
  readonly weight?: number;
  /** Only these can turn a rejection of this plugin; the pod is then tried against the changed node. */
  readonly requeueOn: readonly ClusterEvent['type'][];
}

/** The best score a plugin gives. */
export const maxScore = 100;

/** Scales so that the highest becomes 100; with `reverse`, so that it becomes 0. All zero stays equal. */
export function scaleToHighest(scores: Float64Array, { reverse }: { reverse: boolean }): void {
  let highest = 0;
  for (const score of scores) if (score > highest) highest = score;
  for (let index = 0; index < scores.length; index += 1) {
    const scaled = highest === 0 ? 0 : Math.floor((maxScore * (scores[index] ?? 0)) / highest);
    scores[index] = reverse ? maxScore - scaled : scaled;
  }
}
