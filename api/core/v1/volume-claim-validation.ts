/** Checks of claims for storage as Kubernetes makes them, with its texts. Called by claims and by everything that makes some. */
import { jsonEqual } from '../../patch/json-value.js';
import { compareQuantities, quantitySign, quantityValue } from '../../quantity.js';
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
import { validateLabelSelector } from '../../validation/label-selector.js';
import { dns1123SubdomainErrors, qualifiedNameErrors } from '../../validation/names.js';
import { changedFields } from './changed-fields.js';
import { isNativeResource } from './extended-resources.js';
import { anyOf, optionalName, requiredText } from './pod/validate-values.js';
import type {
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  PersistentVolumeClaimStatus,
  TypedLocalObjectReference,
} from './types.js';
import { storageClassAnnotation } from './volume-columns.js';

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
  const errors = [
    ...(dataSource === undefined ? [] : validateSource(dataSource, child(field, 'dataSource'))),
    ...(dataSourceRef === undefined
      ? []
      : validateSource(dataSourceRef, child(field, 'dataSourceRef'))),
  ];
  if (dataSource === undefined || dataSourceRef === undefined) return errors;
  const { namespace = '', ...reference } = dataSourceRef;
  // Kubernetes shows a path as the value, which has nothing to show.
  const refused = (detail: string): FieldError[] => [...errors, invalid(field, {}, detail)];
  if (namespace !== '') {
    return refused('may not be specified when dataSourceRef.namespace is specified');
  }
  return jsonEqual(dataSource, reference) ? errors : refused('must match dataSourceRef');
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
    ...anyOf(child(field, 'volumeMode'), spec.volumeMode, volumeModes),
    ...validateSources(spec, field),
    ...className('volumeAttributesClassName'),
  ];
}

/** Checks a claim; its metadata is checked by the registry. */
export const validateClaim = ({ spec }: PersistentVolumeClaim): readonly FieldError[] =>
  validateClaimSpec(spec, 'spec');

const requestOf = (claim: PersistentVolumeClaim): string =>
  claim.spec.resources?.requests?.storage ?? '0';

/** A claim from before there was a default class, or whose class stood in an annotation, may be given it. */
function mayGetClass(claim: PersistentVolumeClaim, stored: PersistentVolumeClaim): boolean {
  const annotated = stored.metadata.annotations?.[storageClassAnnotation];
  const { storageClassName: next } = claim.spec;
  const isFree = next !== undefined && stored.spec.storageClassName === undefined;
  return isFree && (annotated === undefined || annotated === next);
}

/** The annotation stays as it was, unless it goes because the field has taken its place. */
function validateClassAnnotation(
  claim: PersistentVolumeClaim,
  stored: PersistentVolumeClaim,
): FieldError[] {
  const next = claim.metadata.annotations?.[storageClassAnnotation];
  const last = stored.metadata.annotations?.[storageClassAnnotation];
  const isReplaced = last !== undefined && mayGetClass(claim, stored);
  return (next ?? '') === (last ?? '') || (isReplaced && next === undefined)
    ? []
    : [
        invalid(
          child('metadata', 'annotations', storageClassAnnotation),
          next ?? '',
          'field is immutable',
        ),
      ];
}

/** The new claim with everything taken back that a claim may change: being bound, and then growing and its class of attributes. */
function withoutAllowedChanges(
  claim: PersistentVolumeClaim,
  stored: PersistentVolumeClaim,
): PersistentVolumeClaimSpec {
  const spec = { ...claim.spec };
  if ((stored.spec.volumeName ?? '') === '') spec.volumeName = stored.spec.volumeName;
  if (mayGetClass(claim, stored)) spec.storageClassName = undefined;
  if (claim.status.phase !== 'Bound') return spec;
  spec.volumeAttributesClassName = stored.spec.volumeAttributesClassName;
  if (spec.resources?.requests !== undefined) {
    const requests = { ...spec.resources.requests, storage: requestOf(stored) };
    spec.resources = { ...spec.resources, requests };
  }
  return spec;
}

/** A class of attributes that the volume has cannot be taken from it, only be changed for another. */
function validateAttributesClass(
  claim: PersistentVolumeClaim,
  stored: PersistentVolumeClaim,
): FieldError[] {
  const { volumeAttributesClassName: next } = claim.spec;
  const isSame = next === stored.spec.volumeAttributesClassName;
  const isApplied = stored.status.currentVolumeAttributesClassName !== undefined;
  if (isSame || !isApplied || (next !== undefined && next !== '')) return [];
  const what = next === undefined ? 'nil' : 'empty string';
  return [
    forbidden(
      'spec.volumeAttributesClassName',
      `update to ${what} is forbidden when status.currentVolumeAttributesClassName is not nil`,
    ),
  ];
}

/** What may change in a claim once it is stored. */
export function validateClaimUpdate(
  claim: PersistentVolumeClaim,
  stored: PersistentVolumeClaim,
): readonly FieldError[] {
  const errors = validateClassAnnotation(claim, stored);
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
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
];

const validAmount = (amount: string, field: string): FieldError[] =>
  quantitySign(amount) < 0
    ? [invalid(field, quantityValue(amount), 'must be a valid resource quantity')]
    : [];

/** Of Kubernetes' own resources, a claim has storage alone. */
function resourceKeyErrors(name: string, field: string): FieldError[] {
  const malformed = qualifiedNameErrors(name);
  if (malformed.length > 0) return invalidBecause(field, name, malformed);
  return isNativeResource(name) && name !== 'storage'
    ? [notSupported(field, name, ['storage'])]
    : [];
}

function validateAllocated(amounts: PersistentVolumeClaimStatus['allocatedResources'] = {}) {
  const field = 'status.allocatedResources';
  return Object.entries(amounts).flatMap(([name, amount]) => {
    const errors = resourceKeyErrors(name, field);
    return errors.length > 0 ? errors : validAmount(amount, key(field, name));
  });
}

/** Checks the status of a claim. A state that nobody knows is reported by its resource, as in Kubernetes. */
export function validateClaimStatus({ status }: PersistentVolumeClaim): FieldError[] {
  const statesField = 'status.allocatedResourceStatuses';
  return [
    ...Object.entries(status.capacity ?? {}).flatMap(([name, amount]) =>
      validAmount(amount, key('status.capacity', name)),
    ),
    ...Object.entries(status.allocatedResourceStatuses ?? {}).flatMap(([name, state]) => [
      ...resourceKeyErrors(name, statesField),
      ...(resizeStates.includes(state) ? [] : [notSupported(statesField, name, resizeStates)]),
    ]),
    ...validateAllocated(status.allocatedResources),
  ];
}
