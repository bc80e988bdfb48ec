/** Fills the absent fields of volumes as Kubernetes' defaulting does. Changes what it is given. */
import type {
  AzureDiskVolumeSource,
  DownwardAPIVolumeFile,
  ObjectFieldSelector,
  PersistentVolumeClaimTemplate,
  RBDVolumeSource,
  ResourceFieldSelector,
  ScaleIOVolumeSource,
  Volume,
  VolumeProjection,
} from '../types.js';
import { defaultPullPolicy } from './image-reference.js';

/** 0644, the mode of files that volumes made of API objects hold. */
const fileMode = 0o644;
const tokenLifetimeSeconds = 3600;
const certificateLifetimeSeconds = 86_400;

/** Fields of a pod are named in version `v1` where nothing else is said. */
export function defaultFieldRef(selector: ObjectFieldSelector | undefined): void {
  if (selector !== undefined) selector.apiVersion ||= 'v1';
}

/** A divisor of zero stands for one of the resource's unit. */
export function defaultResourceFieldRef(selector: ResourceFieldSelector | undefined): void {
  if (selector !== undefined) selector.divisor ??= '0';
}

function defaultDownwardFiles(files: readonly DownwardAPIVolumeFile[] | undefined): void {
  for (const file of files ?? []) {
    defaultFieldRef(file.fieldRef);
    defaultResourceFieldRef(file.resourceFieldRef);
  }
}

function defaultProjection(projection: VolumeProjection): void {
  defaultDownwardFiles(projection.downwardAPI?.items);
  if (projection.serviceAccountToken !== undefined) {
    projection.serviceAccountToken.expirationSeconds ??= tokenLifetimeSeconds;
  }
  if (projection.podCertificate !== undefined) {
    projection.podCertificate.maxExpirationSeconds ??= certificateLifetimeSeconds;
  }
}

interface NetworkVolume {
  readonly iscsi?: { iscsiInterface?: string | undefined } | undefined;
  readonly rbd?: Pick<RBDVolumeSource, 'pool' | 'user' | 'keyring'> | undefined;
  readonly azureDisk?: AzureDiskVolumeSource | undefined;
  readonly scaleIO?: Pick<ScaleIOVolumeSource, 'storageMode' | 'fsType'> | undefined;
}

/** Fills the sources that volumes of pods and persistent volumes have in common. */
export function defaultNetworkVolume(volume: NetworkVolume): void {
  const { iscsi, rbd, azureDisk, scaleIO } = volume;
  if (iscsi !== undefined) iscsi.iscsiInterface ||= 'default';
  if (rbd !== undefined) {
    rbd.pool ||= 'rbd';
    rbd.user ||= 'admin';
    rbd.keyring ||= '/etc/ceph/keyring';
  }
  if (azureDisk !== undefined) {
    azureDisk.cachingMode ??= 'ReadWrite';
    azureDisk.kind ??= 'Shared';
    azureDisk.fsType ??= 'ext4';
    azureDisk.readOnly ??= false;
  }
  if (scaleIO !== undefined) {
    scaleIO.storageMode ||= 'ThinProvisioned';
    scaleIO.fsType ||= 'xfs';
  }
}

/** The sources a volume names; validation wants exactly one. */
export const volumeSourceNames = (volume: Volume): readonly (keyof Volume)[] =>
  (Object.keys(volume) as (keyof Volume)[]).filter(
    (name) => name !== 'name' && volume[name] !== undefined,
  );

/** A volume that names no source is an emptyDir. */
export function defaultVolume(volume: Volume): void {
  if (volumeSourceNames(volume).length === 0) volume.emptyDir = {};
  const { secret, configMap, downwardAPI, projected, hostPath, image, ephemeral } = volume;
  if (secret !== undefined) secret.defaultMode ??= fileMode;
  if (configMap !== undefined) configMap.defaultMode ??= fileMode;
  if (downwardAPI !== undefined) {
    downwardAPI.defaultMode ??= fileMode;
    defaultDownwardFiles(downwardAPI.items);
  }
  if (projected !== undefined) {
    projected.defaultMode ??= fileMode;
    projected.sources?.forEach(defaultProjection);
  }
  if (hostPath !== undefined) hostPath.type ??= '';
  if (image !== undefined) image.pullPolicy ??= defaultPullPolicy(image.reference ?? '');
  const claim: Partial<PersistentVolumeClaimTemplate> | undefined = ephemeral?.volumeClaimTemplate;
  if (claim !== undefined) {
    const spec = (claim.spec ??= {});
    spec.volumeMode ??= 'Filesystem';
    spec.resources ??= {};
  }
  defaultNetworkVolume(volume);
}
