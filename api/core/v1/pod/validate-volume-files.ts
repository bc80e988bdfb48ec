/** Checks of what volumes show as files, with Kubernetes' texts. Called by `validate-volume.ts`. */
import { podCertificateSeconds } from '../../../certificates/limits.js';
import { validateSignerName } from '../../../certificates/signer-name.js';
import { bundleNameErrors } from '../../../certificates/v1beta1/cluster-trust-bundle.js';
import type { FieldError } from '../../../validation/field-error.js';
import { child, forbidden, invalid, required } from '../../../validation/field-error.js';
import { validateLabelSelector } from '../../../validation/label-selector.js';
import { validateAnnotations } from '../../../validation/labels.js';
import type {
  ClusterTrustBundleProjection,
  ConfigMapProjection,
  DownwardAPIVolumeFile,
  KeyToPath,
  PodCertificateProjection,
  ProjectedVolumeSource,
  SecretProjection,
  VolumeProjection,
} from '../types.js';
import { validateFieldRef, validateResourceFieldRef, volumeFields } from './validate-env.js';
import { anyOf, eachOf, requiredText, unreservedPath } from './validate-values.js';

const minTokenSeconds = 600;
const maxTokenSeconds = 2 ** 32;
const keyTypes = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519'];

/** Checks the permission bits of files. */
export const fileMode = (field: string, value: number | undefined): FieldError[] =>
  value === undefined || (value >= 0 && value <= 0o777)
    ? []
    : [invalid(field, value, 'must be a number between 0 and 0777 (octal), both inclusive')];

const pathOf = (field: string, path: string | undefined): FieldError[] =>
  path === undefined || path === '' ? [required(field)] : unreservedPath(field, path);

/** Checks the entries that are shown, below `field`. */
export const validateItems = (
  items: readonly KeyToPath[] | undefined,
  field: string,
): FieldError[] =>
  eachOf(child(field, 'items'), items, (item, path) => [
    ...requiredText(child(path, 'key'), item.key),
    ...pathOf(child(path, 'path'), item.path),
    ...fileMode(child(path, 'mode'), item.mode),
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
  return [...errors, ...fileMode(child(field, 'mode'), file.mode)];
}

/** Checks facts about the pod as files. Errors are reported at what holds the files, as in Kubernetes. */
export const validateDownwardFiles = (
  files: readonly DownwardAPIVolumeFile[] | undefined,
  field: string,
): FieldError[] => files?.flatMap((file) => validateDownwardFile(file, field)) ?? [];

/** Errors of the path are reported at `volume`, the volume's own source, as in Kubernetes. */
function validateToken(
  token: NonNullable<VolumeProjection['serviceAccountToken']>,
  field: string,
  volume: string,
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
  return [...errors, ...pathOf(child(volume, 'path'), path)];
}

/** A bundle of a signer is named after it, as far as the last colon. */
function validateBundleName(name: string, field: string): FieldError[] {
  const end = name.lastIndexOf(':');
  const signerName = end < 0 ? '' : name.slice(0, end).replaceAll(':', '/');
  return [
    ...requiredText(field, name, 'must be a valid object name'),
    ...bundleNameErrors(name, signerName).map((detail) =>
      invalid(field, name, `not a valid clustertrustbundlename: ${detail}`),
    ),
  ];
}

function validateTrustBundle(bundle: ClusterTrustBundleProjection, field: string): FieldError[] {
  const { name, signerName, labelSelector, path } = bundle;
  const errors: FieldError[] = [];
  if (name !== undefined && signerName !== undefined) {
    errors.push(invalid(field, bundle, 'only one of name and signerName may be used'));
  } else if (name !== undefined) {
    errors.push(...validateBundleName(name, child(field, 'name')));
    if (labelSelector !== undefined) {
      const detail = 'labelSelector must be unset if name is specified';
      errors.push(invalid(child(field, 'labelSelector'), labelSelector, detail));
    }
  } else if (signerName === undefined) {
    errors.push(required(field, 'either name or signerName must be specified'));
  } else {
    errors.push(
      ...requiredText(child(field, 'signerName'), signerName, 'must be a valid signer name'),
      ...validateSignerName(child(field, 'signerName'), signerName),
      ...validateLabelSelector(labelSelector, child(field, 'labelSelector')),
    );
  }
  return [...errors, ...pathOf(child(field, 'path'), path)];
}

const ownSigner = /^([a-z0-9-]+\.)*kubernetes\.io\//;

function validateLifetime(
  { signerName, maxExpirationSeconds: seconds }: PodCertificateProjection,
  field: string,
): FieldError[] {
  if (seconds === undefined) return [];
  const { min, max, maxOwn } = podCertificateSeconds;
  const most = ownSigner.test(signerName) ? maxOwn : max;
  const bound =
    seconds < min ? `>= ${String(min)}` : seconds > most ? `<= ${String(most)}` : undefined;
  return bound === undefined
    ? []
    : [invalid(field, seconds, `if provided, maxExpirationSeconds must be ${bound}`)];
}

const certificateFiles = ['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const;

function validateCertificate(certificate: PodCertificateProjection, field: string): FieldError[] {
  const { signerName, keyType } = certificate;
  const paths = certificateFiles.filter((name) => (certificate[name] ?? '') !== '');
  const detail = 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath';
  return [
    ...validateSignerName(child(field, 'signerName'), signerName),
    ...validateAnnotations(certificate.userAnnotations, child(field, 'userAnnotations')),
    ...anyOf(child(field, 'keyType'), keyType, keyTypes),
    ...validateLifetime(certificate, child(field, 'maxExpirationSeconds')),
    ...paths.flatMap((name) => unreservedPath(child(field, name), certificate[name] ?? '')),
    ...(paths.length === 0 ? [required(field, detail)] : []),
  ];
}

/** Finds files that several projections make; tokens may hide others, as in Kubernetes. */
class ProjectedFiles {
  private readonly taken = new Set<string>();

  /** What files of a projection, which are there already, are reported as. */
  take(projection: VolumeProjection): string[] {
    const { secret, configMap, downwardAPI, clusterTrustBundle, podCertificate } = projection;
    const repeated: string[] = [];
    const add = (path: string, shown: string): void => {
      if (path !== '' && this.taken.has(path)) repeated.push(shown);
      this.taken.add(path);
    };
    for (const { path } of secret?.items ?? []) add(path, secret?.name ?? '');
    for (const { path } of configMap?.items ?? []) add(path, configMap?.name ?? '');
    for (const { path } of downwardAPI?.items ?? []) add(path, path);
    if (clusterTrustBundle !== undefined) add(clusterTrustBundle.path, clusterTrustBundle.path);
    for (const name of certificateFiles) {
      const path = podCertificate?.[name] ?? '';
      add(path, path);
    }
    return repeated;
  }
}

const validateKeys = (
  source: Pick<ConfigMapProjection | SecretProjection, 'name' | 'items'>,
  field: string,
): FieldError[] => [
  ...requiredText(child(field, 'name'), source.name),
  ...validateItems(source.items, field),
];

function validateProjection(
  projection: VolumeProjection,
  field: string,
  volume: string,
): FieldError[] {
  const { secret, configMap, downwardAPI, serviceAccountToken } = projection;
  const errors: FieldError[] = [];
  if (secret !== undefined) errors.push(...validateKeys(secret, child(field, 'secret')));
  if (configMap !== undefined) errors.push(...validateKeys(configMap, child(field, 'configMap')));
  errors.push(...validateDownwardFiles(downwardAPI?.items, child(field, 'downwardAPI')));
  if (serviceAccountToken !== undefined) {
    errors.push(...validateToken(serviceAccountToken, child(field, 'serviceAccountToken'), volume));
  }
  const { clusterTrustBundle, podCertificate } = projection;
  if (clusterTrustBundle !== undefined) {
    errors.push(...validateTrustBundle(clusterTrustBundle, child(field, 'clusterTrustBundle')));
  }
  if (podCertificate !== undefined) {
    errors.push(...validateCertificate(podCertificate, child(field, 'podCertificate')));
  }
  const sources = Object.values(projection).filter((source) => source !== undefined).length;
  if (sources > 1) {
    errors.push(forbidden(field, 'may not specify more than 1 volume type per source'));
  }
  return errors;
}

/** Checks a projected volume at `field`. */
export function validateProjected(projected: ProjectedVolumeSource, field: string): FieldError[] {
  const files = new ProjectedFiles();
  return [
    ...fileMode(child(field, 'defaultMode'), projected.defaultMode),
    ...eachOf(child(field, 'sources'), projected.sources, (projection, path) => [
      ...validateProjection(projection, path, field),
      ...files
        .take(projection)
        .map((shown) => invalid(field, shown, 'conflicting duplicate paths')),
    ]),
  ];
}
