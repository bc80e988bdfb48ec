/** Checks of a pod's volumes, with Kubernetes' texts. Called by `validate-spec.ts`. */
import { quantitySign } from '../../../quantity.js';
import type { FieldError } from '../../../validation/field-error.js';
import { child, duplicate, forbidden, required } from '../../../validation/field-error.js';
import { validateAnnotations, validateLabels } from '../../../validation/labels.js';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../../validation/names.js';
import type { ConfigMapVolumeSource, EphemeralVolumeSource, Volume } from '../types.js';
import { validateClaimSpec } from '../volume-claim-validation.js';
import { validateCommonSource, validateDriverName } from '../volume-source-rules.js';
import {
  descendingPath,
  eachOf,
  exactlyOne,
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

const pullPolicies = ['Always', 'IfNotPresent', 'Never'];

function validateSource(volume: Volume, field: string): FieldError[] {
  const { emptyDir, gitRepo, secret, configMap, downwardAPI, projected, ephemeral, image } = volume;
  const errors: FieldError[] = [];
  if (emptyDir?.sizeLimit !== undefined && quantitySign(emptyDir.sizeLimit) < 0) {
    const detail = 'SizeLimit field must be a valid resource quantity';
    errors.push(forbidden(child(field, 'emptyDir', 'sizeLimit'), detail));
  }
  if (gitRepo !== undefined) {
    const path = child(field, 'gitRepo');
    errors.push(
      ...requiredText(child(path, 'repository'), gitRepo.repository),
      ...descendingPath(child(path, 'directory'), gitRepo.directory ?? ''),
    );
  }
  if (secret !== undefined) {
    const path = child(field, 'secret');
    errors.push(...requiredText(child(path, 'secretName'), secret.secretName));
    errors.push(...validateFiles(secret, path));
  }
  if (configMap !== undefined) {
    const path = child(field, 'configMap');
    errors.push(...requiredText(child(path, 'name'), configMap.name));
    errors.push(...validateFiles(configMap, path));
  }
  if (downwardAPI !== undefined) {
    const path = child(field, 'downwardAPI');
    errors.push(
      ...mode(child(path, 'defaultMode'), downwardAPI.defaultMode),
      ...validateDownwardFiles(downwardAPI.items, path),
    );
  }
  if (projected !== undefined) {
    errors.push(...validateProjected(projected, child(field, 'projected')));
  }
  if (ephemeral !== undefined) errors.push(...validateEphemeral(ephemeral, field));
  if (image !== undefined) {
    const path = child(field, 'image');
    errors.push(
      ...requiredText(child(path, 'reference'), image.reference),
      ...requiredOneOf(child(path, 'pullPolicy'), image.pullPolicy, pullPolicies),
    );
  }
  return [...errors, ...validateClaimAndDriver(volume, field)];
}

function validateClaimAndDriver(volume: Volume, field: string): FieldError[] {
  const { persistentVolumeClaim: claim, csi } = volume;
  if (claim !== undefined) {
    return requiredText(child(field, 'persistentVolumeClaim', 'claimName'), claim.claimName);
  }
  if (csi === undefined) return [];
  const path = child(field, 'csi');
  const secret = csi.nodePublishSecretRef;
  const errors = validateDriverName(csi.driver, child(path, 'driver'));
  if (secret === undefined) return errors;
  const named = requiredText(child(path, 'nodePublishSecretRef', 'name'), secret.name);
  return [
    ...errors,
    ...named,
    ...optionalName(child(path, 'name'), secret.name, dns1123SubdomainErrors),
  ];
}

const validateFiles = (
  { defaultMode, items }: Pick<ConfigMapVolumeSource, 'defaultMode' | 'items'>,
  field: string,
): FieldError[] => [
  ...mode(child(field, 'defaultMode'), defaultMode),
  ...validateItems(items, field),
];

const notOfTemplate = [
  'name',
  'generateName',
  'namespace',
  'finalizers',
  'ownerReferences',
] as const;

function validateEphemeral({ volumeClaimTemplate: claim }: EphemeralVolumeSource, field: string) {
  const path = child(field, 'ephemeral', 'volumeClaimTemplate');
  if (claim === undefined) return [required(path)];
  const { metadata = {}, spec } = claim;
  const metadataPath = child(path, 'metadata');
  return [
    ...validateAnnotations(metadata.annotations, child(metadataPath, 'annotations')),
    ...validateLabels(metadata.labels, child(metadataPath, 'labels')),
    ...notOfTemplate.flatMap((name) =>
      metadata[name] === undefined ? [] : [forbidden(child(metadataPath, name), 'cannot be set')],
    ),
    ...validateClaimSpec(spec, child(path, 'spec')),
  ];
}

function validateVolume(volume: Volume, field: string): FieldError[] {
  const sources = volumeSourceNames(volume);
  const texts = {
    none: 'must specify a volume type',
    several: 'may not specify more than 1 volume type',
  };
  return [
    ...validateSource(volume, field),
    ...validateCommonSource(sources[0] ?? '', volume, { field, place: 'pod' }),
    ...exactlyOne(field, sources, texts, forbidden),
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
