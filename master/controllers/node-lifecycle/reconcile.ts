/**
 * One node: marks it unknown once it has been silent too long, keeps its taints in step with its conditions, shows its pods
 * as not ready while it cannot be reached, and ends pods whose time on a tainted node is over. Pure.
 */
import { nodes as nodesRef } from '../../../api/core/v1/node.js';
import { pods as podsRef } from '../../../api/core/v1/pod/pod.js';
import { isPodTerminal, podCondition } from '../../../api/core/v1/pod/conditions.js';
import type { Node, NodeCondition, Pod } from '../../../api/core/v1/types.js';
import { timestamp } from '../../../api/meta/timestamp.js';
import type { Action, ReconcileResult } from '../../../machinery/controller/controller.js';
import { correctedTaints, evictionTimeMs } from './taints.js';

export interface NodeLifecycleSnapshot {
  readonly node: Node;
  /** Seen for the first time by this controller. */
  readonly isNew: boolean;
  /** Those on the node; may be left empty while it is ready and has no NoExecute taint. */
  readonly pods: readonly Pod[];
  readonly nowMs: number;
  /** How long nothing has been heard of the node, and how long that may be. */
  readonly silentMs: number;
  readonly graceMs: number;
  readonly mayEvict: boolean;
}

/** Conditions the agent reports, in the order it does. */
const agentConditions = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;

export function reconcile(snapshot: NodeLifecycleSnapshot): ReconcileResult {
  const { silentMs, graceMs } = snapshot;
  const isSilent = silentMs >= graceMs;
  if (isSilent) {
    const actions = markUnknown(snapshot);
    // The taints follow from the conditions, so they wait for the next round, which the write brings about.
    if (actions.length > 0) return { actions };
  }
  const evictions = evictionsOf(snapshot);
  const actions = [
    ...(snapshot.isNew ? [registeredEvent(snapshot.node)] : []),
    ...taintActions(snapshot),
    ...notReadyPods(snapshot),
    ...evictions.actions,
  ];
  const waits = [...(isSilent ? [] : [graceMs - silentMs]), ...evictions.waitsMs];
  return waits.length === 0 ? { actions } : { actions, requeueAfterMs: Math.min(...waits) };
}

const conditionOf = (node: Node, type: NodeCondition['type']): NodeCondition | undefined =>
  node.status.conditions?.find((condition) => condition.type === type);

function markUnknown({ node, nowMs }: NodeLifecycleSnapshot): readonly Action[] {
  const stale = agentConditions.filter((type) => conditionOf(node, type)?.status !== 'Unknown');
  if (stale.length === 0) return [];
  const now = timestamp(nowMs);
  const unknown = (type: NodeCondition['type']): NodeCondition => {
    const known = conditionOf(node, type);
    const isKnown = known !== undefined;
    return {
      type,
      status: 'Unknown',
      reason: isKnown ? 'NodeStatusUnknown' : 'NodeStatusNeverUpdated',
      message: isKnown
        ? 'Kubelet stopped posting node status.'
        : 'Kubelet never posted node status.',
      lastHeartbeatTime: known?.lastHeartbeatTime ?? node.metadata.creationTimestamp,
      lastTransitionTime: now,
    };
  };
  const conditions = [
    ...(node.status.conditions ?? []).map((condition) =>
      stale.some((type) => type === condition.type) ? unknown(condition.type) : condition,
    ),
    ...stale.filter((type) => conditionOf(node, type) === undefined).map(unknown),
  ];
  const actions: Action[] = [
    {
      type: 'updateStatus',
      resource: nodesRef,
      object: { ...node, status: { ...node.status, conditions } } as Node,
      reason: 'the node has been silent for longer than its grace',
    },
  ];
  if (conditionOf(node, 'Ready')?.status === 'True') actions.push(notReadyEvent(node));
  return actions;
}

const notReadyEvent = (node: Node): Action => ({
  type: 'event',
  regarding: node,
  eventType: 'Normal',
  eventReason: 'NodeNotReady',
  message: `Node ${node.metadata.name} status is now: NodeNotReady`,
  reason: 'the node cannot be reached',
});

const registeredEvent = (node: Node): Action => ({
  type: 'event',
  regarding: node,
  eventType: 'Normal',
  eventReason: 'RegisteredNode',
  message: `Node ${node.metadata.name} event: Registered Node ${node.metadata.name} in Controller`,
  reason: 'the node is new',
});

function taintActions({ node, mayEvict, nowMs }: NodeLifecycleSnapshot): readonly Action[] {
  const taints = correctedTaints(node, { mayEvict, now: timestamp(nowMs) });
  if (taints === undefined) return [];
  const { name, resourceVersion } = node.metadata;
  return [
    {
      type: 'patch',
      resource: nodesRef,
      name,
      patchType: 'merge',
      // The version guards against taints others add meanwhile; the list is replaced as a whole.
      body: { metadata: { resourceVersion }, spec: { taints } },
      reason: 'taints follow the conditions of the node',
    },
  ];
}

/** Services must stop sending to pods nobody can vouch for. */
function notReadyPods({ node, pods, nowMs }: NodeLifecycleSnapshot): readonly Action[] {
  if (conditionOf(node, 'Ready')?.status !== 'Unknown') return [];
  return pods
    .filter((pod) => podCondition(pod, 'Ready')?.status === 'True' && !isPodTerminal(pod))
    .flatMap((pod): readonly Action[] => [
      {
        type: 'updateStatus',
        resource: podsRef,
        object: withReadyFalse(pod, timestamp(nowMs)),
        reason: 'the node of the pod cannot be reached',
      },
      {
        type: 'event',
        regarding: pod,
        eventType: 'Warning',
        eventReason: 'NodeNotReady',
        message: 'Node is not ready',
        reason: 'the node of the pod cannot be reached',
      },
    ]);
}

const withReadyFalse = (pod: Pod, now: string): Pod => ({
  ...pod,
  status: {
    ...pod.status,
    conditions: (pod.status.conditions ?? []).map((condition) =>
      condition.type === 'Ready'
        ? { ...condition, status: 'False' as const, lastTransitionTime: now }
        : condition,
    ),
  },
});

interface Evictions {
  readonly actions: readonly Action[];
  readonly waitsMs: readonly number[];
}

function evictionsOf({ node, pods, nowMs }: NodeLifecycleSnapshot): Evictions {
  const actions: Action[] = [];
  const waitsMs: number[] = [];
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp !== undefined || isPodTerminal(pod)) continue;
    const atMs = evictionTimeMs(pod, node.spec.taints ?? []);
    if (atMs === undefined) continue;
    if (atMs > nowMs) waitsMs.push(atMs - nowMs);
    else actions.push(...evict(pod, timestamp(nowMs)));
  }
  return { actions, waitsMs };
}

function evict(pod: Pod, now: string): readonly Action[] {
  const { namespace, name, uid } = pod.metadata;
  const target = { resource: podsRef, namespace, name };
  const reason = 'the pod does not tolerate a NoExecute taint of its node any longer';
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
    lastTransitionTime: now,
  };
  return [
    {
      type: 'event',
      regarding: pod,
      eventType: 'Normal',
      eventReason: 'TaintManagerEviction',
      message: `Marking for deletion Pod ${namespace ?? ''}/${name}`,
      reason,
    },
    {
      ...target,
      type: 'patch',
      patchType: 'strategic',
      subresource: 'status',
      body: { metadata: { uid }, status: { conditions: [condition] } },
      reason,
    },
    { ...target, type: 'delete', uid, reason },
  ];
}
