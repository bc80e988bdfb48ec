/** What a pod refers to by name, so that its node may read it. Pure. */
import type { Pod } from '../../api/core/v1/types.js';
import { configMapNamesOf, secretNamesOf } from '../../api/core/v1/pod/api-references.js';
import { isMirrorPod } from '../../api/core/v1/pod/mirror-pod.js';

type References = ReadonlySet<string>;

const named = (names: readonly (string | undefined)[]): References =>
  new Set(names.filter((name): name is string => name !== undefined && name !== ''));

/** The Secrets of its namespace that a pod uses. */
export const secretsOf = (pod: Pod): References =>
  named(isMirrorPod(pod) ? [] : secretNamesOf(pod.spec));

/** The ConfigMaps of its namespace that a pod uses. */
export const configMapsOf = (pod: Pod): References =>
  named(isMirrorPod(pod) ? [] : configMapNamesOf(pod.spec));

/** The claims of its namespace that a pod's volumes are bound to, those made for it included. */
export function claimsOf(pod: Pod): References {
  if (isMirrorPod(pod)) return new Set();
  return named(
    (pod.spec.volumes ?? []).map(({ name, persistentVolumeClaim, ephemeral }) =>
      ephemeral === undefined ? persistentVolumeClaim?.claimName : `${pod.metadata.name}-${name}`,
    ),
  );
}

/** The ResourceClaims of its namespace that a pod uses, by their own names. */
export function resourceClaimsOf(pod: Pod): References {
  if (isMirrorPod(pod)) return new Set();
  const { resourceClaimStatuses = [], extendedResourceClaimStatus } =
    (pod.status as Pod['status'] | undefined) ?? {};
  return named([
    ...(pod.spec.resourceClaims ?? []).map(({ resourceClaimName }) => resourceClaimName),
    ...resourceClaimStatuses.map(({ resourceClaimName }) => resourceClaimName),
    extendedResourceClaimStatus?.resourceClaimName,
  ]);
}

/** The account a pod runs as; undefined for mirror pods, which run as none. */
export const accountNameOf = (pod: Pod): string | undefined =>
  isMirrorPod(pod) ? undefined : pod.spec.serviceAccountName;
