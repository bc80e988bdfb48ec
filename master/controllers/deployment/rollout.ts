/**
 * Sizes during a rollout: rolling update, recreate, and scaling in the middle of either. Changes drafts; decides nothing
 * about status. The arithmetic is that of Kubernetes' deployment controller.
 */
import type { Deployment } from '../../../api/apps/v1/types.js';
import type { Pod } from '../../../api/core/v1/types.js';
import { desiredReplicasOf, maxReplicasOf, sizeAnnotations } from './annotations.js';
import { isRollingUpdate, maxSurgeOf, maxUnavailableOf, replicasOf } from './fenceposts.js';
import { byAge, totalAvailable, totalReplicas, type ReplicaSetDraft } from './replica-set-draft.js';

/** The ReplicaSets of a Deployment: the one with its template, if there is one, and the others, oldest first. */
export interface Family {
  readonly current: ReplicaSetDraft | undefined;
  readonly old: readonly ReplicaSetDraft[];
}

/** All ReplicaSets of a Deployment, the current one last. */
export const members = ({ current, old }: Family): readonly ReplicaSetDraft[] =>
  current === undefined ? old : [...old, current];

const active = (drafts: readonly ReplicaSetDraft[]): readonly ReplicaSetDraft[] =>
  drafts.filter((draft) => draft.replicas > 0);

function resize(draft: ReplicaSetDraft, replicas: number, deployment: Deployment): boolean {
  if (draft.replicas === replicas) return false;
  draft.replicas = replicas;
  draft.annotate(sizeAnnotations(deployment));
  return true;
}

/** The size the current ReplicaSet may have now without exceeding the surge. */
export function currentSize(
  deployment: Deployment,
  all: readonly ReplicaSetDraft[],
  current: ReplicaSetDraft,
): number {
  const wanted = replicasOf(deployment);
  if (!isRollingUpdate(deployment)) return wanted;
  const room = wanted + maxSurgeOf(deployment) - totalReplicas(all);
  if (room <= 0) return current.replicas;
  return current.replicas + Math.min(room, wanted - current.replicas);
}

/** Brings the current ReplicaSet as far as it may go; whether that changed anything. */
export function resizeCurrent(deployment: Deployment, family: Family): boolean {
  const { current } = family;
  if (current === undefined) return false;
  const wanted = replicasOf(deployment);
  if (current.replicas === wanted) return false;
  if (current.replicas > wanted) return resize(current, wanted, deployment);
  return resize(current, currentSize(deployment, members(family), current), deployment);
}

/** Takes down old pods that are not available first: removing them costs nothing. */
function dropUnhealthy(
  deployment: Deployment,
  old: readonly ReplicaSetDraft[],
  most: number,
): number {
  let dropped = 0;
  for (const draft of old) {
    const surplus = Math.min(most - dropped, draft.replicas - draft.available);
    if (surplus <= 0) continue;
    resize(draft, draft.replicas - surplus, deployment);
    dropped += surplus;
  }
  return dropped;
}

/** Takes down old pods while enough others are available; whether that changed anything. */
export function shrinkOld(deployment: Deployment, family: Family): boolean {
  const { current } = family;
  const old = active(family.old);
  if (current === undefined || old.length === 0) return false;
  const minAvailable = replicasOf(deployment) - maxUnavailableOf(deployment);
  const notYetAvailable = current.replicas - current.available;
  const most = totalReplicas([...old, current]) - minAvailable - notYetAvailable;
  if (most <= 0) return false;
  const dropped = dropUnhealthy(deployment, old, most);
  const spare = totalAvailable([...old, current]) - minAvailable;
  let removed = 0;
  for (const draft of old) {
    const count = Math.min(draft.replicas, spare - removed);
    if (count <= 0) continue;
    resize(draft, draft.replicas - count, deployment);
    removed += count;
  }
  return dropped + removed > 0;
}

/** Takes all old ReplicaSets down to zero; whether that changed anything. */
export function emptyOld(deployment: Deployment, family: Family): boolean {
  return active(family.old)
    .map((draft) => resize(draft, 0, deployment))
    .includes(true);
}

/** Whether pods of old ReplicaSets may still run. `pods` are those of the whole family. */
export function oldPodsRun(family: Family, pods: readonly Pod[]): boolean {
  if (family.old.some(({ stored }) => stored.status.replicas > 0)) return true;
  const currentUid = family.current?.stored.metadata.uid;
  return pods.some(
    (pod) =>
      pod.metadata.ownerReferences?.some(({ uid }) => uid === currentUid) !== true &&
      pod.status.phase !== 'Failed' &&
      pod.status.phase !== 'Succeeded',
  );
}

/** Whether the Deployment's size was changed since its ReplicaSets were last sized. */
export const isScalingEvent = (deployment: Deployment, family: Family): boolean =>
  active(members(family)).some(({ stored }) => {
    const desired = desiredReplicasOf(stored);
    return desired !== undefined && desired !== replicasOf(deployment);
  });

/** The one ReplicaSet to scale where there is no doubt: the only one with pods, or else the newest. */
function onlyActive(family: Family): ReplicaSetDraft | undefined {
  const running = active(members(family));
  if (running.length > 1) return undefined;
  return running[0] ?? family.current ?? family.old.at(-1);
}

const isSaturated = (deployment: Deployment, current: ReplicaSetDraft | undefined): boolean => {
  const wanted = replicasOf(deployment);
  return (
    current !== undefined &&
    desiredReplicasOf(current.stored) === wanted &&
    current.replicas === wanted &&
    current.available === wanted
  );
};

/** What a ReplicaSet gains or loses so that it keeps its share of the Deployment. */
function fairShare(draft: ReplicaSetDraft, deployment: Deployment): number {
  const wanted = replicasOf(deployment);
  if (wanted === 0) return -draft.replicas;
  const before = maxReplicasOf(draft.stored) ?? 0;
  const total = before === 0 ? (deployment.status.replicas ?? 0) : before;
  if (total === 0) return 0;
  const size = Math.round((draft.replicas * (wanted + maxSurgeOf(deployment))) / total);
  return size - draft.replicas;
}

/** Spreads a change of size over all ReplicaSets with pods, in proportion to what they have. */
function scaleInProportion(deployment: Deployment, family: Family): void {
  const wanted = replicasOf(deployment);
  const allowed = wanted === 0 ? 0 : wanted + maxSurgeOf(deployment);
  const running = active(members(family));
  const toAdd = allowed - totalReplicas(running);
  const newestFirst = toAdd > 0 ? -1 : 1;
  const ordered = [...running].sort(
    (left, right) =>
      right.replicas - left.replicas || newestFirst * byAge(left.stored, right.stored),
  );
  let added = 0;
  const sizes = ordered.map((draft) => {
    const left = toAdd - added;
    if (left === 0) return draft.replicas;
    const share = fairShare(draft, deployment);
    const change = toAdd > 0 ? Math.min(share, left) : Math.max(share, left);
    added += change;
    return draft.replicas + change;
  });
  ordered.forEach((draft, at) => {
    const leftover = at === 0 ? toAdd - added : 0;
    draft.replicas = Math.max(0, (sizes[at] ?? draft.replicas) + leftover);
    draft.annotate(sizeAnnotations(deployment));
  });
}

/** Follows a change of the Deployment's size without moving the rollout on. */
export function scale(deployment: Deployment, family: Family): void {
  const only = onlyActive(family);
  if (only !== undefined) {
    resize(only, replicasOf(deployment), deployment);
    // The size wanted may have been changed and changed back; the annotations must say the last.
    if (only.replicas > 0) only.annotate(sizeAnnotations(deployment));
  } else if (isSaturated(deployment, family.current)) {
    emptyOld(deployment, family);
  } else if (isRollingUpdate(deployment)) {
    scaleInProportion(deployment, family);
  }
}
