/** What is allowed in a wish for devices. Called by claims and their templates. */
import type { FieldError } from '../../validation/field-error.js';
import { child, invalid, notSupported, required } from '../../validation/field-error.js';
import { maxAlternatives, maxClaimEntries } from './limits.js';
import {
  validateClassName,
  validateConfiguration,
  validateLabelText,
  validateList,
  validateQualifiedAttributeName,
  validateSelectors,
  validateSet,
  validateTolerations,
} from './resource-checks.js';
import type {
  DeviceClaim,
  DeviceConstraint,
  DeviceRequest,
  DeviceSubRequest,
  ExactDeviceRequest,
} from './types.js';

const allocationModes = ['All', 'ExactCount'] as const;
const badReference =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

/** The names by which a claim's requests can be called: `request` and `request/wish`. */
export function requestNames({ requests = [] }: DeviceClaim): ReadonlySet<string> {
  return new Set(
    requests.flatMap(({ name, firstAvailable = [] }) => [
      name,
      ...firstAvailable.map((wish) => `${name}/${wish.name}`),
    ]),
  );
}

/** Checks a reference to a request of the claim. */
export function validateRequestReference(
  name: string,
  field: string,
  names: ReadonlySet<string>,
): FieldError[] {
  const parts = name.split('/');
  if (parts.length > 2) return [invalid(field, name, badReference)];
  return [
    ...parts.flatMap((part) => validateLabelText(part, field)),
    ...(names.has(name) ? [] : [invalid(field, name, badReference)]),
  ];
}

/** Checks a list of references to requests of the claim. */
export const validateRequestReferences = (
  references: readonly string[] | undefined,
  field: string,
  names: ReadonlySet<string>,
): FieldError[] =>
  validateSet(references, field, maxClaimEntries, {
    check: (name, path) => validateRequestReference(name, path, names),
    keyOf: (name) => name,
  });

function validateWish(wish: ExactDeviceRequest | DeviceSubRequest, field: string): FieldError[] {
  const { allocationMode = '', count = 0 } = wish;
  const [modePath, countPath] = [child(field, 'allocationMode'), child(field, 'count')];
  const errors = [
    ...validateClassName(wish.deviceClassName, child(field, 'deviceClassName')),
    ...validateSelectors(wish.selectors, child(field, 'selectors')),
  ];
  if (allocationMode === 'All') {
    const detail = "must not be specified when allocationMode is 'All'";
    if (count !== 0) errors.push(invalid(countPath, count, detail));
  } else if (allocationMode === 'ExactCount') {
    if (count <= 0) errors.push(invalid(countPath, count, 'must be greater than zero'));
  } else errors.push(notSupported(modePath, allocationMode, allocationModes));
  return [...errors, ...validateTolerations(wish.tolerations, child(field, 'tolerations'))];
}

function validateRequest(request: DeviceRequest, field: string): FieldError[] {
  const { name, exactly, firstAvailable = [] } = request;
  const errors = [...validateLabelText(name, child(field, 'name'))];
  const only = 'exactly one of `exactly` or `firstAvailable` is required';
  if (exactly === undefined) {
    if (firstAvailable.length === 0) return [...errors, required(field, only)];
    return [
      ...errors,
      ...validateSet(firstAvailable, child(field, 'firstAvailable'), maxAlternatives, {
        check: (wish, path) => [
          ...validateLabelText(wish.name, child(path, 'name')),
          ...validateWish(wish, path),
        ],
        keyOf: (wish) => wish.name,
      }),
    ];
  }
  if (firstAvailable.length > 0) {
    return [...errors, invalid(field, undefined, `${only}, but multiple fields are set`)];
  }
  return [...errors, ...validateWish(exactly, child(field, 'exactly'))];
}

function validateConstraint(
  { requests, matchAttribute, distinctAttribute }: DeviceConstraint,
  field: string,
  names: ReadonlySet<string>,
): FieldError[] {
  const errors = validateRequestReferences(requests, child(field, 'requests'), names);
  if (matchAttribute !== undefined) {
    const path = child(field, 'matchAttribute');
    return [...errors, ...validateQualifiedAttributeName(matchAttribute, path)];
  }
  if (distinctAttribute !== undefined) {
    const path = child(field, 'distinctAttribute');
    return [...errors, ...validateQualifiedAttributeName(distinctAttribute, path)];
  }
  // The text is Kubernetes', although nothing is set here.
  const detail =
    'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set';
  return [...errors, required(field, detail)];
}

/** Checks requests, constraints and settings; `field` is the path of the claim's `devices`. */
export function validateDeviceClaim(claim: DeviceClaim, field: string): FieldError[] {
  const names = requestNames(claim);
  return [
    ...validateSet(claim.requests, child(field, 'requests'), maxClaimEntries, {
      check: validateRequest,
      keyOf: ({ name }) => name,
    }),
    ...validateList(
      claim.constraints,
      child(field, 'constraints'),
      maxClaimEntries,
      (constraint, path) => validateConstraint(constraint, path, names),
    ),
    ...validateList(claim.config, child(field, 'config'), maxClaimEntries, (config, path) => [
      ...validateRequestReferences(config.requests, child(path, 'requests'), names),
      ...validateConfiguration(config.opaque, path),
    ]),
  ];
}
