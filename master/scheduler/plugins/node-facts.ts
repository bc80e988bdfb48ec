/**
 * What filters and scorers know of a node: facts read once from the object, and what is placed there.
 */
import type { Node, Taint } from '../../../api/core/v1/types.js';
import { amountsOf, wholeNumber, type Amounts } from './amounts.js';
import type { PodFacts } from './pod-facts.js';

/** Read from one revision of a Node; never changed. */
export interface NodeFacts {
  readonly node: Node;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly allocatable: Amounts;
  readonly allowedPods: number;
  /** Taints that keep pods away: NoSchedule and NoExecute. */
  readonly hardTaints: readonly Taint[];
  readonly preferTaints: readonly Taint[];
  readonly unschedulable: boolean;
  /** `topology.kubernetes.io/zone`, empty when the node has none. */
  readonly zone: string;
  /** Sizes of the images the node holds, by each of their names. */
  readonly imageBytes: ReadonlyMap<string, number>;
}

/** A node with what is placed on it, as plugins see it. */
export interface NodeView {
  readonly facts: NodeFacts;
  readonly requested: Readonly<Amounts>;
  /** As `requested`, but containers without requests count too; for comparing nodes. */
  readonly assumed: Readonly<Amounts>;
  readonly podCount: number;
  readonly pods: ReadonlyMap<string, PodFacts>;
  /** How many pods hold each host port, by `hostPortKey`s. */
  readonly hostPorts: ReadonlyMap<string, number>;
}

export function nodeFactsOf(node: Node): NodeFacts {
  const taints = node.spec.taints ?? [];
  const labels = node.metadata.labels ?? {};
  const imageBytes = new Map<string, number>();
  for (const image of node.status.images ?? []) {
    for (const name of image.names ?? []) imageBytes.set(name, image.sizeBytes ?? 0);
  }
  return {
    node,
    name: node.metadata.name,
    labels,
    allocatable: amountsOf(node.status.allocatable),
    allowedPods: wholeNumber(node.status.allocatable?.pods ?? '0'),
    hardTaints: taints.filter((taint) => taint.effect !== 'PreferNoSchedule'),
    preferTaints: taints.filter((taint) => taint.effect === 'PreferNoSchedule'),
    unschedulable: node.spec.unschedulable === true,
    zone: labels['topology.kubernetes.io/zone'] ?? '',
    imageBytes,
  };
}
