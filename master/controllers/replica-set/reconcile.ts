/**
 * What a ReplicaSet needs done: pods adopted or released, created or deleted, its status written. Pure.
 */
import { jsonEqual } from '../../../api/patch/json-value.js';
import { replicaSets } from '../../../api/apps/v1/replica-set.js';
import type {
  ReplicaSet,
  ReplicaSetCondition,
  ReplicaSetStatus,
} from '../../../api/apps/v1/types.js';
import {
  isPodActive,
  isPodReady,
  isPodTerminal,
  msUntilPodAvailable,
} from '../../../api/core/v1/pod/conditions.js';
import { pods } from '../../../api/core/v1/pod/pod.js';
import type { Pod } from '../../../api/core/v1/types.js';
import {
  adoptionPatch,
  controllerOf,
  controllerReference,
  isControlledBy,
  releasePatch,
} from '../../../api/meta/controller-ref.js';
import { labelMatcherFrom, matchesLabels } from '../../../api/selectors/label.js';
import type {
  Action,
  ActionFailure,
  ReconcileResult,
} from '../../../machinery/controller/controller.js';
import { deletionOrder } from './deletion-order.js';
import { burstReplicas } from './limits.js';

export interface ReplicaSetSnapshot {
  readonly replicaSet: ReplicaSet;
  /** Pods it controls, and pods of its namespace that nobody controls. */
  readonly pods: readonly Pod[];
  /** Active pods of all ReplicaSets of the same owner, its own included. */
  readonly relatedPods: readonly Pod[];
  readonly failures: readonly ActionFailure[];
  readonly now: string;
  readonly nowMs: number;
}

const isTerminating = (object: ReplicaSet | Pod): boolean =>
  object.metadata.deletionTimestamp !== undefined;

interface Claimed {
  readonly actions: readonly Action[];
  readonly owned: readonly Pod[];
}

/** Keeps owned pods that match, lets go of owned pods that no longer do, and takes in orphans that do. */
function claimPods(snapshot: ReplicaSetSnapshot): Claimed {
  const { replicaSet } = snapshot;
  const matcher = labelMatcherFrom(replicaSet.spec.selector);
  const actions: Action[] = [];
  const owned: Pod[] = [];
  for (const pod of snapshot.pods) {
    const matches = matchesLabels(matcher, pod.metadata.labels);
    const target = {
      type: 'patch',
      resource: pods,
      namespace: pod.metadata.namespace,
      name: pod.metadata.name,
      patchType: 'strategic',
    } as const;
    const { uid } = pod.metadata;
    if (isControlledBy(pod, replicaSet)) {
      if (matches) owned.push(pod);
      else if (!isTerminating(replicaSet) && !isPodTerminal(pod)) {
        const body = releasePatch(replicaSet, uid);
        actions.push({ ...target, body, reason: 'its labels no longer match the selector' });
      }
    } else if (
      controllerOf(pod) === undefined &&
      matches &&
      isPodActive(pod) &&
      !isTerminating(replicaSet)
    ) {
      const body = adoptionPatch(replicaSet, uid);
      actions.push({ ...target, body, reason: 'an orphan matches the selector' });
      owned.push(pod);
    }
  }
  return { actions, owned };
}

function creation(replicaSet: ReplicaSet): Action {
  const { namespace, name } = replicaSet.metadata;
  const template = replicaSet.spec.template ?? {};
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    type: 'create',
    resource: pods,
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        namespace,
        generateName: `${name}-`,
        ...(labels === undefined ? {} : { labels }),
        ...(annotations === undefined ? {} : { annotations }),
        ...(finalizers === undefined ? {} : { finalizers }),
        ownerReferences: [controllerReference(replicaSet)],
      },
      spec: template.spec,
    },
    announce: {
      regarding: replicaSet,
      success: { eventReason: 'SuccessfulCreate', message: 'Created pod: {name}' },
      failure: { eventReason: 'FailedCreate', message: 'Error creating: {error}' },
    },
    reason: 'fewer pods than replicas',
  };
}

const deletion = (replicaSet: ReplicaSet, pod: Pod): Action => ({
  type: 'delete',
  resource: pods,
  namespace: pod.metadata.namespace,
  name: pod.metadata.name,
  uid: pod.metadata.uid,
  announce: {
    regarding: replicaSet,
    success: { eventReason: 'SuccessfulDelete', message: 'Deleted pod: {name}' },
    failure: { eventReason: 'FailedDelete', message: 'Error deleting: {error}' },
  },
  reason: 'more pods than replicas',
});

/** Creations or deletions that bring the number of active pods to the replicas wanted. */
function scaling(snapshot: ReplicaSetSnapshot, active: readonly Pod[]): readonly Action[] {
  const { replicaSet, relatedPods, nowMs } = snapshot;
  if (isTerminating(replicaSet)) return [];
  const surplus = active.length - (replicaSet.spec.replicas ?? 1);
  if (surplus < 0) {
    const create = creation(replicaSet);
    return Array.from({ length: Math.min(-surplus, burstReplicas) }, () => create);
  }
  return deletionOrder(active, relatedPods, nowMs)
    .slice(0, Math.min(surplus, burstReplicas))
    .map((pod) => deletion(replicaSet, pod));
}

/** ReplicaFailure, kept while creating or deleting pods fails, after the conditions that others report. */
function conditionsOf(
  snapshot: ReplicaSetSnapshot,
  active: readonly Pod[],
): readonly ReplicaSetCondition[] {
  const known = (snapshot.replicaSet.status as ReplicaSetStatus | undefined)?.conditions ?? [];
  const others = known.filter(({ type }) => type !== 'ReplicaFailure');
  const failure = snapshot.failures.find(
    ({ type, plural }) => plural === pods.plural && (type === 'create' || type === 'delete'),
  );
  if (failure === undefined) return others;
  if (known.length > others.length) return known;
  const tooFew = active.length < (snapshot.replicaSet.spec.replicas ?? 1);
  return [
    ...others,
    {
      type: 'ReplicaFailure',
      status: 'True',
      reason: tooFew ? 'FailedCreate' : 'FailedDelete',
      message: failure.message,
      lastTransitionTime: snapshot.now,
    },
  ];
}

function statusOf(
  snapshot: ReplicaSetSnapshot,
  owned: readonly Pod[],
  active: readonly Pod[],
): ReplicaSetStatus {
  const { replicaSet, nowMs } = snapshot;
  const templateLabels = Object.entries(replicaSet.spec.template?.metadata?.labels ?? {});
  const minReadySeconds = replicaSet.spec.minReadySeconds ?? 0;
  const count = (holds: (pod: Pod) => boolean): number => active.filter(holds).length;
  const conditions = conditionsOf(snapshot, active);
  const readyReplicas = count(isPodReady);
  const availableReplicas = count((pod) => msUntilPodAvailable(pod, minReadySeconds, nowMs) === 0);
  const fullyLabeledReplicas = count((pod) =>
    templateLabels.every(([name, value]) => pod.metadata.labels?.[name] === value),
  );
  const terminating = owned.filter((pod) => isTerminating(pod) && !isPodTerminal(pod)).length;
  return {
    replicas: active.length,
    ...(fullyLabeledReplicas === 0 ? {} : { fullyLabeledReplicas }),
    ...(readyReplicas === 0 ? {} : { readyReplicas }),
    ...(availableReplicas === 0 ? {} : { availableReplicas }),
    terminatingReplicas: terminating,
    observedGeneration: replicaSet.metadata.generation,
    ...(conditions.length === 0 ? {} : { conditions: [...conditions] }),
  };
}

/** Until when the earliest ready pod becomes available; undefined when none is waiting. */
function msUntilNextAvailable(
  snapshot: ReplicaSetSnapshot,
  active: readonly Pod[],
): number | undefined {
  const minReadySeconds = snapshot.replicaSet.spec.minReadySeconds ?? 0;
  const waits = active
    .map((pod) => msUntilPodAvailable(pod, minReadySeconds, snapshot.nowMs))
    .filter((waitMs): waitMs is number => waitMs !== undefined && waitMs > 0);
  return waits.length === 0 ? undefined : Math.min(...waits);
}

const withStatus = (replicaSet: ReplicaSet, status: ReplicaSetStatus): ReplicaSet => ({
  ...replicaSet,
  status,
});

export function reconcile(snapshot: ReplicaSetSnapshot): ReconcileResult {
  const { replicaSet } = snapshot;
  const { actions, owned } = claimPods(snapshot);
  const active = owned.filter(isPodActive);
  const status = statusOf(snapshot, owned, active);
  const requeueAfterMs = msUntilNextAvailable(snapshot, active);
  const statusActions: Action[] = jsonEqual(status, replicaSet.status)
    ? []
    : [
        {
          type: 'updateStatus',
          resource: replicaSets,
          object: withStatus(replicaSet, status),
          reason: 'the pods have changed',
        },
      ];
  return {
    actions: [...actions, ...scaling(snapshot, active), ...statusActions],
    ...(requeueAfterMs === undefined ? {} : { requeueAfterMs }),
  };
}
