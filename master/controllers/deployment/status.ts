/** What a Deployment's status says: counts, and the conditions that `kubectl rollout status` waits on. Pure. */
import type {
  Deployment,
  DeploymentCondition,
  DeploymentStatus,
} from '../../../api/apps/v1/types.js';
import { maxUnavailableOf, replicasOf } from './fenceposts.js';
import { totalAvailable, totalReplicas } from './replica-set-draft.js';
import { members, type Family } from './rollout.js';

export type Conditions = readonly DeploymentCondition[];
type ConditionType = DeploymentCondition['type'];

/** Kubernetes writes this for "never". */
const noDeadline = 2_147_483_647;

/** The reasons of the condition `Progressing`. */
export const progressReason = {
  created: 'NewReplicaSetCreated',
  found: 'FoundNewReplicaSet',
  updated: 'ReplicaSetUpdated',
  available: 'NewReplicaSetAvailable',
  createFailed: 'ReplicaSetCreateError',
  timedOut: 'ProgressDeadlineExceeded',
  paused: 'DeploymentPaused',
  resumed: 'DeploymentResumed',
} as const;

/** Milliseconds a rollout may stand still; undefined for ever. */
export function progressDeadlineMs(deployment: Deployment): number | undefined {
  const seconds = deployment.spec.progressDeadlineSeconds;
  return seconds === undefined || seconds === noDeadline ? undefined : seconds * 1000;
}

/** The condition of that type, if there is one. */
export const conditionOf = (
  conditions: Conditions,
  type: ConditionType,
): DeploymentCondition | undefined => conditions.find((condition) => condition.type === type);

const withoutCondition = (conditions: Conditions, type: ConditionType): Conditions =>
  conditions.filter((condition) => condition.type !== type);

export interface NewCondition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** Sets a condition unless it says the same already; the transition time changes only with the status. */
export function withCondition(
  conditions: Conditions,
  change: NewCondition,
  now: string,
): Conditions {
  const present = conditionOf(conditions, change.type);
  if (present?.status === change.status && present.reason === change.reason) return conditions;
  const lastTransitionTime =
    present?.status === change.status ? (present.lastTransitionTime ?? now) : now;
  return [
    ...withoutCondition(conditions, change.type),
    { ...change, lastUpdateTime: now, lastTransitionTime },
  ];
}

type Counts = Omit<DeploymentStatus, 'conditions'>;

/** Fields that count nothing are left out, as the API writes them. */
const nonZero = <K extends keyof Counts>(name: K, value: number): Partial<Pick<Counts, K>> =>
  value === 0 ? {} : ({ [name]: value } as Partial<Pick<Counts, K>>);

function countsOf(deployment: Deployment, family: Family): Counts {
  const all = members(family);
  const existing = all.filter((draft) => !draft.isNew);
  const sum = (count: 'replicas' | 'readyReplicas' | 'terminatingReplicas'): number =>
    existing.reduce((total, { stored }) => total + (stored.status[count] ?? 0), 0);
  const available = totalAvailable(existing);
  const updated = family.current?.stored.status.replicas ?? 0;
  const { collisionCount } = deployment.status;
  return {
    observedGeneration: deployment.metadata.generation,
    ...nonZero('replicas', sum('replicas')),
    ...nonZero('updatedReplicas', updated),
    ...nonZero('readyReplicas', sum('readyReplicas')),
    ...nonZero('availableReplicas', available),
    ...nonZero('unavailableReplicas', Math.max(0, totalReplicas(all) - available)),
    terminatingReplicas: sum('terminatingReplicas'),
    ...(collisionCount === undefined ? {} : { collisionCount }),
  };
}

/** The counts, the Available condition, and the other conditions as they are. */
export function calculateStatus(
  deployment: Deployment,
  family: Family,
  options: { readonly conditions: Conditions; readonly now: string },
): DeploymentStatus {
  const counts = countsOf(deployment, family);
  const wanted = replicasOf(deployment) - maxUnavailableOf(deployment);
  const isAvailable = (counts.availableReplicas ?? 0) >= wanted;
  const available: NewCondition = isAvailable
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
  return { ...counts, conditions: [...withCondition(options.conditions, available, options.now)] };
}

/** Whether every replica is of the current template and available, and nothing else is left. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const wanted = replicasOf(deployment);
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** Whether the rollout has moved on since the status that is stored. */
function hasProgressed(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus): number =>
    (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

/** Milliseconds left until the rollout counts as stuck; undefined when nothing is running out. */
export function msUntilStuck(
  deployment: Deployment,
  status: DeploymentStatus,
  nowMs: number,
): number | undefined {
  const deadlineMs = progressDeadlineMs(deployment);
  const progressing = conditionOf(status.conditions ?? [], 'Progressing');
  if (deadlineMs === undefined || progressing === undefined) return undefined;
  if (progressing.reason === progressReason.available) return undefined;
  if (progressing.reason === progressReason.timedOut) return undefined;
  return Date.parse(progressing.lastUpdateTime ?? '') + deadlineMs - nowMs;
}

/** The Progressing condition after a step of the rollout. */
export function withProgress(
  deployment: Deployment,
  status: DeploymentStatus,
  options: { readonly current: string | undefined; readonly now: string; readonly nowMs: number },
): DeploymentStatus {
  const conditions = status.conditions ?? [];
  if (progressDeadlineMs(deployment) === undefined) {
    return { ...status, conditions: [...withoutCondition(conditions, 'Progressing')] };
  }
  const present = conditionOf(conditions, 'Progressing');
  const wasComplete =
    status.replicas === status.updatedReplicas && present?.reason === progressReason.available;
  if (wasComplete) return status;
  const { current, now, nowMs } = options;
  const subject =
    current === undefined
      ? `Deployment ${JSON.stringify(deployment.metadata.name)}`
      : `ReplicaSet ${JSON.stringify(current)}`;
  const set = (state: 'True' | 'False', reason: string, says: string): DeploymentStatus => {
    const message = `${subject} ${says}`;
    const change: NewCondition = { type: 'Progressing', status: state, reason, message };
    return { ...status, conditions: [...withCondition(conditions, change, now)] };
  };
  if (isComplete(deployment, status)) {
    return set('True', progressReason.available, 'has successfully progressed.');
  }
  if (hasProgressed(deployment.status, status)) {
    const message = `${subject} is progressing.`;
    return { ...status, conditions: [...withFreshProgress(conditions, message, now)] };
  }
  const leftMs = msUntilStuck(deployment, status, nowMs);
  return leftMs !== undefined && leftMs < 0
    ? set('False', progressReason.timedOut, 'has timed out progressing.')
    : status;
}

/** Each step forward restarts the deadline, even where the condition says the same as before. */
function withFreshProgress(conditions: Conditions, message: string, now: string): Conditions {
  const present = conditionOf(conditions, 'Progressing');
  const since = present?.status === 'True' ? present.lastTransitionTime : undefined;
  return [
    ...withoutCondition(conditions, 'Progressing'),
    {
      type: 'Progressing',
      status: 'True',
      reason: progressReason.updated,
      message,
      lastUpdateTime: now,
      lastTransitionTime: since ?? now,
    },
  ];
}

/** The ReplicaFailure condition: that of the current ReplicaSet, or else of any. */
export function withReplicaFailure(
  status: DeploymentStatus,
  family: Family,
  now: string,
): DeploymentStatus {
  const conditions = status.conditions ?? [];
  const candidates = [family.current, ...family.old].flatMap((draft) =>
    draft === undefined ? [] : (draft.stored.status.conditions ?? []),
  );
  const [failure] = candidates;
  if (failure === undefined) {
    return { ...status, conditions: [...withoutCondition(conditions, 'ReplicaFailure')] };
  }
  const change: NewCondition = {
    type: 'ReplicaFailure',
    status: failure.status === 'False' ? 'False' : 'True',
    reason: failure.reason ?? '',
    message: failure.message ?? '',
  };
  return { ...status, conditions: [...withCondition(conditions, change, now)] };
}
