/**
 * Decides which requests may be approved without a person: those of nodes for certificates of nodes. Whether the requester has
 * the right to is asked before it is done. Pure.
 */
import {
  type CertificateRequest,
  parseCertificateRequest,
} from '../../../api/certificates/certificate-request.js';
import { withCondition } from '../../../api/certificates/conditions.js';
import {
  nodeClientProblem,
  nodeClientSigner,
  nodeServingProblem,
  nodeServingSigner,
  requestPemOf,
} from '../../../api/certificates/signers.js';
import { certificateSigningRequests } from '../../../api/certificates/v1/certificate-signing-request.js';
import type { CertificateSigningRequest } from '../../../api/certificates/v1/types.js';
import type { Node } from '../../../api/core/v1/types.js';
import type { Action, ReconcileResult } from '../../../machinery/controller/controller.js';

export interface ApprovalSnapshot {
  readonly request: CertificateSigningRequest;
  /** The node that the request names, if it has registered. */
  readonly node: Node | undefined;
}

/** The effect that asks whether the requester may, and approves. */
export const approveEffect = 'approve';

/** The subresources of certificatesigningrequests that a requester must be allowed to create for each kind of approval. */
export type ApprovalPermission = 'selfnodeclient' | 'nodeclient' | 'selfnodeserver';

const approvalMessages: Readonly<Record<ApprovalPermission, string>> = {
  selfnodeclient: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
  nodeclient: 'Auto approving kubelet client certificate after SubjectAccessReview.',
  selfnodeserver: 'Auto approving self kubelet serving certificate after SubjectAccessReview.',
};

/** A request's content; undefined when it cannot be read. */
export function contentOf(request: CertificateSigningRequest): CertificateRequest | undefined {
  try {
    return parseCertificateRequest(requestPemOf(request));
  } catch {
    // Validation refuses such requests; one that is there all the same is left to people.
    return undefined;
  }
}

/** Names by which clients know the API server; whoever is called so is to be looked at by a person. */
const isNameOfServer = (name: string): boolean =>
  name === 'localhost' || name === 'kubernetes' || name.startsWith('kubernetes.default');

/**
 * Whether the certificate would be good for nothing but the node's own name and the addresses it has reported. What else a node
 * says it is called counts for nothing: it could say that it is the API server.
 */
function belongsTo(content: CertificateRequest, node: Node | undefined): boolean {
  if (node === undefined || isNameOfServer(node.metadata.name)) return false;
  const addresses = new Set(
    (node.status.addresses ?? [])
      .filter(({ type }) => type === 'InternalIP' || type === 'ExternalIP')
      .map(({ address }) => address),
  );
  return (
    content.dnsNames.every((name) => name === node.metadata.name) &&
    content.ipAddresses.every((address) => addresses.has(address))
  );
}

/** The permissions any of which is enough for the request to be approved; none when it is left to people. */
function permissionsFor({ request, node }: ApprovalSnapshot): readonly ApprovalPermission[] {
  const content = contentOf(request);
  if (content === undefined) return [];
  const { signerName, username, usages = [] } = request.spec;
  const isOwn = username === content.commonName;
  if (signerName === nodeClientSigner && nodeClientProblem(content, usages) === undefined) {
    return isOwn ? ['selfnodeclient', 'nodeclient'] : ['nodeclient'];
  }
  const isServing =
    signerName === nodeServingSigner && nodeServingProblem(content, usages) === undefined;
  return isServing && isOwn && belongsTo(content, node) ? ['selfnodeserver'] : [];
}

/** Asks for approval where a node asks for a certificate of its own. */
export function reconcile(snapshot: ApprovalSnapshot): ReconcileResult {
  const { request } = snapshot;
  const { conditions = [], certificate = '' } = request.status;
  const isDecided = conditions.some(({ type }) => type === 'Approved' || type === 'Denied');
  if (isDecided || certificate !== '') return { actions: [] };
  const args = permissionsFor(snapshot);
  if (args.length === 0) return { actions: [] };
  const reason = 'the request is one of a node for its own certificate';
  return { actions: [{ type: 'effect', effect: approveEffect, object: request, args, reason }] };
}

/** The request with the approval. */
export function approved(
  request: CertificateSigningRequest,
  permission: ApprovalPermission,
  nowMs: number,
): Action {
  const message = approvalMessages[permission];
  return {
    type: 'update',
    resource: certificateSigningRequests,
    object: withCondition(request, { type: 'Approved', reason: 'AutoApproved', message }, nowMs),
    subresource: 'approval',
    reason: `the requester may create certificatesigningrequests/${permission}`,
  };
}
