/**
 * Certificate approval: approves requests of nodes for their own certificates where a SubjectAccessReview says that the requester
 * may have them. All other requests wait for a person.
 *
 * Started by `master/controllers.ts`. It must never approve what the requester lacks the permission for.
 */
import { subjectAccessReviews } from '../../../api/authorization/v1/access-review.js';
import type { SubjectAccessReview } from '../../../api/authorization/v1/types.js';
import { nodeNameOf } from '../../../api/certificates/signers.js';
import { certificateSigningRequests } from '../../../api/certificates/v1/certificate-signing-request.js';
import type { CertificateSigningRequest } from '../../../api/certificates/v1/types.js';
import { nodes } from '../../../api/core/v1/node.js';
import type { Node } from '../../../api/core/v1/types.js';
import type { Client } from '../../../machinery/client/client.js';
import type { Clock } from '../../../machinery/clock/clock.js';
import {
  defineController,
  watchOf,
  type Action,
  type ControllerDefinition,
} from '../../../machinery/controller/controller.js';
import type { Listers } from '../../../machinery/informer/lister.js';
import {
  type ApprovalPermission,
  type ApprovalSnapshot,
  approved,
  approveEffect,
  contentOf,
  reconcile,
} from './reconcile.js';

export interface CertificateApprovalOptions {
  /** Asks who may do what. */
  readonly client: Client;
  readonly clock: Clock;
}

async function mayHave(
  client: Client,
  { spec }: CertificateSigningRequest,
  permission: ApprovalPermission,
): Promise<boolean> {
  const { username = '', uid, groups = [], extra } = spec;
  const review = await client.create<SubjectAccessReview>(subjectAccessReviews, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    metadata: {},
    spec: {
      user: username,
      groups,
      ...(uid === undefined ? {} : { uid }),
      ...(extra === undefined ? {} : { extra }),
      resourceAttributes: {
        group: 'certificates.k8s.io',
        version: '*',
        resource: 'certificatesigningrequests',
        subresource: permission,
        verb: 'create',
      },
    },
  });
  return review.status.allowed;
}

/** Names of undecided requests, found again when their node registers or reports other addresses. */
const pendingIndex = 'pendingOfNode';

function pendingOf(request: CertificateSigningRequest): readonly string[] {
  if ((request.status.conditions ?? []).length > 0) return [];
  const content = contentOf(request);
  return content === undefined ? [] : [nodeNameOf(content)];
}

export function certificateApproval(
  options: CertificateApprovalOptions,
): ControllerDefinition<CertificateSigningRequest, ApprovalSnapshot> {
  function snapshot(name: string, listers: Listers): ApprovalSnapshot | undefined {
    const request = listers.of(certificateSigningRequests).get({ name });
    if (request === undefined) return undefined;
    const content = contentOf(request);
    const nodeName = content === undefined ? '' : nodeNameOf(content);
    const node = nodeName === '' ? undefined : listers.of(nodes).get({ name: nodeName });
    return { request, node };
  }

  async function approve(
    request: CertificateSigningRequest,
    permissions: readonly ApprovalPermission[],
  ): Promise<readonly Action[]> {
    for (const permission of permissions) {
      if (await mayHave(options.client, request, permission)) {
        return [approved(request, permission, options.clock.now())];
      }
    }
    return [];
  }

  return defineController<CertificateSigningRequest, ApprovalSnapshot>({
    name: 'certificate_approval',
    primary: certificateSigningRequests,
    watches: [
      watchOf<CertificateSigningRequest>({
        resource: certificateSigningRequests,
        enqueue: () => [],
        indexes: { [pendingIndex]: pendingOf },
      }),
      watchOf<Node>({
        resource: nodes,
        enqueue: ({ metadata }, listers) =>
          listers
            .of(certificateSigningRequests)
            .byIndex(pendingIndex, metadata.name)
            .map((request) => request.metadata.name),
      }),
    ],
    snapshot,
    reconcile,
    effects: {
      [approveEffect]: (object, permissions) =>
        approve(object as CertificateSigningRequest, permissions as readonly ApprovalPermission[]),
    },
  });
}
