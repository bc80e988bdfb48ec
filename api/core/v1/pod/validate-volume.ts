/** Checks of a pod's volumes, with Kubernetes' texts. Called by `validate-spec.ts`. */
import { quantitySign } from '../../../quantity.js';
import type { FieldError } from '../../../validation/field-error.js';
import {
  child,
  duplicate,
  forbidden,
  invalid,
  invalidBecause,
  required,
} from '../../../validation/field-error.js';
import { validateAnnotations, validateLabels } from '../../../validation/labels.js';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../../validation/names.js';
import type {
  ConfigMapVolumeSource,
  CSIVolumeSource,
  EphemeralVolumeSource,
  Volume,
} from '../types.js';
import { validateClaimSpec } from '../volume-claim-validation.js';
import {
  iscsiPortalTooLong,
  validateCommonSource,
  validateDriverName,
} from '../volume-source-rules.js';
import {
  descendingPath,
  eachOf,
  optionalName,
  requiredName,
  requiredOneOf,
  requiredText,
} from './validate-values.js';
import {
  fileMode as mode,
  validateDownwardFiles,
  validateItems,
  validateProjected,
} from './validate-volume-files.js';
import { volumeSourceNames } from './volume-defaults.js';

/** The sources of a volume in the order Kubernetes looks for them: the first is checked, the others are too many. */
const sourceNames = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'flocker',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'quobyte',
  'downwardAPI',
  'fc',
  'flexVolume',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'storageos',
  'projected',
  'scaleIO',
  'csi',
  'ephemeral',
  'image',
] as const satisfies readonly (keyof Volume)[];

type SourceName = (typeof sourceNames)[number];

/** Kubernetes spells these otherwise where they are one source too many. */
const spelledWhenTooMany: Partial<Record<SourceName, string>> = {
  cephfs: 'cephFS',
  downwardAPI: 'downwarAPI',
};

const pullPolicies = ['Always', 'IfNotPresent', 'Never'];

const validateFiles = (
  { defaultMode, items }: Pick<ConfigMapVolumeSource, 'defaultMode' | 'items'>,
  field: string,
): FieldError[] => [
  ...mode(child(field, 'defaultMode'), defaultMode),
  ...validateItems(items, field),
];

function validateCsi({ driver, nodePublishSecretRef: secret }: CSIVolumeSource, field: string) {
  const errors = validateDriverName(driver, child(field, 'driver'));
  if (secret === undefined) return errors;
  return [
    ...errors,
    ...requiredText(child(field, 'nodePublishSecretRef', 'name'), secret.name),
    ...optionalName(child(field, 'name'), secret.name, dns1123SubdomainErrors),
  ];
}

/** Of the metadata of objects, the fields that claims made from a template do not take over. */
const notOfTemplate = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const;

function validateEphemeral({ volumeClaimTemplate: claim }: EphemeralVolumeSource, field: string) {
  const path = child(field, 'volumeClaimTemplate');
  if (claim === undefined) return [required(path)];
  const { metadata = {}, spec } = claim;
  const metadataPath = child(path, 'metadata');
  return [
    ...validateAnnotations(metadata.annotations, child(metadataPath, 'annotations')),
    ...validateLabels(metadata.labels, child(metadataPath, 'labels')),
    ...notOfTemplate.flatMap((name) =>
      (metadata as Readonly<Record<string, unknown>>)[name] === undefined
        ? []
        : [forbidden(child(metadataPath, name), 'cannot be set')],
    ),
    ...validateClaimSpec(spec, child(path, 'spec')),
  ];
}

/** Checks of the sources that only pods have, each with its path; the others are shared with persistent volumes. */
const podSources: {
  readonly [Name in SourceName]?: (
    source: NonNullable<Volume[Name]>,
    path: string,
  ) => readonly FieldError[];
} = {
  emptyDir: ({ sizeLimit }, path) =>
    sizeLimit !== undefined && quantitySign(sizeLimit) < 0
      ? [forbidden(child(path, 'sizeLimit'), 'SizeLimit field must be a valid resource quantity')]
      : [],
  gitRepo: ({ repository, directory = '' }, path) => [
    ...requiredText(child(path, 'repository'), repository),
    ...descendingPath(child(path, 'directory'), directory),
  ],
  secret: (secret, path) => [
    ...requiredText(child(path, 'secretName'), secret.secretName),
    ...validateFiles(secret, path),
  ],
  persistentVolumeClaim: ({ claimName }, path) => requiredText(child(path, 'claimName'), claimName),
  downwardAPI: ({ defaultMode, items }, path) => [
    ...mode(child(path, 'defaultMode'), defaultMode),
    ...validateDownwardFiles(items, path),
  ],
  configMap: (configMap, path) => [
    ...requiredText(child(path, 'name'), configMap.name),
    ...validateFiles(configMap, path),
  ],
  projected: validateProjected,
  csi: validateCsi,
  ephemeral: validateEphemeral,
  image: ({ reference, pullPolicy }, path) => [
    ...requiredText(child(path, 'reference'), reference),
    ...requiredOneOf(child(path, 'pullPolicy'), pullPolicy, pullPolicies),
  ],
};

type PodRule = (source: unknown, path: string) => readonly FieldError[];

function validateSource(name: SourceName, volume: Volume, field: string): readonly FieldError[] {
  // The rule under a name is for the source under that name.
  const rule = podSources[name] as PodRule | undefined;
  return rule === undefined
    ? validateCommonSource(name, volume, { field, place: 'pod' })
    : rule(volume[name], child(field, name));
}

/** The claim that is made for a volume is named after the pod, which can be too long a name. */
function validateClaimName(volume: Volume, field: string, podName: string): FieldError[] {
  if (volume.ephemeral === undefined || podName === '' || volume.name === '') return [];
  const claimName = `${podName}-${volume.name}`;
  return dns1123SubdomainErrors(claimName).map((detail) =>
    invalid(child(field, 'name'), volume.name, `PVC name ${JSON.stringify(claimName)}: ${detail}`),
  );
}

/** Nearly every volume names one source, which its keys tell sooner than a look for each there could be. */
function sourcesOf(volume: Volume): readonly SourceName[] {
  const given = volumeSourceNames(volume);
  return given.length === 1
    ? (given as readonly SourceName[])
    : sourceNames.filter((name) => volume[name] !== undefined);
}

function validateVolume(volume: Volume, field: string, podName: string): FieldError[] {
  const [first, ...others] = sourcesOf(volume);
  const errors =
    first === undefined
      ? [required(field, 'must specify a volume type')]
      : [...validateSource(first, volume, field)];
  errors.push(
    ...others.map((name) =>
      forbidden(
        child(field, spelledWhenTooMany[name] ?? name),
        'may not specify more than 1 volume type',
      ),
    ),
    ...(volume.iscsi === undefined
      ? []
      : invalidBecause(
          child(field, 'name'),
          volume.name,
          iscsiPortalTooLong(volume.iscsi, volume.name),
        )),
    ...validateClaimName(volume, field, podName),
  );
  return errors;
}

/** A volume cannot refer to the claim that is to be made for another volume of the same pod. */
function validateClaimRef(
  { persistentVolumeClaim: claim }: Volume,
  field: string,
  made: ReadonlySet<string>,
): FieldError[] {
  return claim !== undefined && made.has(claim.claimName)
    ? [
        invalid(
          child(field, 'persistentVolumeClaim', 'claimName'),
          claim.claimName,
          'must not reference a PVC that gets created for an ephemeral volume',
        ),
      ]
    : [];
}

/** The volumes of a pod that containers can mount, by name, and what is wrong with the others. */
export interface CheckedVolumes {
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly errors: readonly FieldError[];
}

const noVolumes: CheckedVolumes = { volumes: new Map(), errors: [] };

/** Checks the volumes of the pod named `podName`, which is empty where a template names no pod yet. */
export function checkVolumes(
  given: readonly Volume[] | undefined,
  field: string,
  podName: string,
): CheckedVolumes {
  if (given === undefined || given.length === 0) return noVolumes;
  const volumes = new Map<string, Volume>();
  const made = new Set(
    podName === ''
      ? []
      : given
          .filter(({ ephemeral }) => ephemeral !== undefined)
          .map(({ name }) => `${podName}-${name}`),
  );
  const errors = eachOf(field, given, (volume, path) => {
    const { name } = volume;
    const namePath = child(path, 'name');
    const own = [
      ...validateVolume(volume, path, podName),
      ...requiredName(namePath, name, dns1123LabelErrors),
    ];
    if (volumes.has(name)) own.push(duplicate(namePath, name));
    if (own.length === 0) volumes.set(name, volume);
    return [...own, ...validateClaimRef(volume, path, made)];
  });
  return { volumes, errors };
}
