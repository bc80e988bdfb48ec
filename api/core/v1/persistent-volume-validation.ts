/** Checks of persistent volumes as Kubernetes makes them, with its texts. Their sources are checked in a file of their own. */
import { quantitySign, quantityValue } from '../../quantity.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  forbidden,
  invalid,
  invalidBecause,
  key,
  notSupported,
  required,
} from '../../validation/field-error.js';
import { dns1123SubdomainErrors } from '../../validation/names.js';
import { immutable } from '../../validation/object-meta.js';
import { changedFields } from './changed-fields.js';
import { validateVolumeSource, volumeSourcesOf } from './persistent-volume-source-validation.js';
import { validateNodeSelector } from './pod/validate-scheduling.js';
import { anyOf, oneOf, optionalName, requiredText } from './pod/validate-values.js';
import type { PersistentVolume, PersistentVolumeSpec } from './types.js';
import { positiveQuantity, validateAccessModes, volumeModes } from './volume-claim-validation.js';
import { iscsiPortalTooLong } from './volume-source-rules.js';

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

/** Kubernetes spells this one otherwise where it is one source too many. */
const spelledWhenTooMany = (name: string): string => (name === 'cephfs' ? 'cephFS' : name);

function validateSources({ metadata, spec }: PersistentVolume): FieldError[] {
  const [first, ...others] = volumeSourcesOf(spec);
  if (first === undefined) return [required('spec', 'must specify a volume type')];
  const { iscsi } = spec;
  const errors = [
    ...(iscsi === undefined
      ? []
      : invalidBecause(
          'spec.iscsi.targetportal',
          iscsi.targetPortal,
          iscsiPortalTooLong(iscsi, metadata.name),
        )),
    ...validateVolumeSource(first, spec, 'spec'),
    ...others.map((name) =>
      forbidden(child('spec', spelledWhenTooMany(name)), 'may not specify more than 1 volume type'),
    ),
  ];
  if (spec.local !== undefined && spec.nodeAffinity === undefined) {
    errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
  }
  const isRoot = spec.hostPath !== undefined && /^\/[./]*$/.test(spec.hostPath.path);
  if (isRoot && spec.persistentVolumeReclaimPolicy === 'Recycle') {
    const detail = "may not be 'recycle' for a hostPath mount of '/'";
    errors.push(forbidden('spec.persistentVolumeReclaimPolicy', detail));
  }
  return errors;
}

/** Checks a persistent volume; its metadata is checked by the registry. */
export function validatePersistentVolume(volume: PersistentVolume): readonly FieldError[] {
  const { spec } = volume;
  const { storageClassName, volumeAttributesClassName: attributes } = spec;
  const attributesField = 'spec.volumeAttributesClassName';
  return [
    ...validateAccessModes(spec.accessModes, 'spec.accessModes'),
    ...validateCapacity(spec, 'spec.capacity'),
    ...oneOf(
      'spec.persistentVolumeReclaimPolicy',
      spec.persistentVolumeReclaimPolicy,
      reclaimPolicies,
    ),
    ...validateNodeAffinity(spec, 'spec.nodeAffinity'),
    ...validateSources(volume),
    ...optionalName('spec.storageClassName', storageClassName, dns1123SubdomainErrors),
    ...anyOf('spec.volumeMode', spec.volumeMode, volumeModes),
    ...(attributes === undefined
      ? []
      : [
          ...requiredText(attributesField, attributes, 'an empty string is disallowed'),
          ...optionalName(attributesField, attributes, dns1123SubdomainErrors),
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

const settledLabels: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
};

/** Whether two affinities differ in nothing but that old names of labels have become the new ones. */
function sameAffinity(next: unknown, last: unknown): boolean {
  if (Array.isArray(next) && Array.isArray(last)) {
    return next.length === last.length && next.every((item, at) => sameAffinity(item, last[at]));
  }
  if (typeof next !== 'object' || typeof last !== 'object' || next === null || last === null) {
    return next === last;
  }
  const after = new Map<string, unknown>(Object.entries(next));
  const before = new Map<string, unknown>(Object.entries(last));
  return [...new Set([...after.keys(), ...before.keys()])].every((name) => {
    const [to, from] = [after.get(name), before.get(name)];
    const isSettled = name === 'key' && typeof from === 'string' && settledLabels[from] === to;
    return isSettled || sameAffinity(to, from);
  });
}

function validateSettings(
  { nodeAffinity, volumeAttributesClassName: attributes }: PersistentVolumeSpec,
  stored: PersistentVolumeSpec,
): FieldError[] {
  const { nodeAffinity: last, volumeAttributesClassName: before } = stored;
  return [
    ...(last === undefined || sameAffinity(nodeAffinity, last)
      ? []
      : [
          invalid(
            'nodeAffinity',
            nodeAffinity,
            'field is immutable, except for updating from beta label to GA',
          ),
        ]),
    ...(before !== undefined && attributes === undefined
      ? [
          forbidden(
            'spec.volumeAttributesClassName',
            'update from non-nil value to nil is forbidden',
          ),
        ]
      : []),
  ];
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
  const errors = [
    ...immutable('volumeMode', spec.volumeMode, stored.spec.volumeMode),
    ...validateSettings(spec, stored.spec),
  ];
  if (differences === '') return errors;
  const field = 'spec.persistentvolumesource';
  return [forbidden(field, `${field} is immutable after creation\n${differences}`), ...errors];
}
