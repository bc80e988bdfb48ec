/**
 * NodeResourcesFit: a node must have room for one more pod and for everything the pod requests. As score it prefers the
 * node with the larger free share (LeastAllocated, CPU and memory alike).
 */
import type { Amounts } from './amounts.js';
import type { NodeView } from './node-facts.js';
import { maxScore, type NodeScorer, type Plugin, type Rejection } from './plugin.js';
import type { PodFacts } from './pod-facts.js';

const name = 'NodeResourcesFit';

/** Rejections by their reasons and whether they are unresolvable, so that equal ones are one object. */
const rejections = new Map<string, Rejection>();

function rejectionFor(reasons: readonly string[], unresolvable: boolean): Rejection {
  const key = `${String(unresolvable)}|${reasons.join('|')}`;
  let rejection = rejections.get(key);
  if (rejection === undefined) {
    rejection = { plugin: name, reasons, unresolvable };
    rejections.set(key, rejection);
  }
  return rejection;
}

interface Shortage {
  readonly reason: string;
  /** More than the node has in all, so that nothing evicted there would help. */
  readonly unresolvable: boolean;
}

function* shortages(wanted: Amounts, node: NodeView): Generator<Shortage> {
  const { allocatable } = node.facts;
  const { requested } = node;
  const lacks = (want: number, have: number, used: number): boolean =>
    want > 0 && want > have - used;
  if (node.podCount + 1 > node.facts.allowedPods) {
    yield { reason: 'Too many pods', unresolvable: node.facts.allowedPods < 1 };
  }
  if (lacks(wanted.milliCpu, allocatable.milliCpu, requested.milliCpu)) {
    yield { reason: 'Insufficient cpu', unresolvable: wanted.milliCpu > allocatable.milliCpu };
  }
  if (lacks(wanted.memoryBytes, allocatable.memoryBytes, requested.memoryBytes)) {
    const unresolvable = wanted.memoryBytes > allocatable.memoryBytes;
    yield { reason: 'Insufficient memory', unresolvable };
  }
  if (lacks(wanted.ephemeralBytes, allocatable.ephemeralBytes, requested.ephemeralBytes)) {
    const unresolvable = wanted.ephemeralBytes > allocatable.ephemeralBytes;
    yield { reason: 'Insufficient ephemeral-storage', unresolvable };
  }
  for (const [resource, want] of wanted.extended ?? []) {
    const have = allocatable.extended?.get(resource) ?? 0;
    if (lacks(want, have, requested.extended?.get(resource) ?? 0)) {
      yield { reason: `Insufficient ${resource}`, unresolvable: want > have };
    }
  }
}

/** The fast way to say yes; `shortages` finds the words for a no. */
function fits(wanted: Amounts, node: NodeView): boolean {
  const { allocatable } = node.facts;
  const { requested } = node;
  return (
    wanted.extended === undefined &&
    node.podCount < node.facts.allowedPods &&
    (wanted.milliCpu === 0 || wanted.milliCpu <= allocatable.milliCpu - requested.milliCpu) &&
    (wanted.memoryBytes === 0 ||
      wanted.memoryBytes <= allocatable.memoryBytes - requested.memoryBytes) &&
    (wanted.ephemeralBytes === 0 ||
      wanted.ephemeralBytes <= allocatable.ephemeralBytes - requested.ephemeralBytes)
  );
}

function filter(pod: PodFacts): (node: NodeView) => Rejection | undefined {
  const wanted = pod.requests;
  return (node) => {
    if (fits(wanted, node)) return undefined;
    const found = [...shortages(wanted, node)];
    if (found.length === 0) return undefined;
    return rejectionFor(
      found.map((shortage) => shortage.reason),
      found.some((shortage) => shortage.unresolvable),
    );
  };
}

const freeShare = (used: number, have: number): number =>
  have === 0 || used > have ? 0 : ((have - used) * maxScore) / have;

function score(pod: PodFacts): NodeScorer {
  const { milliCpu, memoryBytes } = pod.assumed;
  return {
    score: ({ facts: { allocatable }, assumed }) => {
      const cpu = freeShare(assumed.milliCpu + milliCpu, allocatable.milliCpu);
      const memory = freeShare(assumed.memoryBytes + memoryBytes, allocatable.memoryBytes);
      return Math.floor((cpu + memory) / 2);
    },
  };
}

export const nodeResourcesFit: Plugin = {
  name,
  filter,
  score,
  weight: 1,
  requeueOn: ['NodeAdded', 'NodeUpdated', 'PodGone'],
};
