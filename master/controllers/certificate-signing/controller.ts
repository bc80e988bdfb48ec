/**
 * Certificate signing: issues the certificates of approved requests that name one of the cluster's own signers, and marks
 * those as failed that ask for what the signer does not give.
 *
 * Started by `master/controllers.ts`, which hands it the authority's signature; the key itself never comes here.
 */
import { requestPemOf } from '../../../api/certificates/signers.js';
import { certificateSigningRequests } from '../../../api/certificates/v1/certificate-signing-request.js';
import type { CertificateSigningRequest } from '../../../api/certificates/v1/types.js';
import {
  defineController,
  type ControllerDefinition,
} from '../../../machinery/controller/controller.js';
import { minSignedMs } from './limits.js';
import { issued, issueEffect, reconcile, type SigningSnapshot } from './reconcile.js';

/** What the authority is asked to sign: the subject, names and key of the request, for these usages. */
export interface CertificateOrder {
  readonly requestPem: string;
  readonly usages: readonly string[];
  readonly lifetimeMs: number;
}

export interface CertificateSigningOptions {
  /** Gives the certificate as PEM. */
  readonly sign: (order: CertificateOrder) => Promise<string>;
  /** How long certificates are valid that do not ask for less. */
  readonly lifetimeMs: number;
}

/** The lifetime asked for, within what the signer gives. */
function lifetimeOf({ spec }: CertificateSigningRequest, longestMs: number): number {
  const { expirationSeconds } = spec;
  if (expirationSeconds === undefined) return longestMs;
  return Math.min(Math.max(expirationSeconds * 1000, minSignedMs), longestMs);
}

export const certificateSigning = (
  options: CertificateSigningOptions,
): ControllerDefinition<CertificateSigningRequest, SigningSnapshot> =>
  defineController<CertificateSigningRequest, SigningSnapshot>({
    name: 'certificate_signing',
    primary: certificateSigningRequests,
    watches: [],
    snapshot: (name, listers, nowMs) => {
      const request = listers.of(certificateSigningRequests).get({ name });
      return request === undefined ? undefined : { request, nowMs };
    },
    reconcile,
    effects: {
      [issueEffect]: async (object) => {
        const request = object as CertificateSigningRequest;
        const certificatePem = await options.sign({
          requestPem: requestPemOf(request),
          usages: request.spec.usages ?? [],
          lifetimeMs: lifetimeOf(request, options.lifetimeMs),
        });
        return [issued(request, certificatePem)];
      },
    },
  });
