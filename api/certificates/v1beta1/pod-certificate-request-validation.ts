/** Checks of new PodCertificateRequests: the names they mention, and that whoever asks holds the key. In Kubernetes' words. */
import { constants, createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  invalid,
  invalidBecause,
  invalidState,
  tooLong,
} from '../../validation/field-error.js';
import { validateAnnotations } from '../../validation/labels.js';
import { byteLength, dns1123SubdomainErrors } from '../../validation/names.js';
import { keyOfSignedRequest } from '../certificate-request.js';
import {
  maxProofBytes,
  maxPublicKeyBytes,
  maxRequestUidBytes,
  maxStubRequestBytes,
  podCertificateSeconds,
} from '../limits.js';
import { validateSignerName } from '../signer-name.js';
import type { PodCertificateRequest, PodCertificateRequestSpec } from './types.js';

const fields = {
  key: 'spec.pkixPublicKey',
  proof: 'spec.proofOfPossession',
  stub: 'spec.stubPKCS10Request',
} as const;

function validateIdentity(what: string, name: string, uid: string): FieldError[] {
  const uidField = child('spec', `${what}UID`);
  return [
    ...invalidBecause(child('spec', `${what}Name`), name, dns1123SubdomainErrors(name)),
    ...(uid === '' ? [invalid(uidField, uid, 'must not be empty')] : []),
    ...(byteLength(uid) > maxRequestUidBytes ? [tooLong(uidField, maxRequestUidBytes)] : []),
  ];
}

function validateLifetime({ signerName, maxExpirationSeconds = 0 }: PodCertificateRequestSpec) {
  const { min, max, maxOwn } = podCertificateSeconds;
  const limit = /^([a-z0-9-]+\.)*kubernetes\.io\//.test(signerName) ? maxOwn : max;
  if (min <= maxExpirationSeconds && maxExpirationSeconds <= limit) return [];
  const detail = `must be in the range [${String(min)}, ${String(limit)}]`;
  return [invalid('spec.maxExpirationSeconds', maxExpirationSeconds, detail)];
}

const decoded = (base64 = ''): Buffer => Buffer.from(base64, 'base64');

/** The key that node:crypto makes of SPKI; undefined where it is none. */
function publicKeyOf(spki: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

const curves: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

/** Why a key may not be used; undefined for one that may. */
function keyProblem({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | undefined {
  switch (asymmetricKeyType) {
    case 'ed25519':
      return undefined;
    case 'ec':
      return curves.has(asymmetricKeyDetails?.namedCurve ?? '')
        ? undefined
        : 'elliptic public keys must use curve P256 or P384';
    case 'rsa':
      return [3072, 4096].includes(asymmetricKeyDetails?.modulusLength ?? 0)
        ? undefined
        : 'RSA keys must have modulus size 3072 or 4096';
    default:
      return 'unknown public key type; supported types are Ed25519, ECDSA, and RSA';
  }
}

function isProof(key: KeyObject, uid: string, proof: Buffer): boolean {
  const message = Buffer.from(uid);
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return verify(null, message, key, proof);
    case 'rsa': {
      const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_AUTO: saltLength } = constants;
      return verify('sha256', message, { key, padding, saltLength }, proof);
    }
    default:
      return verify('sha256', message, key, proof);
  }
}

/** The older form: a key, and the uid of the pod signed with it. */
function validateProof({ pkixPublicKey, proofOfPossession, podUID }: PodCertificateRequestSpec) {
  const [spki, proof] = [decoded(pkixPublicKey), decoded(proofOfPossession)];
  if (spki.length > maxPublicKeyBytes) return [tooLong(fields.key, maxPublicKeyBytes)];
  if (proof.length > maxProofBytes) return [tooLong(fields.proof, maxProofBytes)];
  const key = publicKeyOf(spki);
  if (key === undefined) {
    const detail = 'must be a valid PKIX-serialized public key';
    return [invalid(fields.key, pkixPublicKey ?? '', detail)];
  }
  const problem = keyProblem(key);
  if (problem !== undefined) return [invalid(fields.key, pkixPublicKey ?? '', problem)];
  if (isProof(key, podUID, proof)) return [];
  return [invalidState(fields.proof, 'could not verify proof-of-possession signature')];
}

/** The key a request asks a certificate for, as SPKI; throws an Error where its stub was not signed with it. */
export const keyRequested = ({ stubPKCS10Request, pkixPublicKey }: PodCertificateRequestSpec) =>
  stubPKCS10Request === ''
    ? decoded(pkixPublicKey)
    : keyOfSignedRequest(decoded(stubPKCS10Request));

/** The form of today: a certificate request, signed with the key it names. */
function validateStub(spec: PodCertificateRequestSpec): FieldError[] {
  const { stubPKCS10Request: stub, pkixPublicKey = '', proofOfPossession = '' } = spec;
  if (decoded(stub).length > maxStubRequestBytes)
    return [tooLong(fields.stub, maxStubRequestBytes)];
  const alone = 'must be empty where spec.stubPKCS10Request is given';
  const errors = [
    ...(pkixPublicKey === '' ? [] : [invalid(fields.key, pkixPublicKey, alone)]),
    ...(proofOfPossession === '' ? [] : [invalid(fields.proof, '<value omitted>', alone)]),
  ];
  try {
    const key = publicKeyOf(keyRequested(spec));
    const problem = key === undefined ? 'must have a valid public key' : keyProblem(key);
    if (problem !== undefined) errors.push(invalid(fields.stub, stub, problem));
  } catch (error) {
    const why = error instanceof Error ? error.message : 'malformed';
    errors.push(invalid(fields.stub, stub, `must be a signed PKCS #10 request: ${why}`));
  }
  return errors;
}

/** Checks a new request. */
export function validateNewRequest({ spec }: PodCertificateRequest): FieldError[] {
  return [
    ...validateSignerName('spec.signerName', spec.signerName),
    ...validateAnnotations(spec.unverifiedUserAnnotations, 'spec.unverifiedUserAnnotations'),
    ...validateIdentity('pod', spec.podName, spec.podUID),
    ...validateIdentity('serviceAccount', spec.serviceAccountName, spec.serviceAccountUID),
    ...validateIdentity('node', spec.nodeName, spec.nodeUID),
    ...validateLifetime(spec),
    ...(spec.stubPKCS10Request === '' ? validateProof(spec) : validateStub(spec)),
  ];
}
