/** The taints a node should carry for its conditions, and when a NoExecute taint ends a pod. Pure. */
import { toleratesTaint } from '../../../api/core/v1/tolerations.js';
import type { Node, Pod, Taint } from '../../../api/core/v1/types.js';

const prefix = 'node.kubernetes.io/';

const readyTaints = { False: `${prefix}not-ready`, Unknown: `${prefix}unreachable` } as const;

/** The taint for each state of a condition that has one. */
const conditionTaints: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: readyTaints,
  MemoryPressure: { True: `${prefix}memory-pressure` },
  DiskPressure: { True: `${prefix}disk-pressure` },
  PIDPressure: { True: `${prefix}pid-pressure` },
  NetworkUnavailable: { True: `${prefix}network-unavailable` },
};
const cordonKey = `${prefix}unschedulable`;

const schedulingKeys = new Set([
  ...Object.values(conditionTaints).flatMap((states) => Object.values(states)),
  cordonKey,
]);
const evictingKeys = new Set<string>(Object.values(readyTaints));

/** Whether this controller decides about the taint; all others are left alone. */
const isOurs = ({ key, effect }: Taint): boolean =>
  (effect === 'NoSchedule' && schedulingKeys.has(key)) ||
  (effect === 'NoExecute' && evictingKeys.has(key));

export interface TaintOptions {
  /** Whether a node that is not ready may lose its pods now. */
  readonly mayEvict: boolean;
  /** RFC 3339, for taints that are new. */
  readonly now: string;
}

function wantedTaints(node: Node, { mayEvict, now }: TaintOptions): readonly Taint[] {
  const wanted: Taint[] = [];
  for (const { type, status } of node.status.conditions ?? []) {
    const key = conditionTaints[type]?.[status];
    if (key === undefined) continue;
    wanted.push({ key, effect: 'NoSchedule' });
    if (mayEvict && type === 'Ready') wanted.push({ key, effect: 'NoExecute', timeAdded: now });
  }
  if (node.spec.unschedulable === true) {
    wanted.push({ key: cordonKey, effect: 'NoSchedule', timeAdded: now });
  }
  return wanted;
}

const isSameTaint = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;

/** The taints as they should be, or undefined when they are. Those that stay keep the time they were added. */
export function correctedTaints(node: Node, options: TaintOptions): readonly Taint[] | undefined {
  const present = node.spec.taints ?? [];
  const wanted = wantedTaints(node, options);
  const kept = present.filter(
    (taint) => !isOurs(taint) || wanted.some((one) => isSameTaint(one, taint)),
  );
  const added = wanted.filter((taint) => !present.some((one) => isSameTaint(one, taint)));
  if (added.length === 0 && kept.length === present.length) return undefined;
  return [...kept, ...added];
}

/**
 * When the node's NoExecute taints end the pod, in milliseconds since the epoch: at once (0) if it does not tolerate one,
 * after the shortest `tolerationSeconds` of what it tolerates, or never (undefined).
 */
export function evictionTimeMs(pod: Pod, taints: readonly Taint[]): number | undefined {
  const times: number[] = [];
  for (const taint of taints) {
    if (taint.effect !== 'NoExecute') continue;
    const matching = (pod.spec.tolerations ?? []).filter((one) => toleratesTaint(one, taint));
    if (matching.length === 0) return 0;
    const seconds = matching
      .map(({ tolerationSeconds }) => tolerationSeconds)
      .filter((one) => one !== undefined);
    if (seconds.length === 0) continue;
    const addedMs = Date.parse(taint.timeAdded ?? '');
    times.push((Number.isNaN(addedMs) ? 0 : addedMs) + Math.max(Math.min(...seconds), 0) * 1000);
  }
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Whether the node has a taint that can end pods. */
export const hasEvictingTaint = (node: Node): boolean =>
  (node.spec.taints ?? []).some(({ effect }) => effect === 'NoExecute');
