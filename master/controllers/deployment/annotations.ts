/** The annotations in which a Deployment keeps its revisions, for `kubectl rollout`, and sizes, for scaling. Pure. */
import type { Deployment, ReplicaSet } from '../../../api/apps/v1/types.js';
import { maxSurgeOf, replicasOf } from './fenceposts.js';
import { maxRevisionHistoryLength } from './limits.js';

export type Annotations = Readonly<Record<string, string>>;

/** The number of the revision a ReplicaSet, or the Deployment itself, is at. */
export const revisionAnnotation = 'deployment.kubernetes.io/revision';
const historyAnnotation = 'deployment.kubernetes.io/revision-history';
const desiredReplicasAnnotation = 'deployment.kubernetes.io/desired-replicas';
const maxReplicasAnnotation = 'deployment.kubernetes.io/max-replicas';

/** Annotations of a Deployment that its ReplicaSets do not share. */
const notCopied: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  historyAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  'deprecated.deployment.rollback.to',
]);

const integer = (text: string | undefined): number | undefined =>
  text !== undefined && /^-?[0-9]+$/.test(text) ? Number(text) : undefined;

/** The revision an object carries; 0 for none. */
export const revisionOf = (object: {
  metadata: { annotations?: Annotations | undefined };
}): number => integer(object.metadata.annotations?.[revisionAnnotation]) ?? 0;

/** How many replicas the Deployment asked for when the ReplicaSet was last sized. */
export const desiredReplicasOf = (replicaSet: ReplicaSet): number | undefined =>
  integer(replicaSet.metadata.annotations?.[desiredReplicasAnnotation]);

/** How many there could be then, surge included. */
export const maxReplicasOf = (replicaSet: ReplicaSet): number | undefined =>
  integer(replicaSet.metadata.annotations?.[maxReplicasAnnotation]);

/** What a ReplicaSet's annotations say of the size wanted when it was last scaled. */
export const sizeAnnotations = (deployment: Deployment): Annotations => ({
  [desiredReplicasAnnotation]: String(replicasOf(deployment)),
  [maxReplicasAnnotation]: String(replicasOf(deployment) + maxSurgeOf(deployment)),
});

/** The list of former revisions with one more, shortened at its old end. */
function historyWith(history: string | undefined, revision: string): string {
  const revisions = [...(history ?? '').split(',').filter((one) => one !== ''), revision];
  while (revisions.length > 1 && revisions.join(',').length > maxRevisionHistoryLength) {
    revisions.shift();
  }
  return revisions.join(',');
}

/** The annotations of the ReplicaSet that becomes `revision`: the Deployment's own and the revision's. */
export function annotationsForRevision(
  deployment: Deployment,
  present: Annotations,
  revision: number,
): Annotations {
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(
    ([name]) => !notCopied.has(name),
  );
  const result: Record<string, string> = { ...present, ...Object.fromEntries(copied) };
  const former = present[revisionAnnotation];
  if ((integer(former) ?? 0) >= revision) return result;
  result[revisionAnnotation] = String(revision);
  if (former !== undefined)
    result[historyAnnotation] = historyWith(present[historyAnnotation], former);
  return result;
}
