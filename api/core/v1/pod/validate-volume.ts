/** Checks of volumes, with Kubernetes' texts. Called by `validate-spec.ts`. */
import { quantitySign } from '../../../quantity.js';
import type { FieldError } from '../../../validation/field-error.js';
import { child, duplicate, forbidden, invalid, required } from '../../../validation/field-error.js';
import { dns1123LabelErrors } from '../../../validation/names.js';
import type {
  DownwardAPIVolumeFile,
  HostPathVolumeSource,
  KeyToPath,
  ProjectedVolumeSource,
  Volume,
  VolumeProjection,
} from '../types.js';
import { validateFieldRef, validateResourceFieldRef, volumeFields } from './validate-env.js';
import { validateClaimSpec } from '../volume-claim-validation.js';
import {
  eachOf,
  exactlyOne,
  noBacksteps,
  oneOf,
  requiredName,
  requiredText,
  unreservedPath,
} from './validate-values.js';
import { volumeSourceNames } from './volume-defaults.js';

const minTokenSeconds = 600;
const maxTokenSeconds = 2 ** 32;
/** What a hostPath volume may ask to be at its path. */
export const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

/** Texts that a source cannot do without; sources with further rules have a function below. */
const requiredTexts: Partial<Record<keyof Volume, readonly string[]>> = {
  awsElasticBlockStore: ['volumeID'],
  azureDisk: ['diskName', 'diskURI'],
  azureFile: ['secretName', 'shareName'],
  cephfs: [],
  cinder: ['volumeID'],
  configMap: ['name'],
  csi: ['driver'],
  flexVolume: ['driver'],
  gcePersistentDisk: ['pdName'],
  gitRepo: ['repository'],
  glusterfs: ['endpoints', 'path'],
  hostPath: ['path'],
  image: ['reference'],
  iscsi: ['targetPortal', 'iqn'],
  nfs: ['server', 'path'],
  persistentVolumeClaim: ['claimName'],
  photonPersistentDisk: ['pdID'],
  portworxVolume: ['volumeID'],
  quobyte: ['registry', 'volume'],
  rbd: ['image'],
  scaleIO: ['gateway', 'system', 'volumeName'],
  secret: ['secretName'],
  vsphereVolume: ['volumePath'],
};

const mode = (field: string, value: number | undefined): FieldError[] =>
  value === undefined || (value >= 0 && value <= 0o777)
    ? []
    : [invalid(field, value, 'must be a number between 0 and 0777 (octal), both inclusive')];

const pathOf = (field: string, path: string | undefined): FieldError[] =>
  path === undefined || path === '' ? [required(field)] : unreservedPath(field, path);

const validateItems = (items: readonly KeyToPath[] | undefined, field: string): FieldError[] =>
  eachOf(child(field, 'items'), items, (item, path) => [
    ...requiredText(child(path, 'key'), item.key),
    ...pathOf(child(path, 'path'), item.path),
    ...mode(child(path, 'mode'), item.mode),
  ]);

function validateDownwardFile(file: DownwardAPIVolumeFile, field: string): FieldError[] {
  const errors = pathOf(child(field, 'path'), file.path);
  const { fieldRef, resourceFieldRef } = file;
  if (fieldRef !== undefined) {
    errors.push(...validateFieldRef(fieldRef, volumeFields, child(field, 'fieldRef')));
    if (resourceFieldRef !== undefined) {
      const detail = 'fieldRef and resourceFieldRef can not be specified simultaneously';
      errors.push(invalid(field, 'resource', detail));
    }
  } else if (resourceFieldRef === undefined) {
    errors.push(required(field, 'one of fieldRef and resourceFieldRef is required'));
  } else {
    const path = child(field, 'resourceFieldRef');
    errors.push(...validateResourceFieldRef(resourceFieldRef, true, path));
  }
  return [...errors, ...mode(child(field, 'mode'), file.mode)];
}

function validateToken(
  token: NonNullable<VolumeProjection['serviceAccountToken']>,
  field: string,
): FieldError[] {
  const { expirationSeconds = 0, path } = token;
  const expiry = child(field, 'expirationSeconds');
  const errors: FieldError[] = [];
  if (expirationSeconds < minTokenSeconds) {
    const detail = 'may not specify a duration less than 10 minutes';
    errors.push(invalid(expiry, expirationSeconds, detail));
  }
  if (expirationSeconds > maxTokenSeconds) {
    const detail = 'may not specify a duration larger than 2^32 seconds';
    errors.push(invalid(expiry, expirationSeconds, detail));
  }
  return [...errors, ...pathOf(child(field, 'path'), path)];
}

/** The paths a projection fills. Two projections filling one would hide each other. */
function projectedPaths(projection: VolumeProjection): readonly string[] {
  const { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle } = projection;
  return [
    ...(secret?.items ?? []),
    ...(configMap?.items ?? []),
    ...(downwardAPI?.items ?? []),
    ...(serviceAccountToken === undefined ? [] : [serviceAccountToken]),
    ...(clusterTrustBundle === undefined ? [] : [clusterTrustBundle]),
  ].map(({ path }) => path);
}

function validateProjection(projection: VolumeProjection, field: string): FieldError[] {
  const names = Object.keys(projection).filter(
    (name) => projection[name as keyof VolumeProjection] !== undefined,
  );
  const { secret, configMap, downwardAPI, serviceAccountToken } = projection;
  const errors = exactlyOne(
    field,
    names,
    {
      none: 'must specify a volume type',
      several: 'may not specify more than 1 volume type',
    },
    forbidden,
  );
  for (const [name, source] of [
    ['secret', secret],
    ['configMap', configMap],
  ] as const) {
    if (source === undefined) continue;
    errors.push(
      ...requiredText(child(field, name, 'name'), source.name),
      ...validateItems(source.items, child(field, name)),
    );
  }
  if (serviceAccountToken !== undefined) {
    errors.push(...validateToken(serviceAccountToken, child(field, 'serviceAccountToken')));
  }
  return [
    ...errors,
    ...eachOf(child(field, 'downwardAPI'), downwardAPI?.items, validateDownwardFile),
  ];
}

function validateProjected(projected: ProjectedVolumeSource, field: string): FieldError[] {
  const taken = new Set<string>();
  return [
    ...mode(child(field, 'defaultMode'), projected.defaultMode),
    ...eachOf(child(field, 'sources'), projected.sources, (projection, path) => [
      ...validateProjection(projection, path),
      ...projectedPaths(projection).flatMap((file) => {
        if (file !== '' && taken.has(file)) {
          return [invalid(path, file, 'conflicting duplicate paths')];
        }
        taken.add(file);
        return [];
      }),
    ]),
  ];
}

const validateHostPath = ({ path, type }: HostPathVolumeSource, field: string): FieldError[] => [
  ...noBacksteps(child(field, 'path'), path),
  ...oneOf(child(field, 'type'), type, hostPathTypes),
];

/** Rules of single sources beside the texts they require. */
function validateSource(volume: Volume, field: string): FieldError[] {
  const { emptyDir, hostPath, secret, configMap, downwardAPI, projected, nfs, ephemeral } = volume;
  const errors: FieldError[] = [];
  if (emptyDir?.sizeLimit !== undefined && quantitySign(emptyDir.sizeLimit) < 0) {
    const detail = 'SizeLimit field must be a valid resource quantity';
    errors.push(forbidden(child(field, 'emptyDir', 'sizeLimit'), detail));
  }
  if (hostPath !== undefined && hostPath.path !== '') {
    errors.push(...validateHostPath(hostPath, child(field, 'hostPath')));
  }
  for (const [name, source] of [
    ['secret', secret],
    ['configMap', configMap],
  ] as const) {
    errors.push(
      ...mode(child(field, name, 'defaultMode'), source?.defaultMode),
      ...validateItems(source?.items, child(field, name)),
    );
  }
  const downwardField = child(field, 'downwardAPI');
  errors.push(
    ...mode(child(downwardField, 'defaultMode'), downwardAPI?.defaultMode),
    ...eachOf(downwardField, downwardAPI?.items, validateDownwardFile),
  );
  if (projected !== undefined) {
    errors.push(...validateProjected(projected, child(field, 'projected')));
  }
  if (nfs !== undefined && nfs.path !== '' && !nfs.path.startsWith('/')) {
    errors.push(invalid(child(field, 'nfs', 'path'), nfs.path, 'must be an absolute path'));
  }
  if (ephemeral !== undefined) {
    const path = child(field, 'ephemeral', 'volumeClaimTemplate');
    const claim = ephemeral.volumeClaimTemplate;
    errors.push(
      ...(claim === undefined
        ? [required(path)]
        : validateClaimSpec(claim.spec, child(path, 'spec'))),
    );
  }
  return errors;
}

function validateVolume(volume: Volume, field: string): FieldError[] {
  const sources = volumeSourceNames(volume);
  const [first] = sources;
  const source = first === undefined ? undefined : volume[first];
  const texts = (source ?? {}) as Readonly<Record<string, unknown>>;
  const missing = first === undefined ? [] : (requiredTexts[first] ?? []);
  return [
    ...missing.flatMap((name) => {
      const value = texts[name];
      const text = typeof value === 'string' ? value : undefined;
      return requiredText(child(field, String(first), name), text);
    }),
    ...validateSource(volume, field),
    ...exactlyOne(
      field,
      sources,
      {
        none: 'must specify a volume type',
        several: 'may not specify more than 1 volume type',
      },
      forbidden,
    ),
  ];
}

/** Checks the volumes of a pod. */
export function validateVolumes(
  volumes: readonly Volume[] | undefined,
  field: string,
): FieldError[] {
  const names = new Set<string>();
  return eachOf(field, volumes, (volume, path) => {
    const { name } = volume;
    const namePath = child(path, 'name');
    const errors = [
      ...validateVolume(volume, path),
      ...requiredName(namePath, name, dns1123LabelErrors),
    ];
    if (names.has(name)) errors.push(duplicate(namePath, name));
    names.add(name);
    return errors;
  });
}
