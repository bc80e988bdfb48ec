/** Checks of persistent volumes as Kubernetes makes them, with its texts. Their sources are checked in a file of their own. */
import { jsonEqual } from '../../patch/json-value.js';
import { quantitySign, quantityValue } from '../../quantity.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  forbidden,
  invalid,
  key,
  notSupported,
  required,
} from '../../validation/field-error.js';
import { dns1123SubdomainErrors } from '../../validation/names.js';
import { immutable } from '../../validation/object-meta.js';
import { changedFields } from './changed-fields.js';
import { validateVolumeSource, volumeSourcesOf } from './persistent-volume-source-validation.js';
import { validateNodeSelector } from './pod/validate-scheduling.js';
import { oneOf, optionalName, requiredText } from './pod/validate-values.js';
import type { PersistentVolume, PersistentVolumeSpec } from './types.js';
import { positiveQuantity, validateAccessModes, volumeModes } from './volume-claim-validation.js';

const reclaimPolicies = ['Delete', 'Recycle', 'Retain'];

function validateCapacity(spec: PersistentVolumeSpec, field: string): FieldError[] {
  const capacity = spec.capacity ?? {};
  const names = Object.keys(capacity);
  const errors = names.length === 0 ? [required(field)] : [];
  if (names.length !== 1 || names[0] !== 'storage') {
    errors.push(notSupported(field, spec.capacity ?? null, ['storage']));
  }
  for (const [name, amount] of Object.entries(capacity)) {
    const path = key(field, name);
    if (quantitySign(amount) < 0) {
      errors.push(invalid(path, quantityValue(amount), 'must be a valid resource quantity'));
    }
    errors.push(...positiveQuantity(amount, path));
  }
  return errors;
}

function validateNodeAffinity(spec: PersistentVolumeSpec, field: string): FieldError[] {
  const { nodeAffinity } = spec;
  if (nodeAffinity === undefined) return [];
  const path = child(field, 'required');
  return nodeAffinity.required === undefined
    ? [required(path, 'must specify required node constraints')]
    : validateNodeSelector(nodeAffinity.required, path);
}

function validateSources(spec: PersistentVolumeSpec): FieldError[] {
  const [first, ...others] = volumeSourcesOf(spec);
  if (first === undefined) return [required('spec', 'must specify a volume type')];
  const errors = [
    ...validateVolumeSource(first, spec, 'spec'),
    ...others.map((name) =>
      forbidden(child('spec', name), 'may not specify more than 1 volume type'),
    ),
  ];
  if (spec.local !== undefined && spec.nodeAffinity === undefined) {
    errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
  }
  const isRoot = spec.hostPath !== undefined && /^\/+(\.?\/*)*$/.test(spec.hostPath.path);
  if (isRoot && spec.persistentVolumeReclaimPolicy === 'Recycle') {
    const detail = "may not be 'recycle' for a hostPath mount of '/'";
    errors.push(forbidden('spec.persistentVolumeReclaimPolicy', detail));
  }
  return errors;
}

/** Checks a persistent volume; its metadata is checked by the registry. */
export function validatePersistentVolume({ spec }: PersistentVolume): readonly FieldError[] {
  const { storageClassName, volumeAttributesClassName: attributes } = spec;
  return [
    ...validateAccessModes(spec.accessModes, 'spec.accessModes'),
    ...validateCapacity(spec, 'spec.capacity'),
    ...oneOf(
      'spec.persistentVolumeReclaimPolicy',
      spec.persistentVolumeReclaimPolicy,
      reclaimPolicies,
    ),
    ...validateNodeAffinity(spec, 'spec.nodeAffinity'),
    ...validateSources(spec),
    ...optionalName('spec.storageClassName', storageClassName, dns1123SubdomainErrors),
    ...oneOf('spec.volumeMode', spec.volumeMode, volumeModes),
    ...(attributes === undefined
      ? []
      : [
          ...requiredText(
            'spec.volumeAttributesClassName',
            attributes,
            'an empty string is disallowed',
          ),
          ...optionalName('spec.volumeAttributesClassName', attributes, dns1123SubdomainErrors),
          ...(spec.csi === undefined
            ? [required('spec.csi', 'has to be specified when using volumeAttributesClassName')]
            : []),
        ]),
  ];
}

/** The sources of a volume without what may be added to them later. */
function fixedSources(spec: PersistentVolumeSpec, stored: PersistentVolumeSpec): object {
  const sources = Object.fromEntries(volumeSourcesOf(spec).map((name) => [name, spec[name]]));
  const addable = stored.csi !== undefined && stored.csi.controllerExpandSecretRef === undefined;
  if (spec.csi === undefined || !addable) return sources;
  return { ...sources, csi: { ...spec.csi, controllerExpandSecretRef: undefined } };
}

/** What may change in a persistent volume once it is stored. */
export function validatePersistentVolumeUpdate(
  { spec }: PersistentVolume,
  stored: PersistentVolume,
): readonly FieldError[] {
  const differences = changedFields(
    fixedSources(spec, stored.spec),
    fixedSources(stored.spec, stored.spec),
  );
  const errors = immutable('volumeMode', spec.volumeMode, stored.spec.volumeMode);
  const { nodeAffinity: last } = stored.spec;
  if (last !== undefined && !jsonEqual(spec.nodeAffinity ?? null, last)) {
    errors.push(...immutable('nodeAffinity', spec.nodeAffinity, last));
  }
  if (differences === '') return errors;
  const field = 'spec.persistentvolumesource';
  return [forbidden(field, `${field} is immutable after creation\n${differences}`), ...errors];
}
