import { nameColumn } from '../../meta/columns.js';
import { condition } from '../../meta/v1/condition.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { defineResource } from '../../schema/resource.js';
import type { TableColumn } from '../../schema/resource.js';
import {
  bytes,
  definition,
  int32,
  keyedBy,
  list,
  map,
  ref,
  string,
  time,
} from '../../schema/schema.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { immutable } from '../../validation/object-meta.js';
import { defaultPodCertificateSeconds } from '../limits.js';
import { outcomeOf, validateIssue } from './pod-certificate-issue-validation.js';
import { validateNewRequest } from './pod-certificate-request-validation.js';
import type { PodCertificateRequest } from './types.js';

export const podCertificateRequestSpec = definition(
  'io.k8s.api.certificates.v1beta1.PodCertificateRequestSpec',
  'What certificate is asked for, and for which pod.',
  {
    maxExpirationSeconds: int32(
      8,
      'The longest the certificate may be valid: from an hour to 91 days, of signers of kubernetes.io a day.',
      { default: defaultPodCertificateSeconds },
    ),
    nodeName: string(6, 'Name of the node the pod is on.', { required: true }),
    nodeUID: string(7, 'The uid of that node.', { required: true }),
    pkixPublicKey: bytes(9, 'The public key, where the request itself is not given.'),
    podName: string(2, 'Name of the pod the certificate is for.', { required: true }),
    podUID: string(3, 'The uid of that pod.', { required: true }),
    proofOfPossession: bytes(10, 'The uid of the pod, signed with the key.'),
    serviceAccountName: string(4, 'Name of the service account the pod runs as.', {
      required: true,
    }),
    serviceAccountUID: string(5, 'The uid of that service account.', { required: true }),
    signerName: string(1, 'Which signer should issue the certificate, as domain/name.', {
      required: true,
    }),
    stubPKCS10Request: bytes(12, 'A PKCS #10 request in DER, signed with the key of the pod.', {
      required: true,
    }),
    unverifiedUserAnnotations: map(
      11,
      'string',
      'What the author of the pod wants the signer to know; nobody has checked it.',
    ),
  },
);

export const podCertificateRequestStatus = definition(
  'io.k8s.api.certificates.v1beta1.PodCertificateRequestStatus',
  'What the signer decided; does not change any more then.',
  {
    beginRefreshAt: time(5, 'When the agent should begin to ask for the next certificate.'),
    certificateChain: string(2, 'The certificate in PEM, then those between it and the authority.'),
    conditions: list(1, condition, 'One of Issued, Denied and Failed.', keyedBy('type')),
    notAfter: time(6, 'When the certificate ends.'),
    notBefore: time(4, 'When the certificate begins.'),
  },
);

export const podCertificateRequest = definition(
  'io.k8s.api.certificates.v1beta1.PodCertificateRequest',
  'Asks a signer for a certificate for a pod.',
  {
    ...objectFields,
    spec: ref(2, podCertificateRequestSpec, 'What is wanted.', { required: true }),
    status: ref(3, podCertificateRequestStatus, 'What is the case; written by the signer.'),
  },
);

const column = (
  name: string,
  description: string,
  cell: TableColumn<PodCertificateRequest>['cell'],
): TableColumn<PodCertificateRequest> => ({ name, type: 'string', description, priority: 0, cell });

/** PodCertificateRequests: agents ask signers for certificates for pods. */
export const podCertificateRequests = defineResource<PodCertificateRequest>({
  group: 'certificates.k8s.io',
  version: 'v1beta1',
  kind: 'PodCertificateRequest',
  plural: 'podcertificaterequests',
  scope: 'Namespaced',
  schema: podCertificateRequest,
  status: true,
  defaults: (draft) => {
    const partial = draft as { spec?: Partial<PodCertificateRequest['spec']>; status?: object };
    const spec = (partial.spec ??= {});
    spec.maxExpirationSeconds ??= defaultPodCertificateSeconds;
    fillZeroValues(podCertificateRequest, draft);
    partial.status ??= {};
  },
  validate: () => [],
  validateCreate: validateNewRequest,
  validateUpdate: ({ spec }, stored) => immutable('spec', spec, stored.spec),
  validateStatusUpdate: validateIssue,
  strategy: {
    neverOwned: { status: ['status.conditions'] },
    statusKeeps: 'metadata',
    prepareForCreate: (draft) => {
      draft.status = {};
    },
  },
  selectableFields: {
    'spec.signerName': ({ spec }) => spec.signerName,
    'spec.podName': ({ spec }) => spec.podName,
    'spec.nodeName': ({ spec }) => spec.nodeName,
  },
  columns: [
    nameColumn,
    column('PodName', 'The pod the certificate is for.', ({ spec }) => spec.podName),
    column('ServiceAccountName', 'What the pod runs as.', ({ spec }) => spec.serviceAccountName),
    column('NodeName', 'The node the pod is on.', ({ spec }) => spec.nodeName),
    column('SignerName', 'Who should issue it.', ({ spec }) => spec.signerName),
    column('State', 'What the signer decided.', ({ status }) => outcomeOf(status) ?? 'Pending'),
  ],
});
