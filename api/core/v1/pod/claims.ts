/** Which PersistentVolumeClaims the volumes of a pod are made of. Pure. */
import { isControlledBy } from '../../../meta/controller-ref.js';
import type { PersistentVolumeClaim, Pod, Volume } from '../types.js';

/** The claim of a pod's volume: the one it names, or the one that is made for an ephemeral volume. */
const claimNameOf = (pod: Pod, volume: Volume): string | undefined =>
  volume.ephemeral === undefined
    ? volume.persistentVolumeClaim?.claimName
    : `${pod.metadata.name}-${volume.name}`;

/** The names of the claims in the pod's namespace that its volumes are made of. */
export const claimNamesOf = (pod: Pod): readonly string[] =>
  (pod.spec.volumes ?? []).flatMap((volume) => claimNameOf(pod, volume) ?? []);

/** Whether the agent is done with a pod that still exists, or was told not to wait for it. */
const isPodShutDown = ({ metadata }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;

/**
 * Whether a pod of the claim's namespace uses the claim, as Kubernetes sees it: from when it has a node until it is gone,
 * finished or not. A claim that was made for the pod itself is used only until the pod is shut down: the two may wait for each other.
 */
export function usesClaim(pod: Pod, claim: PersistentVolumeClaim): boolean {
  if ((pod.spec.nodeName ?? '') === '') return false;
  return (pod.spec.volumes ?? []).some((volume) => {
    if (claimNameOf(pod, volume) !== claim.metadata.name) return false;
    return volume.ephemeral === undefined || (!isPodShutDown(pod) && isControlledBy(claim, pod));
  });
}
