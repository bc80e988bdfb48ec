/** Which objects of the API a pod reaches for. Pure; what a node runs on its own may reach for none. */
import type { PodSpec, Volume, VolumeProjection } from '../types.js';
import { allContainers } from './containers.js';

type Names = readonly (string | undefined)[];

/** The Secrets of its namespace that a volume's driver is handed. */
const driverSecrets = (volume: Volume): Names => [
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

/** The Secrets a pod names, wherever it may name one; undefined where a reference leaves the name out. */
export const secretNamesOf = (spec: PodSpec): Names => [
  ...(spec.imagePullSecrets ?? []).map(({ name }) => name),
  ...allContainers(spec).flatMap(({ env = [], envFrom = [] }) => [
    ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
    ...envFrom.map(({ secretRef }) => secretRef?.name),
  ]),
  ...(spec.volumes ?? []).flatMap((volume) => [
    volume.secret?.secretName,
    ...(volume.projected?.sources ?? []).map(({ secret }) => secret?.name),
    ...driverSecrets(volume),
  ]),
];

/** The ConfigMaps a pod names, wherever it may name one; undefined where a reference leaves the name out. */
export const configMapNamesOf = (spec: PodSpec): Names => [
  ...allContainers(spec).flatMap(({ env = [], envFrom = [] }) => [
    ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name),
    ...envFrom.map(({ configMapRef }) => configMapRef?.name),
  ]),
  ...(spec.volumes ?? []).flatMap(({ configMap, projected }) => [
    configMap?.name,
    ...(projected?.sources ?? []).map((source) => source.configMap?.name),
  ]),
];

/** What each type of volume that needs the API reaches for, in the words of refusals. */
const volumeReferences: Readonly<Partial<Record<keyof Volume, string>>> = {
  configMap: 'configmaps (via configmap volumes)',
  secret: 'secrets (via secret volumes)',
  csi: 'csidrivers (via CSI volumes)',
  glusterfs: 'endpoints (via glusterFS volumes)',
  persistentVolumeClaim: 'persistentvolumeclaims',
  ephemeral: 'persistentvolumeclaims (via ephemeral volumes)',
  azureFile: 'secrets (via azureFile volumes)',
};

const projectionReferences: Readonly<Partial<Record<keyof VolumeProjection, string>>> = {
  configMap: 'configmaps (via projected volumes)',
  secret: 'secrets (via projected volumes)',
  serviceAccountToken: 'serviceaccounts (via projected volumes)',
  clusterTrustBundle: 'clustertrustbundles',
  podCertificate: 'podcertificates',
};

function firstOf<T extends object>(
  source: T,
  words: Readonly<Partial<Record<keyof T, string>>>,
): string | undefined {
  for (const type in words) {
    if (source[type] !== undefined) return words[type];
  }
  return undefined;
}

function volumeReference(volume: Volume): string | undefined {
  const direct = firstOf(volume, volumeReferences);
  if (direct !== undefined) return direct;
  for (const source of volume.projected?.sources ?? []) {
    const projected = firstOf(source, projectionReferences);
    if (projected !== undefined) return projected;
  }
  return undefined;
}

const isNamed = (names: Names): boolean => names.some((name) => (name ?? '') !== '');

/** The first kind of objects a pod reaches for, in the words of refusals; undefined where it gets along without any. */
export function apiReferenceOf(spec: PodSpec): string | undefined {
  if ((spec.serviceAccountName ?? '') !== '') return 'serviceaccounts';
  if (isNamed(secretNamesOf(spec))) return 'secrets';
  if (isNamed(configMapNamesOf(spec))) return 'configmaps';
  if ((spec.resourceClaims ?? []).length > 0) return 'resourceclaims';
  for (const volume of spec.volumes ?? []) {
    const reference = volumeReference(volume);
    if (reference !== undefined) return reference;
  }
  return undefined;
}
