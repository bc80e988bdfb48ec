/** Checks of what signers write into the status of PodCertificateRequests, in Kubernetes' words. */
import { X509Certificate } from 'node:crypto';
import { jsonEqual } from '../../patch/json-value.js';
import { validateConditions } from '../../validation/conditions.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  index,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../validation/field-error.js';
import { byteLength } from '../../validation/names.js';
import { certificateProblem } from '../certificate-chain.js';
import { maxCertificateChainBytes, minRefreshMarginMs, podCertificateSeconds } from '../limits.js';
import { pemBlockAt } from '../pem.js';
import { keyRequested } from './pod-certificate-request-validation.js';
import type { PodCertificateRequest, PodCertificateRequestStatus } from './types.js';

const outcomes = ['Issued', 'Denied', 'Failed'] as const;
type Outcome = (typeof outcomes)[number];

const isOutcome = (type: string): type is Outcome => outcomes.some((known) => known === type);

/** What the signer decided; undefined while it has not. */
export function outcomeOf(status: PodCertificateRequestStatus | undefined): Outcome | undefined {
  const decided = status?.conditions?.find(
    ({ type, status: holds }) => isOutcome(type) && holds === 'True',
  );
  return outcomes.find((known) => known === decided?.type);
}

const conditionsField = 'status.conditions';
const chainField = 'status.certificateChain';

function validateOutcomes({ conditions = [] }: PodCertificateRequestStatus): FieldError[] {
  const errors: FieldError[] = [];
  conditions.forEach(({ type, status }, at) => {
    const field = index(conditionsField, at);
    if (!isOutcome(type)) {
      errors.push(notSupported(child(field, 'type'), type, outcomes));
      return;
    }
    if (conditions.findIndex((one) => isOutcome(one.type)) !== at) {
      const detail = 'There may be at most one condition with type "Issued", "Denied", or "Failed"';
      errors.push(invalid(child(field, 'type'), type, detail));
    }
    if (status !== 'True') errors.push(notSupported(child(field, 'status'), status, ['True']));
  });
  return [...errors, ...validateConditions(conditions, conditionsField)];
}

const unchanged = (same: boolean, detail: string): FieldError[] =>
  same ? [] : [invalid('status', '<value omitted>', detail)];

/** The first certificate of a chain; a refusal where there is none or anything else is among them. */
function leafOf(chain: string): X509Certificate | FieldError {
  if (byteLength(chain) > maxCertificateChainBytes)
    return tooLong(chainField, maxCertificateChainBytes);
  const first = pemBlockAt(chain);
  if (first === undefined) {
    const detail = 'issued certificate chain must contain at least one certificate';
    return invalid(chainField, chain, detail);
  }
  if (certificateProblem(chain) !== undefined) {
    const detail = 'issued certificate chain must consist entirely of CERTIFICATE PEM blocks';
    return invalid(chainField, chain, detail);
  }
  return new X509Certificate(first.der);
}

const isSameKey = (leaf: X509Certificate, { spec }: PodCertificateRequest): boolean =>
  leaf.publicKey.export({ format: 'der', type: 'spki' }).equals(keyRequested(spec));

function validateTimes({ status, spec }: PodCertificateRequest, leaf: X509Certificate) {
  const { notBefore, notAfter, beginRefreshAt } = status;
  const consistent = 'must be present and consistent with the issued certificate';
  if (notBefore === undefined) return [required('status.notBefore', consistent)];
  if (notAfter === undefined) return [required('status.notAfter', consistent)];
  const refreshField = 'status.beginRefreshAt';
  if (beginRefreshAt === undefined) {
    const detail = 'must be present and in the range [notbefore+10min, notafter-10min]';
    return [required(refreshField, detail)];
  }
  const [from, to] = [Date.parse(notBefore), Date.parse(notAfter)];
  for (const [name, text, given, issued] of [
    ['NotBefore', notBefore, from, Date.parse(leaf.validFrom)],
    ['NotAfter', notAfter, to, Date.parse(leaf.validTo)],
  ] as const) {
    if (given === issued) continue;
    const detail = `must be set to the ${name} time encoded in the leaf certificate`;
    return [invalid(child('status', `n${name.slice(1)}`), text, detail)];
  }
  const lifetime = (to - from) / 1000;
  if (lifetime < podCertificateSeconds.min) {
    return [invalid(chainField, lifetime, 'leaf certificate lifetime must be >= 1 hour')];
  }
  const longest = spec.maxExpirationSeconds ?? 0;
  if (lifetime > longest) {
    const detail = `leaf certificate lifetime must be <= spec.maxExpirationSeconds (${String(longest)})`;
    return [invalid(chainField, lifetime, detail)];
  }
  const refresh = Date.parse(beginRefreshAt);
  if (refresh < from + minRefreshMarginMs) {
    const detail = 'must be at least 10 minutes after status.notBefore';
    return [invalid(refreshField, beginRefreshAt, detail)];
  }
  const detail = 'must be at least 10 minutes before status.notAfter';
  return refresh > to - minRefreshMarginMs ? [invalid(refreshField, beginRefreshAt, detail)] : [];
}

function validateCertificate(object: PodCertificateRequest): FieldError[] {
  const chain = object.status.certificateChain ?? '';
  const leaf = leafOf(chain);
  if (!(leaf instanceof X509Certificate)) return [leaf];
  if (isSameKey(leaf, object)) return validateTimes(object, leaf);
  const detail = 'leaf certificate was not issued to the requested public key';
  return [invalid(chainField, chain, detail)];
}

/** Checks a new status: nothing changes but by one decision, and what is issued fits what was asked for. */
export function validateIssue(
  object: PodCertificateRequest,
  stored: PodCertificateRequest,
): FieldError[] {
  const errors = validateOutcomes(object.status);
  if (errors.length > 0) return errors;
  const isSame = jsonEqual(object.status, stored.status);
  if (outcomeOf(stored.status) !== undefined) {
    return unchanged(isSame, 'immutable after PodCertificateRequest is issued, denied, or failed');
  }
  switch (outcomeOf(object.status)) {
    case undefined:
      return unchanged(
        isSame,
        'status is immutable unless transitioning to "Issued", "Denied", or "Failed"',
      );
    case 'Issued':
      return validateCertificate(object);
    case 'Denied':
    case 'Failed':
      return unchanged(
        Object.keys(object.status).every((name) => name === 'conditions'),
        'non-condition status fields must be empty when denying or failing the PodCertificateRequest',
      );
  }
}
