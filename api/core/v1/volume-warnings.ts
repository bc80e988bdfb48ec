/** What the API tells the writer of a claim or a volume in `Warning` headers. Pure. */
import { child, index, key } from '../../validation/field-error.js';
import { nodeTermWarnings } from './node-label-warnings.js';
import { fractionalBytes } from './pod/container-warnings.js';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
} from './types.js';
import { storageClassAnnotation } from './volume-columns.js';

const mountAnnotation = 'volume.beta.kubernetes.io/mount-options';
const classText = 'deprecated since v1.8; use "storageClassName" attribute instead';
const mountText = 'deprecated since v1.31; use "mountOptions" attribute instead';

/** Sources of persistent volumes whose drivers are gone. */
const goneSources: Readonly<Record<string, string>> = {
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
};

const annotated = (
  annotations: Readonly<Record<string, string>> | undefined,
  name: string,
  text: string,
): string[] =>
  annotations?.[name] === undefined ? [] : [`${key('metadata.annotations', name)}: ${text}`];

/** The warnings for the spec of a claim at `field`. */
export function claimWarnings(spec: PersistentVolumeClaimSpec, field: string): string[] {
  const { limits, requests } = spec.resources ?? {};
  return [
    ...fractionalBytes(requests, child(field, 'resources', 'requests'), ['storage']),
    ...fractionalBytes(limits, child(field, 'resources', 'limits'), ['storage']),
  ];
}

/** The warnings for a claim. */
export const volumeClaimWarnings = ({ metadata, spec }: PersistentVolumeClaim): string[] => [
  ...annotated(metadata.annotations, storageClassAnnotation, classText),
  ...claimWarnings(spec, 'spec'),
];

/** The warnings for a persistent volume. */
export function persistentVolumeWarnings({ metadata, spec }: PersistentVolume): string[] {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  return [
    ...terms.flatMap((term, at) =>
      nodeTermWarnings(term, index('spec.nodeAffinity.required.nodeSelectorTerms', at)),
    ),
    ...annotated(metadata.annotations, storageClassAnnotation, classText),
    ...annotated(metadata.annotations, mountAnnotation, mountText),
    ...(spec.persistentVolumeReclaimPolicy === 'Recycle'
      ? [
          'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
        ]
      : []),
    ...Object.entries(goneSources)
      .filter(([source]) => spec[source as keyof PersistentVolume['spec']] !== undefined)
      .map(([source, text]) => `${child('spec', source)}: ${text}`),
    ...fractionalBytes(spec.capacity, 'spec.capacity', ['storage']),
  ];
}
