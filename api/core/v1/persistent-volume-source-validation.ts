/** Checks of where a persistent volume's data is, with Kubernetes' texts. Called by `persistent-volume-validation.ts`. */
import type { FieldError } from '../../validation/field-error.js';
import { child, forbidden, invalid, required, tooLong } from '../../validation/field-error.js';
import { dns1123SubdomainErrors, inclusiveRangeError } from '../../validation/names.js';
import { noBacksteps, oneOf, requiredText } from './pod/validate-values.js';
import type {
  CSIPersistentVolumeSource,
  FCVolumeSource,
  ISCSIPersistentVolumeSource,
  PersistentVolumeSpec,
  SecretReference,
  StorageOSPersistentVolumeSource,
} from './types.js';
import { hostPathTypes } from './pod/validate-volume.js';

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

/** Texts and lists that a source cannot do without. */
const requiredValues: Partial<Record<SourceField, readonly string[]>> = {
  awsElasticBlockStore: ['volumeID'],
  azureDisk: ['diskName', 'diskURI'],
  azureFile: ['secretName', 'shareName'],
  cephfs: ['monitors'],
  cinder: ['volumeID'],
  csi: ['driver', 'volumeHandle'],
  flexVolume: ['driver'],
  gcePersistentDisk: ['pdName'],
  glusterfs: ['endpoints', 'path'],
  hostPath: ['path'],
  iscsi: ['targetPortal', 'iqn'],
  local: ['path'],
  nfs: ['server', 'path'],
  photonPersistentDisk: ['pdID'],
  portworxVolume: ['volumeID'],
  quobyte: ['registry', 'volume'],
  rbd: ['monitors', 'image'],
  scaleIO: ['gateway', 'system', 'volumeName'],
  vsphereVolume: ['volumePath'],
};

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === '' || (Array.isArray(value) && value.length === 0);

function missingValues(name: SourceField, source: object, field: string): FieldError[] {
  const values = new Map<string, unknown>(Object.entries(source));
  return (requiredValues[name] ?? []).flatMap((value) =>
    isEmpty(values.get(value)) ? [required(child(field, value))] : [],
  );
}

const byteRange = (value: number | undefined, field: string): FieldError[] =>
  value === undefined || (value >= 0 && value <= 255)
    ? []
    : [invalid(field, value, inclusiveRangeError(0, 255))];

/** A secret of another namespace needs both parts of its address. */
const validateSecret = (secret: SecretReference | undefined, field: string): FieldError[] =>
  secret === undefined
    ? []
    : [
        ...requiredText(child(field, 'name'), secret.name),
        ...requiredText(child(field, 'namespace'), secret.namespace),
      ];

function validateIscsi(iscsi: ISCSIPersistentVolumeSource, field: string): FieldError[] {
  const { iqn, lun, chapAuthDiscovery, chapAuthSession, secretRef, initiatorName } = iscsi;
  const errors: FieldError[] = [];
  const malformed = (name: string, value: string): FieldError[] =>
    /^(iqn\.\d{4}-\d{2}\.[a-zA-Z0-9.-]+(:.*)?|eui\.[0-9a-fA-F]{16}|naa\.[0-9a-fA-F]{16,32})$/.test(
      value,
    )
      ? []
      : [invalid(child(field, name), value, 'must be valid format')];
  if (iqn !== '') errors.push(...malformed('iqn', iqn));
  errors.push(...byteRange(lun, child(field, 'lun')));
  if ((chapAuthDiscovery === true || chapAuthSession === true) && secretRef === undefined) {
    errors.push(required(child(field, 'secretRef')));
  }
  if (initiatorName !== undefined) errors.push(...malformed('initiatorName', initiatorName));
  return [...errors, ...validateSecret(secretRef, child(field, 'secretRef'))];
}

function validateFibreChannel(fc: FCVolumeSource, field: string): FieldError[] {
  const { targetWWNs = [], wwids = [], lun } = fc;
  const path = child(field, 'targetWWNs');
  if (targetWWNs.length === 0 && wwids.length === 0) {
    return [required(path, 'must specify either targetWWNs or wwids, but not both')];
  }
  if (targetWWNs.length > 0 && wwids.length > 0) {
    return [invalid(path, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously')];
  }
  if (targetWWNs.length === 0) return [];
  return lun === undefined
    ? [required(child(field, 'lun'), 'lun is required if targetWWNs is specified')]
    : byteRange(lun, child(field, 'lun'));
}

const maxDriverBytes = 63;
const secretFields = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
  'nodeStageSecretRef',
] as const;

function validateCsi(csi: CSIPersistentVolumeSource, field: string): FieldError[] {
  const path = child(field, 'driver');
  return [
    ...(csi.driver.length > maxDriverBytes ? [tooLong(path, maxDriverBytes)] : []),
    ...(csi.driver === '' ? [] : dns1123SubdomainErrors(csi.driver.toLowerCase())).map((detail) =>
      invalid(path, csi.driver, detail),
    ),
    ...secretFields.flatMap((name) => validateSecret(csi[name], child(field, name))),
  ];
}

function validateStorageOs(source: StorageOSPersistentVolumeSource, field: string): FieldError[] {
  return [
    ...requiredText(child(field, 'volumeName'), source.volumeName),
    ...(source.secretRef === undefined
      ? []
      : [
          ...requiredText(child(field, 'secretRef', 'name'), source.secretRef.name),
          ...requiredText(child(field, 'secretRef', 'namespace'), source.secretRef.namespace),
        ]),
  ];
}

/** Rules of sources whose data lies on the node or comes from it by its own means. */
function validateOnNode(spec: PersistentVolumeSpec, field: string): FieldError[] {
  const { hostPath, nfs, local } = spec;
  return [
    ...(hostPath === undefined ? [] : noBacksteps(child(field, 'hostPath', 'path'), hostPath.path)),
    ...oneOf(child(field, 'hostPath', 'type'), hostPath?.type, hostPathTypes),
    ...(local === undefined ? [] : noBacksteps(child(field, 'local', 'path'), local.path)),
    ...(nfs === undefined || nfs.path === '' || nfs.path.startsWith('/')
      ? []
      : [invalid(child(field, 'nfs', 'path'), nfs.path, 'must be an absolute path')]),
  ];
}

/** Rules of disks in clouds and of drivers that went before CSI. */
function validateRemote(spec: PersistentVolumeSpec, field: string): FieldError[] {
  const { gcePersistentDisk, awsElasticBlockStore, azureFile, azureDisk, glusterfs } = spec;
  const emptyNames = [
    ['azureFile', 'secretNamespace', azureFile?.secretNamespace],
    ['glusterfs', 'endpointsNamespace', glusterfs?.endpointsNamespace],
  ] as const;
  return [
    ...byteRange(gcePersistentDisk?.partition, child(field, 'gcePersistentDisk', 'partition')),
    ...byteRange(
      awsElasticBlockStore?.partition,
      child(field, 'awsElasticBlockStore', 'partition'),
    ),
    ...emptyNames.flatMap(([source, name, value]) =>
      value === '' ? [invalid(child(field, source, name), value, 'must be non-empty')] : [],
    ),
    ...oneOf(child(field, 'azureDisk', 'cachingMode'), azureDisk?.cachingMode, [
      'None',
      'ReadOnly',
      'ReadWrite',
    ]),
    ...validateSecret(spec.cinder?.secretRef, child(field, 'cinder', 'secretRef')),
    ...validateSecret(spec.flexVolume?.secretRef, child(field, 'flexVolume', 'secretRef')),
    ...(spec.flocker !== undefined &&
    isEmpty(spec.flocker.datasetName) === isEmpty(spec.flocker.datasetUUID)
      ? [forbidden(child(field, 'flocker'), 'one of datasetName and datasetUUID is required')]
      : []),
  ];
}

/** Checks the source `name` of a volume whose spec is at `field`. */
export function validateVolumeSource(
  name: SourceField,
  spec: PersistentVolumeSpec,
  field: string,
): FieldError[] {
  const only = { [name]: spec[name] } as PersistentVolumeSpec;
  const path = child(field, name);
  const { iscsi, fc, csi, storageos } = only;
  return [
    ...missingValues(name, spec[name] ?? {}, path),
    ...validateOnNode(only, field),
    ...validateRemote(only, field),
    ...(iscsi === undefined ? [] : validateIscsi(iscsi, path)),
    ...(fc === undefined ? [] : validateFibreChannel(fc, path)),
    ...(csi === undefined ? [] : validateCsi(csi, path)),
    ...(storageos === undefined ? [] : validateStorageOs(storageos, path)),
  ];
}
