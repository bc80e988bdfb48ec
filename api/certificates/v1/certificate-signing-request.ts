import { humanDuration } from '../../age.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { defineResource } from '../../schema/resource.js';
import {
  bytes,
  definition,
  int32,
  list,
  listOf,
  map,
  ref,
  string,
  time,
} from '../../schema/schema.js';
import {
  prepareRequest,
  prepareRequestStatusUpdate,
  prepareRequestUpdate,
} from './certificate-signing-request-strategy.js';
import {
  keyUsages,
  validateRequest,
  validateRequestStatusUpdate,
  validateRequestUpdate,
} from './certificate-signing-request-validation.js';
import type { CertificateSigningRequest } from './types.js';

export const certificateSigningRequestSpec = definition(
  'io.k8s.api.certificates.v1.CertificateSigningRequestSpec',
  'What certificate is asked for, and by whom.',
  {
    expirationSeconds: int32(
      8,
      'Seconds the certificate should be valid, at least 600; the signer may give less or more.',
    ),
    extra: map(
      6,
      listOf('string'),
      'More about the user who made the request; filled in by the server.',
    ),
    groups: list(
      4,
      'string',
      'The groups of the user who made the request; filled in by the server.',
      { listType: 'atomic' },
    ),
    request: bytes(1, 'A PKCS #10 certificate request in PEM, in base64 once more.', {
      required: true,
    }),
    signerName: string(
      7,
      'Which signer should issue the certificate, as domain/name; those of kubernetes.io are built in.',
      { required: true },
    ),
    uid: string(3, 'The uid of the user who made the request; filled in by the server.'),
    usages: list(
      5,
      'string',
      'What the certificate may be used for. Signers refuse usages that they do not give.',
      { enum: keyUsages, listType: 'atomic' },
    ),
    username: string(2, 'The name of the user who made the request; filled in by the server.'),
  },
);

export const certificateSigningRequestCondition = definition(
  'io.k8s.api.certificates.v1.CertificateSigningRequestCondition',
  'A decision about the request, or its failure.',
  {
    lastTransitionTime: time(5, 'When the status last changed; filled in where it is left out.', {
      nullWhenUnset: true,
    }),
    lastUpdateTime: time(4, 'When the condition was last written.', { nullWhenUnset: true }),
    message: string(3, 'Why, in words for people.'),
    reason: string(2, 'Why, in one word.'),
    status: string(6, 'Always True for Approved, Denied and Failed; else False or Unknown too.', {
      required: true,
    }),
    type: string(
      1,
      'What was decided. Approved and Denied exclude each other, and none of the three can be taken back.',
      { required: true, enum: ['Approved', 'Denied', 'Failed'] },
    ),
  },
);

export const certificateSigningRequestStatus = definition(
  'io.k8s.api.certificates.v1.CertificateSigningRequestStatus',
  'What was decided, and the certificate once it has been issued.',
  {
    certificate: bytes(2, 'The certificate and what it is signed by, as PEM, in base64 once more.'),
    conditions: list(1, certificateSigningRequestCondition, 'What was decided so far.', {
      listType: 'map',
      listMapKeys: ['type'],
    }),
  },
);

export const certificateSigningRequest = definition(
  'io.k8s.api.certificates.v1.CertificateSigningRequest',
  'Asks for a certificate: somebody with the right to must approve it, and a signer issues it.',
  {
    ...objectFields,
    spec: ref(2, certificateSigningRequestSpec, 'What is asked for; never changes.', {
      required: true,
    }),
    status: ref(3, certificateSigningRequestStatus, 'What is; written by approvers and signers.'),
  },
);

/** The state in the word or words that `kubectl get csr` shows. */
function conditionText({ status }: CertificateSigningRequest): string {
  const { conditions = [], certificate = '' } = status as Partial<typeof status> & object;
  const has = (wanted: string): boolean => conditions.some(({ type }) => type === wanted);
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
  return `${decision}${has('Failed') ? ',Failed' : ''}${certificate === '' ? '' : ',Issued'}`;
}

/** CertificateSigningRequests: certificates asked for, approved and issued through the API. */
export const certificateSigningRequests = defineResource<CertificateSigningRequest>({
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  scope: 'Cluster',
  shortNames: ['csr'],
  schema: certificateSigningRequest,
  status: true,
  subresources: [
    {
      name: 'approval',
      group: 'certificates.k8s.io',
      version: 'v1',
      kind: 'CertificateSigningRequest',
      verbs: ['get', 'patch', 'update'],
      schema: certificateSigningRequest,
    },
  ],
  validate: validateRequest,
  validateUpdate: validateRequestUpdate,
  validateStatusUpdate: validateRequestStatusUpdate,
  strategy: {
    neverOwned: { main: ['spec'], status: ['status.conditions'] },
    prepareForCreate: prepareRequest,
    prepareForUpdate: prepareRequestUpdate,
    prepareForStatusUpdate: prepareRequestStatusUpdate,
  },
  columns: [
    nameColumn,
    ageColumn,
    {
      name: 'SignerName',
      type: 'string',
      description: 'Which signer should issue the certificate.',
      priority: 0,
      cell: ({ spec }) => (spec.signerName === '' ? '<none>' : spec.signerName),
    },
    {
      name: 'Requestor',
      type: 'string',
      description: 'The name of the user who made the request.',
      priority: 0,
      cell: ({ spec }) => spec.username ?? '',
    },
    {
      name: 'RequestedDuration',
      type: 'string',
      description: 'How long the certificate should be valid.',
      priority: 0,
      cell: ({ spec: { expirationSeconds } }) =>
        expirationSeconds === undefined ? '<none>' : humanDuration(expirationSeconds * 1000),
    },
    {
      name: 'Condition',
      type: 'string',
      description: 'What was decided, and whether the certificate has been issued.',
      priority: 0,
      cell: conditionText,
    },
  ],
  selectableFields: { 'spec.signerName': ({ spec }) => spec.signerName },
});
