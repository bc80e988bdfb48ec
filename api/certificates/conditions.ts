/** What controllers write about a CertificateSigningRequest. Pure. */
import { timestamp } from '../meta/timestamp.js';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from './v1/types.js';

/** The request with one more thing that is true of it, as of `nowMs`. */
export const withCondition = (
  request: CertificateSigningRequest,
  condition: Pick<CertificateSigningRequestCondition, 'type' | 'reason' | 'message'>,
  nowMs: number,
): CertificateSigningRequest => ({
  ...request,
  status: {
    ...request.status,
    conditions: [
      ...(request.status.conditions ?? []),
      { ...condition, status: 'True', lastUpdateTime: timestamp(nowMs) },
    ],
  },
});
