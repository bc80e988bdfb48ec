/** What a pod refers to by name, so that its node may read it. Pure. */
import type { Pod, Volume } from '../../api/core/v1/types.js';
import { allContainers } from '../../api/core/v1/pod/containers.js';
import { isMirrorPod } from '../../api/core/v1/pod/mirror-pod.js';

type References = ReadonlySet<string>;

const named = (names: readonly (string | undefined)[]): References =>
  new Set(names.filter((name): name is string => name !== undefined && name !== ''));

const volumesOf = ({ spec }: Pod): readonly Volume[] => spec.volumes ?? [];

/** The volume types that name a Secret in the same namespace as `secretRef`. */
const driverSecrets = (volume: Volume): readonly (string | undefined)[] => [
  volume.azureFile?.secretName,
  volume.cephfs?.secretRef?.name,
  volume.cinder?.secretRef?.name,
  volume.csi?.nodePublishSecretRef?.name,
  volume.flexVolume?.secretRef?.name,
  volume.iscsi?.secretRef?.name,
  volume.rbd?.secretRef?.name,
  volume.scaleIO?.secretRef.name,
  volume.storageos?.secretRef?.name,
];

/** The Secrets of its namespace that a pod uses. */
export function secretsOf(pod: Pod): References {
  if (isMirrorPod(pod)) return new Set();
  return named([
    ...(pod.spec.imagePullSecrets ?? []).map(({ name }) => name),
    ...allContainers(pod.spec).flatMap(({ env = [], envFrom = [] }) => [
      ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
      ...envFrom.map(({ secretRef }) => secretRef?.name),
    ]),
    ...volumesOf(pod).flatMap((volume) => [
      volume.secret?.secretName,
      ...(volume.projected?.sources ?? []).map(({ secret }) => secret?.name),
      ...driverSecrets(volume),
    ]),
  ]);
}

/** The ConfigMaps of its namespace that a pod uses. */
export function configMapsOf(pod: Pod): References {
  if (isMirrorPod(pod)) return new Set();
  return named([
    ...allContainers(pod.spec).flatMap(({ env = [], envFrom = [] }) => [
      ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name),
      ...envFrom.map(({ configMapRef }) => configMapRef?.name),
    ]),
    ...volumesOf(pod).flatMap(({ configMap, projected }) => [
      configMap?.name,
      ...(projected?.sources ?? []).map((source) => source.configMap?.name),
    ]),
  ]);
}

/** The claims of its namespace that a pod's volumes are bound to, those made for it included. */
export function claimsOf(pod: Pod): References {
  if (isMirrorPod(pod)) return new Set();
  return named(
    volumesOf(pod).map(({ name, persistentVolumeClaim, ephemeral }) =>
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
