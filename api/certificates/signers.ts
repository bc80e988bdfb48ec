/**
 * The signers the cluster brings along, and what each asks of a request. The words are Kubernetes'. Pure; read by the approving
 * and the signing controller.
 */
import { nodeNameIn, nodesGroup } from '../user-names.js';
import type { CertificateRequest } from './certificate-request.js';
import type { CertificateSigningRequest } from './v1/types.js';

/** Client certificates for people and programs; always approved by hand. */
export const clientSigner = 'kubernetes.io/kube-apiserver-client';

/** Client certificates of nodes. */
export const nodeClientSigner = 'kubernetes.io/kube-apiserver-client-kubelet';

/** Serving certificates of nodes. */
export const nodeServingSigner = 'kubernetes.io/kubelet-serving';

type Usages = readonly string[];

/** Whether the usages are just the two that a kind of certificate needs; RSA keys need one more. */
function areUsages(usages: Usages, purpose: 'client auth' | 'server auth'): boolean {
  const given = new Set(usages);
  const optional = given.has('key encipherment') ? 1 : 0;
  return given.has('digital signature') && given.has(purpose) && given.size === 2 + optional;
}

function clientProblem(usages: Usages): string | undefined {
  const optional = ['digital signature', 'key encipherment', 'client auth'];
  const foreign = usages.find((usage) => !optional.includes(usage));
  if (foreign !== undefined) return `invalid usage for client certificate: ${foreign}`;
  return usages.includes('client auth')
    ? undefined
    : 'missing required usage for client certificate: client auth';
}

const organizationProblem = ({ organizations }: CertificateRequest): string | undefined =>
  organizations.length === 1 && organizations[0] === nodesGroup
    ? undefined
    : 'subject organization is not system:nodes';

const nameProblem = ({ commonName }: CertificateRequest): string | undefined =>
  nodeNameIn(commonName) === undefined
    ? 'subject common name does not begin with system:node:'
    : undefined;

/** Why a request is not one for the client certificate of a node; undefined when it is. */
export function nodeClientProblem(request: CertificateRequest, usages: Usages): string | undefined {
  const organization = organizationProblem(request);
  if (organization !== undefined) return organization;
  if (request.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (request.ipAddresses.length > 0) return 'IP subjectAltNames are not allowed';
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed';
  return (
    nameProblem(request) ??
    (areUsages(usages, 'client auth')
      ? undefined
      : 'usages did not match [client auth digital signature key encipherment]')
  );
}

/** Why a request is not one for the serving certificate of a node; undefined when it is. */
export function nodeServingProblem(
  request: CertificateRequest,
  usages: Usages,
): string | undefined {
  const organization = organizationProblem(request);
  if (organization !== undefined) return organization;
  if (request.dnsNames.length === 0 && request.ipAddresses.length === 0) {
    return 'DNS or IP subjectAltName is required';
  }
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed';
  if (!areUsages(usages, 'server auth')) {
    return 'usages did not match [digital signature key encipherment server auth]';
  }
  return nameProblem(request);
}

/** Whether one of our signers is asked. */
export const isBuiltInSigner = (name: string): boolean =>
  name === clientSigner || name === nodeClientSigner || name === nodeServingSigner;

/** Why the built-in signer a request names may not sign it; undefined when it may. */
export function signingProblem(
  { spec }: CertificateSigningRequest,
  request: CertificateRequest,
): string | undefined {
  const usages = spec.usages ?? [];
  switch (spec.signerName) {
    case clientSigner:
      return clientProblem(usages);
    case nodeClientSigner:
      return nodeClientProblem(request, usages);
    case nodeServingSigner:
      return nodeServingProblem(request, usages);
    default:
      return `${spec.signerName} is not a signer of this cluster`;
  }
}

/** The PEM request of an object. */
export const requestPemOf = ({ spec }: CertificateSigningRequest): string =>
  Buffer.from(spec.request, 'base64').toString('latin1');

/** The node a certificate for this subject is of. */
export const nodeNameOf = ({ commonName }: CertificateRequest): string =>
  nodeNameIn(commonName) ?? '';
