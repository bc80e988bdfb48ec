/** Checks of CertificateSigningRequests, in Kubernetes' words. What each write may change depends on the part it writes. */
import { jsonEqual } from '../../patch/json-value.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  duplicate,
  forbidden,
  index,
  invalid,
  notSupported,
  required,
} from '../../validation/field-error.js';
import { certificateProblem } from '../certificate-chain.js';
import { checkCertificateRequest } from '../certificate-request.js';
import { minExpirationSeconds } from '../limits.js';
import { validateSignerName } from '../signer-name.js';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from './types.js';

/** What a certificate can be for, as far as the API has words for it. */
export const keyUsages = [
  'signing',
  'digital signature',
  'content commitment',
  'key encipherment',
  'key agreement',
  'data encipherment',
  'cert sign',
  'crl sign',
  'encipher only',
  'decipher only',
  'any',
  'server auth',
  'client auth',
  'code signing',
  'email protection',
  's/mime',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'timestamping',
  'ocsp signing',
  'microsoft sgc',
  'netscape sgc',
] as const;

const sortedUsages = [...keyUsages].sort();
const legacySigner = 'kubernetes.io/legacy-unknown';
const conditionsField = 'status.conditions';

/** A request before anything has checked that what the type calls required is there. */
interface UncheckedRequest {
  readonly spec?: Partial<CertificateSigningRequest['spec']>;
  readonly status?: Partial<CertificateSigningRequest['status']>;
}

const unchecked = (object: CertificateSigningRequest): UncheckedRequest => object;
const decoded = (base64: string): string => Buffer.from(base64, 'base64').toString('latin1');

/** The conditions, also of a request that was sent without a status. */
export const conditionsOf = (
  object: CertificateSigningRequest,
): readonly CertificateSigningRequestCondition[] => unchecked(object).status?.conditions ?? [];

const certificateOf = (object: CertificateSigningRequest): string =>
  unchecked(object).status?.certificate ?? '';

function validateUsages(usages: readonly string[]): FieldError[] {
  const field = 'spec.usages';
  if (usages.length === 0) return [required(field)];
  const known: ReadonlySet<string> = new Set(keyUsages);
  const unknown = usages.flatMap((usage, at) =>
    known.has(usage) ? [] : [notSupported(index(field, at), usage, sortedUsages)],
  );
  const repeated = usages.flatMap((usage, at) =>
    usages.indexOf(usage) === at ? [] : [duplicate(index(field, at), usage)],
  );
  return [...unknown, ...repeated];
}

function validatePkcs10(request: string): FieldError[] {
  try {
    checkCertificateRequest(decoded(request));
    return [];
  } catch (error) {
    return [invalid('spec.request', request, error instanceof Error ? error.message : 'malformed')];
  }
}

const decisions: ReadonlySet<string> = new Set(['Approved', 'Denied']);
const lasting = ['Approved', 'Denied', 'Failed'];

function validateConditions(
  conditions: readonly Partial<CertificateSigningRequestCondition>[],
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  conditions.forEach(({ type = '', status = '' }, at) => {
    const field = index(conditionsField, at);
    if (type === '') errors.push(required(`${field}.type`));
    const allowed = lasting.includes(type) ? ['True'] : ['False', 'True', 'Unknown'];
    if (status === '') errors.push(required(`${field}.status`));
    else if (!allowed.includes(status)) {
      errors.push(notSupported(`${field}.status`, status, allowed));
    }
    if (seen.has(type)) errors.push(duplicate(`${field}.type`, type));
    const isSecondDecision = [...seen].some((other) => other !== type && decisions.has(other));
    if (decisions.has(type) && isSecondDecision) {
      const why = 'Approved and Denied conditions are mutually exclusive';
      errors.push(invalid(`${field}.type`, type, why));
    }
    seen.add(type);
  });
  return errors;
}

/** Everything about a request that can be checked by looking at it alone. */
export function validateRequest(object: CertificateSigningRequest): FieldError[] {
  const {
    request = '',
    usages = [],
    signerName = '',
    expirationSeconds,
  } = unchecked(object).spec ?? {};
  const errors = [...validatePkcs10(request), ...validateUsages(usages)];
  if (signerName === legacySigner) {
    const why = 'the legacy signerName is not allowed via this API version';
    errors.push(invalid('spec.signerName', signerName, why));
  } else errors.push(...validateSignerName('spec.signerName', signerName));
  if (expirationSeconds !== undefined && expirationSeconds < minExpirationSeconds) {
    const why = 'may not specify a duration less than 600 seconds (10 minutes)';
    errors.push(invalid('spec.expirationSeconds', expirationSeconds, why));
  }
  errors.push(...validateConditions(conditionsOf(object)));
  const certificate = certificateOf(object);
  const problem = certificate === '' ? undefined : certificateProblem(decoded(certificate));
  if (problem !== undefined) {
    errors.push(invalid('status.certificate', '<certificate data>', problem));
  }
  return errors;
}

/** What a write to one part of a request may change in its status. */
interface Permission {
  readonly decide?: true;
  readonly issue?: true;
}

function validateChange(
  object: CertificateSigningRequest,
  stored: CertificateSigningRequest,
  permission: Permission,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const type of lasting) {
    const ofType = (one: CertificateSigningRequest): readonly object[] =>
      conditionsOf(one).filter((condition) => condition.type === type);
    const [before, after] = [ofType(stored), ofType(object)];
    const may = (verb: string): FieldError =>
      forbidden(conditionsField, `updates may not ${verb} a condition of type "${type}"`);
    if (after.length < before.length) errors.push(may('remove'));
    else if (permission.decide === true || !decisions.has(type)) continue;
    else if (after.length > before.length) errors.push(may('add'));
    else if (!jsonEqual(before, after)) errors.push(may('modify'));
  }
  const [before, after] = [certificateOf(stored), certificateOf(object)];
  if (before === after) return errors;
  if (permission.issue !== true) {
    errors.push(forbidden('status.certificate', 'updates may not set certificate content'));
  } else if (before !== '') {
    const why = 'updates may not modify existing certificate content';
    errors.push(forbidden('status.certificate', why));
  }
  return errors;
}

/** What a write of the request itself may change: no condition. */
export const validateRequestUpdate = (
  object: CertificateSigningRequest,
  stored: CertificateSigningRequest,
): FieldError[] => validateChange(object, stored, {});

/** What a write of its status may change. */
export const validateRequestStatusUpdate = (
  object: CertificateSigningRequest,
  stored: CertificateSigningRequest,
): FieldError[] => [...validateRequest(object), ...validateChange(object, stored, { issue: true })];

/** For writes to `/approval`. */
export const validateRequestApproval = (
  object: CertificateSigningRequest,
  stored: CertificateSigningRequest,
): FieldError[] => [
  ...validateRequest(object),
  ...validateChange(object, stored, { decide: true }),
];
