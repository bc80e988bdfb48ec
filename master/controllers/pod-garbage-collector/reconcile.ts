/** Decides about one pod whose owner on a node may be gone, or about ended pods that became too many. Pure. */
import { pods as podsRef } from '../../../api/core/v1/pod/pod.js';
import { isPodTerminal } from '../../../api/core/v1/pod/conditions.js';
import type { Node, Pod } from '../../../api/core/v1/types.js';
import { hasCondition } from '../../../api/meta/conditions.js';
import { timestamp } from '../../../api/meta/timestamp.js';
import type { Action, ReconcileResult } from '../../../machinery/controller/controller.js';
import { deletionsPerSweep, missingNodeGraceMs, terminatedPodsKept } from './limits.js';

export type PodGarbageSnapshot =
  | {
      readonly type: 'pod';
      readonly pod: Pod;
      /** The node the pod names; undefined when it names none, or one that does not exist. */
      readonly node: Node | undefined;
      /** How long the node it names has been missing; undefined when it is not. */
      readonly nodeMissingMs: number | undefined;
      readonly nowMs: number;
    }
  | {
      readonly type: 'terminated';
      readonly pods: readonly Pod[];
    };

const outOfServiceKey = 'node.kubernetes.io/out-of-service';

export function reconcile(snapshot: PodGarbageSnapshot): ReconcileResult {
  if (snapshot.type === 'terminated') return { actions: beyondThreshold(snapshot.pods) };
  const { pod, node, nodeMissingMs, nowMs } = snapshot;
  const isTerminating = pod.metadata.deletionTimestamp !== undefined;
  if (nodeMissingMs !== undefined) {
    const leftMs = missingNodeGraceMs - nodeMissingMs;
    if (leftMs > 0) return { actions: [], requeueAfterMs: leftMs };
    return { actions: endAndDelete(pod, { why: 'node no longer exists', now: timestamp(nowMs) }) };
  }
  if (isTerminating && (pod.spec.nodeName ?? '') === '') {
    return { actions: [remove(pod, 'the pod was deleted before it was placed')] };
  }
  if (isTerminating && node !== undefined && isOutOfService(node)) {
    return {
      actions: endAndDelete(pod, { why: 'node is out-of-service', now: timestamp(nowMs) }),
    };
  }
  return { actions: [] };
}

/** The user has said that the node is shut down for good, and it is not ready. */
const isOutOfService = (node: Node): boolean =>
  (node.spec.taints ?? []).some(({ key }) => key === outOfServiceKey) &&
  !hasCondition(node, 'Ready');

const remove = ({ metadata: { namespace, name, uid } }: Pod, reason: string): Action => ({
  type: 'delete',
  resource: podsRef,
  namespace,
  name,
  uid,
  gracePeriodSeconds: 0,
  reason,
});

/** Nobody is left to say how the pod ended, so it failed; its controller counts on hearing that. */
function endAndDelete(pod: Pod, { why, now }: { why: string; now: string }): readonly Action[] {
  const { namespace, name, uid } = pod.metadata;
  const deletion = remove(pod, why);
  if (isPodTerminal(pod)) return [deletion];
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByPodGC',
    message: `PodGC: ${why}`,
    lastTransitionTime: now,
  };
  return [
    {
      type: 'patch',
      resource: podsRef,
      namespace,
      name,
      patchType: 'strategic',
      subresource: 'status',
      body: { metadata: { uid }, status: { phase: 'Failed', conditions: [condition] } },
      reason: why,
    },
    deletion,
  ];
}

function beyondThreshold(pods: readonly Pod[]): readonly Action[] {
  const surplus = pods.length - terminatedPodsKept;
  if (surplus <= 0) return [];
  const age = ({ metadata: { creationTimestamp, name } }: Pod): string =>
    `${creationTimestamp}|${name}`;
  return [...pods]
    .sort((a, b) => (age(a) < age(b) ? -1 : 1))
    .slice(0, Math.min(surplus, deletionsPerSweep))
    .map((pod) => remove(pod, `more than ${terminatedPodsKept} pods have ended`));
}
