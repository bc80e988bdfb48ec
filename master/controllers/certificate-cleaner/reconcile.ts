/** Decides when a CertificateSigningRequest has served its purpose. Pure. */
import { certificateSigningRequests } from '../../../api/certificates/v1/certificate-signing-request.js';
import type { CertificateSigningRequest } from '../../../api/certificates/v1/types.js';
import type { ReconcileResult } from '../../../machinery/controller/controller.js';
import { decidedKeptMs, pendingKeptMs, unissuedKeptMs } from './limits.js';

export interface CleanerSnapshot {
  readonly request: CertificateSigningRequest;
  readonly nowMs: number;
}

interface Deadline {
  readonly atMs: number;
  readonly why: string;
}

/** When a request is deleted, and why. */
function deadlineOf({ metadata, status }: CertificateSigningRequest): Deadline {
  const { conditions = [], certificate = '' } = status;
  const after = (from: string | undefined, keptMs: number, why: string): Deadline => ({
    atMs: Date.parse(from ?? metadata.creationTimestamp) + keptMs,
    why,
  });
  const timeOf = (wanted: string): string | undefined => {
    const condition = conditions.find(({ type }) => type === wanted);
    return condition && (condition.lastUpdateTime ?? metadata.creationTimestamp);
  };
  const [denied, failed, approved] = [timeOf('Denied'), timeOf('Failed'), timeOf('Approved')];
  if (denied !== undefined) return after(denied, decidedKeptMs, 'it was denied');
  if (failed !== undefined) return after(failed, decidedKeptMs, 'the signer refused it');
  if (approved === undefined) return after(undefined, pendingKeptMs, 'nobody decided about it');
  return certificate === ''
    ? after(approved, unissuedKeptMs, 'no signer issued the certificate')
    : after(approved, decidedKeptMs, 'the certificate was issued');
}

export function reconcile({ request, nowMs }: CleanerSnapshot): ReconcileResult {
  const { atMs, why } = deadlineOf(request);
  if (atMs > nowMs) return { actions: [], requeueAfterMs: atMs - nowMs };
  const { name, uid } = request.metadata;
  const reason = `${why} long ago`;
  return {
    actions: [{ type: 'delete', resource: certificateSigningRequests, name, uid, reason }],
  };
}
