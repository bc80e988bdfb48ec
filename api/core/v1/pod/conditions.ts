/**
 * What a pod's status says, in one place: ready, available, finished, terminating, restartable init containers.
 *
 * Called by controllers, the scheduler, the agent and the table columns. Pure.
 */
import type { Container, Pod, PodCondition } from '../types.js';

/** The condition of the given type, if the pod's status has one. */
export const podCondition = (pod: Pod, type: PodCondition['type']): PodCondition | undefined =>
  (pod.status as Pod['status'] | undefined)?.conditions?.find(
    (condition) => condition.type === type,
  );

/** Whether the condition of the given type is `True`. */
export const hasPodCondition = (pod: Pod, type: PodCondition['type']): boolean =>
  podCondition(pod, type)?.status === 'True';

/** Whether the pod's Ready condition is `True`. */
export const isPodReady = (pod: Pod): boolean => hasPodCondition(pod, 'Ready');

/** Whether a node has been chosen for the pod. */
export const isPodScheduled = (pod: Pod): boolean => (pod.spec.nodeName ?? '') !== '';

/** Whether every container has ended for good: phase Succeeded or Failed. */
export const isPodTerminal = (pod: Pod): boolean => {
  const phase = (pod.status as Pod['status'] | undefined)?.phase;
  return phase === 'Succeeded' || phase === 'Failed';
};

/** Whether the pod has been asked to go away. */
export const isPodTerminating = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;

/** Whether the pod counts towards the replicas of its controller: neither finished nor going away. */
export const isPodActive = (pod: Pod): boolean => !isPodTerminal(pod) && !isPodTerminating(pod);

/** Milliseconds until a ready pod is available, 0 when it is, undefined while it is not ready. */
export function msUntilPodAvailable(
  pod: Pod,
  minReadySeconds: number,
  nowMs: number,
): number | undefined {
  const ready = podCondition(pod, 'Ready');
  if (ready?.status !== 'True') return undefined;
  if (minReadySeconds <= 0) return 0;
  const sinceMs = Date.parse(ready.lastTransitionTime ?? '');
  if (Number.isNaN(sinceMs)) return undefined;
  return Math.max(0, sinceMs + minReadySeconds * 1000 - nowMs);
}

/** Whether an init container keeps running beside the app containers (a sidecar). */
export const isRestartableInit = (container: Pick<Container, 'restartPolicy'>): boolean =>
  container.restartPolicy === 'Always';
