/**
 * Certificate cleaner: deletes CertificateSigningRequests that were decided an hour ago, or that nobody cared about for a day.
 *
 * Started by `master/controllers.ts`.
 */
import { certificateSigningRequests } from '../../../api/certificates/v1/certificate-signing-request.js';
import type { CertificateSigningRequest } from '../../../api/certificates/v1/types.js';
import {
  defineController,
  type ControllerDefinition,
} from '../../../machinery/controller/controller.js';
import { type CleanerSnapshot, reconcile } from './reconcile.js';

export const certificateCleaner = (): ControllerDefinition<
  CertificateSigningRequest,
  CleanerSnapshot
> =>
  defineController<CertificateSigningRequest, CleanerSnapshot>({
    name: 'certificate_cleaner',
    primary: certificateSigningRequests,
    watches: [],
    snapshot: (name, listers, nowMs) => {
      const request = listers.of(certificateSigningRequests).get({ name });
      return request === undefined ? undefined : { request, nowMs };
    },
    reconcile,
  });
