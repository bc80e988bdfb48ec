/** How far a rolling update may leave the number of replicas wanted, upwards and downwards. Pure. */
import type { Deployment } from '../../../api/apps/v1/types.js';

const defaultShare = '25%';

/** How many replicas the Deployment asks for. */
export const replicasOf = (deployment: Deployment): number => deployment.spec.replicas ?? 1;

/** Whether old pods are replaced step by step. */
export const isRollingUpdate = (deployment: Deployment): boolean =>
  deployment.spec.strategy?.type !== 'Recreate';

function scaled(value: number | string, total: number, round: (share: number) => number): number {
  if (typeof value === 'number') return value;
  const percent = Number(/^([0-9]+)%$/.exec(value)?.[1] ?? 0);
  return round((percent * total) / 100);
}

/** Surge is rounded up and unavailability down; where both come to zero one pod may be unavailable. */
function fenceposts(deployment: Deployment): { surge: number; unavailable: number } {
  const { maxSurge, maxUnavailable } = deployment.spec.strategy?.rollingUpdate ?? {};
  const replicas = replicasOf(deployment);
  const surge = scaled(maxSurge ?? defaultShare, replicas, Math.ceil);
  const unavailable = scaled(maxUnavailable ?? defaultShare, replicas, Math.floor);
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}

/** How many pods may exist above the replicas wanted. */
export const maxSurgeOf = (deployment: Deployment): number =>
  isRollingUpdate(deployment) ? fenceposts(deployment).surge : 0;

/** How many of the replicas wanted may be unavailable. */
export function maxUnavailableOf(deployment: Deployment): number {
  const replicas = replicasOf(deployment);
  if (!isRollingUpdate(deployment) || replicas === 0) return 0;
  return Math.min(fenceposts(deployment).unavailable, replicas);
}
