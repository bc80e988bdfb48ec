/** Checks of where a persistent volume's data is, with Kubernetes' texts. Called by `persistent-volume-validation.ts`. */
import type { FieldError } from '../../validation/field-error.js';
import { child, required } from '../../validation/field-error.js';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../validation/names.js';
import { noBacksteps, requiredName, requiredText } from './pod/validate-values.js';
import type { CSIPersistentVolumeSource, PersistentVolumeSpec, SecretReference } from './types.js';
import { validateCommonSource, validateDriverName } from './volume-source-rules.js';

const sourceFields = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
] as const;

type SourceField = (typeof sourceFields)[number];

/** The sources a volume names, in the order they are checked; one is right. */
export const volumeSourcesOf = (spec: PersistentVolumeSpec): readonly SourceField[] =>
  sourceFields.filter((name) => spec[name] !== undefined);

/** A secret of another namespace needs both parts of its address. */
const validateSecret = (secret: SecretReference | undefined, field: string): FieldError[] =>
  secret === undefined
    ? []
    : [
        ...requiredName(child(field, 'name'), secret.name, dns1123SubdomainErrors),
        ...requiredName(child(field, 'namespace'), secret.namespace, dns1123LabelErrors),
      ];

const secretFields = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const;

const validateCsi = (csi: CSIPersistentVolumeSource, field: string): FieldError[] => [
  ...validateDriverName(csi.driver, child(field, 'driver')),
  ...requiredText(child(field, 'volumeHandle'), csi.volumeHandle),
  ...secretFields.flatMap((name) => validateSecret(csi[name], child(field, name))),
];

/** Checks the source `name` of a volume whose spec is at `field`. */
export function validateVolumeSource(
  name: SourceField,
  spec: PersistentVolumeSpec,
  field: string,
): FieldError[] {
  const { csi, local } = spec;
  if (name === 'csi' && csi !== undefined) return validateCsi(csi, child(field, name));
  if (name === 'local' && local !== undefined) {
    const path = child(field, name, 'path');
    return local.path === '' ? [required(path)] : noBacksteps(path, local.path);
  }
  return validateCommonSource(name, spec, { field, place: 'persistent volume' });
}
