/**
 * The scheduler's picture of the cluster: every node with what is placed on it, including pods it has just placed and the
 * informer has yet to show. Kept up by single changes, never rebuilt, so that a decision costs no copy.
 *
 * Changed by `scheduler.ts` alone, between decisions; plugins see it as `ClusterView` and `NodeView`.
 */
import type { Node } from '../../api/core/v1/types.js';
import { addAmounts, noAmounts, type Amounts } from './plugins/amounts.js';
import { nodeFactsOf, type NodeFacts, type NodeView } from './plugins/node-facts.js';
import { hostPortKeys } from './plugins/node-ports.js';
import type { ClusterView } from './plugins/plugin.js';
import type { PodFacts } from './plugins/pod-facts.js';

function count(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const next = (counts.get(key) ?? 0) + by;
  if (next === 0) counts.delete(key);
  else counts.set(key, next);
}

/** Counts per group and member, dropping groups that became empty. */
class GroupCounts {
  private readonly groups = new Map<string, Map<string, number>>();

  get(group: string, member: string): number {
    return this.groups.get(group)?.get(member) ?? 0;
  }

  add(group: string, member: string, by: 1 | -1): void {
    let members = this.groups.get(group);
    if (members === undefined) this.groups.set(group, (members = new Map<string, number>()));
    count(members, member, by);
    if (members.size === 0) this.groups.delete(group);
  }
}

/** A node, or the place of one that pods name but nobody has shown yet. */
class NodeEntry {
  facts: NodeFacts | undefined;
  readonly requested: Amounts = noAmounts();
  readonly assumed: Amounts = noAmounts();
  readonly pods = new Map<string, PodFacts>();
  readonly hostPorts = new Map<string, number>();
  /** The index among the schedulable nodes; -1 while there are no facts. */
  position = -1;

  get podCount(): number {
    return this.pods.size;
  }

  isShown(): this is NodeView {
    return this.facts !== undefined;
  }

  change(pod: PodFacts, by: 1 | -1): void {
    if (by === 1) this.pods.set(pod.uid, pod);
    else this.pods.delete(pod.uid);
    addAmounts(this.requested, pod.requests, by);
    addAmounts(this.assumed, pod.assumed, by);
    for (const port of pod.hostPorts) {
      for (const key of hostPortKeys(port)) count(this.hostPorts, key, by);
    }
  }
}

interface Placement {
  readonly node: string;
  readonly facts: PodFacts;
  /** Placed by us, not yet confirmed by the informer. */
  readonly assumed: boolean;
}

export class ClusterState implements ClusterView {
  private readonly entries = new Map<string, NodeEntry>();
  private readonly shown: (NodeEntry & NodeView)[] = [];
  private readonly placements = new Map<string, Placement>();
  private readonly imageNodes = new Map<string, number>();
  private readonly ownedByNode = new GroupCounts();
  private readonly ownedByZone = new GroupCounts();
  private assumedPods = 0;

  /** Every node that can be considered, in no meaningful order. */
  get nodes(): readonly NodeView[] {
    return this.shown;
  }

  get nodeCount(): number {
    return this.shown.length;
  }

  get podCount(): number {
    return this.placements.size;
  }

  get assumedPodCount(): number {
    return this.assumedPods;
  }

  readonly nodesWithImage = (name: string): number => this.imageNodes.get(name) ?? 0;

  readonly ownedPodsOnNode = (owner: string, node: string): number =>
    this.ownedByNode.get(owner, node);

  readonly ownedPodsInZone = (owner: string, zone: string): number =>
    this.ownedByZone.get(owner, zone);

  node(name: string): NodeView | undefined {
    const entry = this.entries.get(name);
    return entry?.isShown() === true ? entry : undefined;
  }

  placementOf(uid: string): Placement | undefined {
    return this.placements.get(uid);
  }

  /** Adds a node or replaces what is known of it. Pods placed there stay. */
  setNode(node: Node): NodeView {
    const entry = this.entryOf(node.metadata.name);
    this.countZone(entry, -1);
    this.countImages(entry, -1);
    entry.facts = nodeFactsOf(node);
    this.countImages(entry, 1);
    this.countZone(entry, 1);
    const view = entry as NodeEntry & NodeView;
    if (entry.position < 0) entry.position = this.shown.push(view) - 1;
    return view;
  }

  removeNode(name: string): void {
    const entry = this.entries.get(name);
    if (entry === undefined || entry.position < 0) return;
    this.countZone(entry, -1);
    this.countImages(entry, -1);
    entry.facts = undefined;
    const last = this.shown.pop();
    if (last !== undefined && last !== entry) {
      this.shown[entry.position] = last;
      last.position = entry.position;
    }
    entry.position = -1;
    this.dropIfEmpty(name, entry);
  }

  /** Places a pod, or replaces its earlier placement. */
  place(facts: PodFacts, node: string, { assumed }: { readonly assumed: boolean }): void {
    this.remove(facts.uid);
    this.placements.set(facts.uid, { node, facts, assumed });
    if (assumed) this.assumedPods += 1;
    this.change(facts, node, 1);
  }

  /** Takes a pod off its node and returns where it was. */
  remove(uid: string): Placement | undefined {
    const placement = this.placements.get(uid);
    if (placement === undefined) return undefined;
    this.placements.delete(uid);
    if (placement.assumed) this.assumedPods -= 1;
    this.change(placement.facts, placement.node, -1);
    return placement;
  }

  private change(facts: PodFacts, node: string, by: 1 | -1): void {
    const entry = this.entryOf(node);
    entry.change(facts, by);
    if (facts.owner !== '') {
      this.ownedByNode.add(facts.owner, node, by);
      const zone = entry.facts?.zone ?? '';
      if (zone !== '') this.ownedByZone.add(facts.owner, zone, by);
    }
    if (by === -1) this.dropIfEmpty(node, entry);
  }

  private countZone(entry: NodeEntry, by: 1 | -1): void {
    const zone = entry.facts?.zone ?? '';
    if (zone === '') return;
    for (const { owner } of entry.pods.values()) {
      if (owner !== '') this.ownedByZone.add(owner, zone, by);
    }
  }

  private countImages(entry: NodeEntry, by: 1 | -1): void {
    for (const name of entry.facts?.imageBytes.keys() ?? []) count(this.imageNodes, name, by);
  }

  private entryOf(name: string): NodeEntry {
    let entry = this.entries.get(name);
    if (entry === undefined) this.entries.set(name, (entry = new NodeEntry()));
    return entry;
  }

  private dropIfEmpty(name: string, entry: NodeEntry): void {
    if (entry.facts === undefined && entry.pods.size === 0) this.entries.delete(name);
  }
}
