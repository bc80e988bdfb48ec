/** Decides what a signer does with a request: nothing, issue, or say why it will not. Pure. */
import { parseCertificateRequest } from '../../../api/certificates/certificate-request.js';
import { withCondition } from '../../../api/certificates/conditions.js';
import {
  isBuiltInSigner,
  requestPemOf,
  signingProblem,
} from '../../../api/certificates/signers.js';
import { certificateSigningRequests } from '../../../api/certificates/v1/certificate-signing-request.js';
import type { CertificateSigningRequest } from '../../../api/certificates/v1/types.js';
import type { Action, ReconcileResult } from '../../../machinery/controller/controller.js';

export interface SigningSnapshot {
  readonly request: CertificateSigningRequest;
  readonly nowMs: number;
}

/** The effect that makes the certificate. */
export const issueEffect = 'issue';

function problemOf(request: CertificateSigningRequest): string | undefined {
  try {
    return signingProblem(request, parseCertificateRequest(requestPemOf(request)));
  } catch (error) {
    return error instanceof Error ? error.message : 'the request cannot be read';
  }
}

/** Issues what was approved, or says why it will not. */
export function reconcile({ request, nowMs }: SigningSnapshot): ReconcileResult {
  const { conditions = [], certificate = '' } = request.status;
  const has = (wanted: string): boolean => conditions.some(({ type }) => type === wanted);
  const isWaiting = certificate === '' && has('Approved') && !has('Denied') && !has('Failed');
  if (!isWaiting || !isBuiltInSigner(request.spec.signerName)) return { actions: [] };
  const problem = problemOf(request);
  const reason = 'the request was approved';
  return {
    actions: [
      problem === undefined
        ? { type: 'effect', effect: issueEffect, object: request, reason }
        : failed(request, problem, nowMs),
    ],
  };
}

/** Says for good that the request will not be signed. */
function failed(request: CertificateSigningRequest, message: string, nowMs: number): Action {
  const condition = { type: 'Failed', reason: 'SignerValidationFailure', message } as const;
  return {
    type: 'updateStatus',
    resource: certificateSigningRequests,
    object: withCondition(request, condition, nowMs),
    reason: `the signer refuses: ${message}`,
  };
}

/** The request with its certificate. */
export const issued = (request: CertificateSigningRequest, certificatePem: string): Action => ({
  type: 'updateStatus',
  resource: certificateSigningRequests,
  object: {
    ...request,
    status: { ...request.status, certificate: Buffer.from(certificatePem).toString('base64') },
  } as CertificateSigningRequest,
  reason: 'the certificate has been issued',
});
