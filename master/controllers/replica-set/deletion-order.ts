/**
 * Which pods go first when there are too many: those whose loss costs least. The order is that of Kubernetes' ReplicaSet
 * controller.
 */
import { isPodReady, podCondition } from '../../../api/core/v1/pod/conditions.js';
import type { Pod } from '../../../api/core/v1/types.js';

const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost';

const phaseOrder: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

const deletionCost = (pod: Pod): number => {
  const text = pod.metadata.annotations?.[deletionCostAnnotation] ?? '';
  return /^(0|[+-]?[1-9][0-9]*)$/.test(text) ? Number(text) : 0;
};

const restarts = (pod: Pod): number =>
  Math.max(0, ...(pod.status.containerStatuses ?? []).map((status) => status.restartCount));

/** Ages are compared by their magnitude, so that pods of about one age are picked at random. */
const magnitude = (sinceMs: number, nowMs: number): number =>
  nowMs - sinceMs <= 0 ? -1 : Math.floor(Math.log2((nowMs - sinceMs) * 1e6));

function compareAges(left: Pod, right: Pod, times: readonly [number, number, number]): number {
  const [leftMs, rightMs, nowMs] = times;
  if (leftMs === rightMs) return 0;
  const difference = magnitude(leftMs, nowMs) - magnitude(rightMs, nowMs);
  if (difference !== 0) return difference;
  return left.metadata.uid < right.metadata.uid ? -1 : 1;
}

const readySinceMs = (pod: Pod): number => {
  const sinceMs = Date.parse(podCondition(pod, 'Ready')?.lastTransitionTime ?? '');
  return Number.isNaN(sinceMs) ? 0 : sinceMs;
};

interface Ranked {
  readonly pod: Pod;
  /** How many pods of the same family share its node. */
  readonly neighbours: number;
}

/** Negative when `left` is deleted before `right`. */
function compare(left: Ranked, right: Ranked, nowMs: number): number {
  const [a, b] = [left.pod, right.pod];
  const ready = (pod: Pod): number => (isPodReady(pod) ? 1 : 0);
  const placed = (pod: Pod): number => ((pod.spec.nodeName ?? '') === '' ? 0 : 1);
  const phase = (pod: Pod): number => phaseOrder[pod.status.phase ?? 'Pending'] ?? 0;
  const sooner = [
    placed(a) - placed(b),
    phase(a) - phase(b),
    ready(a) - ready(b),
    deletionCost(a) - deletionCost(b),
    right.neighbours - left.neighbours,
    isPodReady(a) && isPodReady(b)
      ? compareAges(a, b, [readySinceMs(a), readySinceMs(b), nowMs])
      : 0,
    restarts(b) - restarts(a),
    compareAges(a, b, [
      Date.parse(a.metadata.creationTimestamp),
      Date.parse(b.metadata.creationTimestamp),
      nowMs,
    ]),
  ];
  return sooner.find((difference) => difference !== 0) ?? 0;
}

/** The pods in the order they are deleted. `related` are the active pods of all ReplicaSets of the same owner. */
export function deletionOrder(
  pods: readonly Pod[],
  related: readonly Pod[],
  nowMs: number,
): readonly Pod[] {
  const perNode = new Map<string, number>();
  for (const { spec } of related) {
    const node = spec.nodeName ?? '';
    perNode.set(node, (perNode.get(node) ?? 0) + 1);
  }
  return pods
    .map((pod) => ({ pod, neighbours: perNode.get(pod.spec.nodeName ?? '') ?? 0 }))
    .sort((left, right) => compare(left, right, nowMs))
    .map(({ pod }) => pod);
}
