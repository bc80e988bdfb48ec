/** Checks of claims for storage as Kubernetes makes them, with its texts. Called by claims and by everything that makes some. */
import { jsonEqual } from '../../patch/json-value.js';
import { compareQuantities, quantitySign } from '../../quantity.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  forbidden,
  invalid,
  key,
  notSupported,
  required,
} from '../../validation/field-error.js';
import { validateLabelSelector } from '../../validation/label-selector.js';
import { dns1123SubdomainErrors } from '../../validation/names.js';
import { changedFields } from './changed-fields.js';
import { oneOf, optionalName, requiredText } from './pod/validate-values.js';
import type {
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  PersistentVolumeClaimStatus,
  TypedLocalObjectReference,
} from './types.js';

const supportedModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

/** The modes a volume may be in, sorted. */
export const volumeModes = ['Block', 'Filesystem'] as const;

/** Checks the ways a volume is to be mounted; `detail` is what is said where there is none. */
export function validateAccessModes(
  modes: readonly string[] | undefined,
  field: string,
  detail = '',
): FieldError[] {
  const given = modes ?? [];
  const errors = given.length === 0 ? [required(field, detail)] : [];
  for (const mode of given) {
    if (!supportedModes.includes(mode)) errors.push(notSupported(field, mode, supportedModes));
  }
  const supported = given.filter((mode) => supportedModes.includes(mode));
  if (supported.includes('ReadWriteOncePod') && new Set(supported).size > 1) {
    errors.push(forbidden(field, 'may not use ReadWriteOncePod with other access modes'));
  }
  return errors;
}

/** An amount of storage: there has to be some. */
export const positiveQuantity = (amount: string, field: string): FieldError[] =>
  quantitySign(amount) > 0 ? [] : [invalid(field, amount, 'must be greater than zero')];

function validateSource(source: TypedLocalObjectReference, field: string): FieldError[] {
  const group = source.apiGroup ?? '';
  const errors = [
    ...requiredText(child(field, 'name'), source.name),
    ...requiredText(child(field, 'kind'), source.kind),
  ];
  if (group === '' && source.kind !== 'PersistentVolumeClaim') {
    const detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
    errors.push(invalid(field, source.kind, detail));
  }
  return [...errors, ...optionalName(child(field, 'apiGroup'), group, dns1123SubdomainErrors)];
}

function validateSources(spec: PersistentVolumeClaimSpec, field: string): FieldError[] {
  const { dataSource, dataSourceRef } = spec;
  const path = child(field, 'dataSource');
  const errors = [
    ...(dataSource === undefined ? [] : validateSource(dataSource, path)),
    ...(dataSourceRef === undefined
      ? []
      : validateSource(dataSourceRef, child(field, 'dataSourceRef'))),
  ];
  if (dataSource === undefined || dataSourceRef === undefined) return errors;
  const { namespace = '', ...reference } = dataSourceRef;
  if (namespace !== '') {
    const detail = 'may not be specified when dataSourceRef.namespace is specified';
    return [...errors, invalid(field, path, detail)];
  }
  return jsonEqual(dataSource, reference)
    ? errors
    : [...errors, invalid(field, path, 'must match dataSourceRef')];
}

/** Checks what a claim asks for. */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, field: string): FieldError[] {
  const storage = spec.resources?.requests?.storage;
  const storageField = key(child(field, 'resources'), 'storage');
  const className = (name: 'storageClassName' | 'volumeAttributesClassName'): FieldError[] =>
    optionalName(child(field, name), spec[name], dns1123SubdomainErrors);
  return [
    ...validateAccessModes(
      spec.accessModes,
      child(field, 'accessModes'),
      'at least 1 access mode is required',
    ),
    ...validateLabelSelector(spec.selector, child(field, 'selector')),
    ...(storage === undefined ? [required(storageField)] : positiveQuantity(storage, storageField)),
    ...className('storageClassName'),
    ...oneOf(child(field, 'volumeMode'), spec.volumeMode, volumeModes),
    ...className('volumeAttributesClassName'),
    ...validateSources(spec, field),
  ];
}

/** Checks a claim; its metadata is checked by the registry. */
export const validateClaim = ({ spec }: PersistentVolumeClaim): readonly FieldError[] =>
  validateClaimSpec(spec, 'spec');

const requestOf = (claim: PersistentVolumeClaim): string =>
  claim.spec.resources?.requests?.storage ?? '0';

/** The new claim with everything taken back that a claim may change: being bound, growing, its class of attributes. */
function withoutAllowedChanges(
  claim: PersistentVolumeClaim,
  stored: PersistentVolumeClaim,
): PersistentVolumeClaimSpec {
  const spec = { ...claim.spec, volumeAttributesClassName: stored.spec.volumeAttributesClassName };
  if ((stored.spec.volumeName ?? '') === '') spec.volumeName = stored.spec.volumeName;
  // A claim from before there was a default class may be given one.
  if (stored.spec.storageClassName === undefined) spec.storageClassName = undefined;
  if (claim.status.phase === 'Bound' && spec.resources?.requests !== undefined) {
    const requests = { ...spec.resources.requests, storage: requestOf(stored) };
    spec.resources = { ...spec.resources, requests };
  }
  return spec;
}

function validateAttributesClass(
  claim: PersistentVolumeClaim,
  stored: PersistentVolumeClaim,
): FieldError[] {
  const [next, last] = [
    claim.spec.volumeAttributesClassName ?? '',
    stored.spec.volumeAttributesClassName ?? '',
  ];
  const isApplied = (stored.status.currentVolumeAttributesClassName ?? '') !== '';
  return last !== '' && next === '' && isApplied
    ? [forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden')]
    : [];
}

/** What may change in a claim once it is stored. */
export function validateClaimUpdate(
  claim: PersistentVolumeClaim,
  stored: PersistentVolumeClaim,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  const differences = changedFields(withoutAllowedChanges(claim, stored), stored.spec);
  if (differences !== '') {
    errors.push(
      forbidden(
        'spec',
        `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${differences}`,
      ),
    );
  }
  const [next, last] = [requestOf(claim), requestOf(stored)];
  const actual = stored.status.capacity?.storage ?? '0';
  if (compareQuantities(next, last) < 0 && compareQuantities(next, actual) <= 0) {
    const detail = 'field can not be less than status.capacity';
    errors.push(forbidden('spec.resources.requests.storage', detail));
  }
  if (claim.spec.volumeMode !== stored.spec.volumeMode) {
    errors.push(invalid('volumeMode', claim.spec.volumeMode, 'field is immutable'));
  }
  return [...errors, ...validateAttributesClass(claim, stored)];
}

const resizeStates = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizePending',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
];

function validateCapacities(status: PersistentVolumeClaimStatus): FieldError[] {
  return (['capacity', 'allocatedResources'] as const).flatMap((name) =>
    Object.entries(status[name] ?? {}).flatMap(([resource, amount]) =>
      quantitySign(amount) < 0
        ? [
            invalid(
              key(child('status', name), resource),
              amount,
              'must be greater than or equal to 0',
            ),
          ]
        : [],
    ),
  );
}

/** Checks the status of a claim. */
export const validateClaimStatus = ({ status }: PersistentVolumeClaim): FieldError[] => [
  ...validateCapacities(status),
  ...Object.entries(status.allocatedResourceStatuses ?? {}).flatMap(([resource, state]) =>
    oneOf(key('status.allocatedResourceStatuses', resource), state, resizeStates),
  ),
];
