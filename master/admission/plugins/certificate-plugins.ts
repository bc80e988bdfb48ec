/**
 * CertificateApproval, CertificateSigning, ClusterTrustBundleAttest and CertificateSubjectRestriction: whoever decides on or signs
 * a certificate request, or says whose certificates of a signer are to be believed, must be allowed to for that signer, and nobody
 * becomes a member of `system:masters` by a request.
 */
import { parseCertificateRequest } from '../../../api/certificates/certificate-request.js';
import { clientSigner, requestPemOf } from '../../../api/certificates/signers.js';
import type { CertificateSigningRequest } from '../../../api/certificates/v1/types.js';
import type { ClusterTrustBundle } from '../../../api/certificates/v1beta1/types.js';
import { mastersGroup } from '../../../api/user-names.js';
import { withAnswers } from '../../../machinery/with-answers.js';
import type {
  AdmissionAttributes,
  AdmissionAuthorizer,
  AdmissionPlugin,
  Admitting,
  RequestSort,
} from '../admission.js';
import { refusal } from '../refusals.js';

const podRequests = 'podcertificaterequests';

const concernsPart =
  (operation: RequestSort['operation'], part: string, ...plurals: readonly string[]) =>
  (sort: RequestSort): boolean =>
    sort.resource.group === 'certificates.k8s.io' &&
    plurals.includes(sort.resource.plural) &&
    sort.operation === operation &&
    sort.subresource === part;

const concernsRequests = (operation: RequestSort['operation'], part: string) =>
  concernsPart(operation, part, 'certificatesigningrequests');

/** Refuses who has no such verb on the signer, neither by its name nor by its whole domain. */
function demand(
  authorize: AdmissionAuthorizer,
  attributes: AdmissionAttributes,
  right: { readonly verb: string; readonly signerName: string; readonly otherwise: string },
): Admitting {
  const { user } = attributes;
  const { verb, signerName, otherwise } = right;
  const domain = signerName.split('/')[0] ?? '';
  return withAnswers(authorize, (ask) => {
    const isAllowed = [signerName, `${domain}/*`].some((name) => {
      const group = 'certificates.k8s.io';
      const plural = 'signers';
      const resource = { group, version: '*', plural, subresource: '', namespace: '', name };
      return ask({ user, verb, resource }).allowed;
    });
    if (!isAllowed) throw refusal(attributes, `${otherwise} ${JSON.stringify(signerName)}`);
  });
}

const signerOf = ({ stored }: AdmissionAttributes): string =>
  (stored as CertificateSigningRequest).spec.signerName;

/** Who approves or denies must be allowed to `approve` for the signer. */
export const certificateApproval = (authorize: AdmissionAuthorizer): AdmissionPlugin => ({
  name: 'CertificateApproval',
  concerns: concernsRequests('UPDATE', 'approval'),
  validate: (attributes) => {
    const signerName = signerOf(attributes);
    const otherwise = 'user not permitted to approve requests with signerName';
    return demand(authorize, attributes, { verb: 'approve', signerName, otherwise });
  },
});

/** What a signer writes, of requests for nodes and people and of those for pods. */
const outcome = (object: unknown): string => {
  const { certificate, certificateChain, conditions } =
    (object as { status?: Partial<Record<string, unknown>> } | undefined)?.status ?? {};
  return JSON.stringify([certificate ?? '', certificateChain ?? '', conditions ?? []]);
};

/** Who writes a certificate must be allowed to `sign` for the signer. */
export const certificateSigning = (authorize: AdmissionAuthorizer): AdmissionPlugin => ({
  name: 'CertificateSigning',
  concerns: concernsPart('UPDATE', 'status', 'certificatesigningrequests', podRequests),
  validate: (attributes) => {
    if (outcome(attributes.object) === outcome(attributes.stored)) return undefined;
    const signerName = signerOf(attributes);
    const otherwise = 'user not permitted to sign requests with signerName';
    return demand(authorize, attributes, { verb: 'sign', signerName, otherwise });
  },
});

const bundleSignerOf = (object: unknown): string =>
  (object as ClusterTrustBundle | undefined)?.spec.signerName ?? '';

export const clusterTrustBundleAttest = (authorize: AdmissionAuthorizer): AdmissionPlugin => ({
  name: 'ClusterTrustBundleAttest',
  concerns: (sort) =>
    (['CREATE', 'UPDATE'] as const).some((operation) =>
      concernsPart(operation, '', 'clustertrustbundles')(sort),
    ),
  validate: (attributes) => {
    const signerName = bundleSignerOf(attributes.object);
    const { operation, stored } = attributes;
    if (operation === 'UPDATE' && bundleSignerOf(stored) !== signerName) {
      throw refusal(attributes, 'changing signerName is forbidden');
    }
    if (signerName === '') return undefined;
    const otherwise = 'user not permitted to attest for signerName';
    return demand(authorize, attributes, { verb: 'attest', signerName, otherwise });
  },
});

/** Undefined where the request cannot be read; validation says what is wrong with it. */
function organizationsOf(request: CertificateSigningRequest): readonly string[] | undefined {
  try {
    return parseCertificateRequest(requestPemOf(request)).organizations;
  } catch {
    return undefined;
  }
}

/** No client certificate makes anybody a member of `system:masters`. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  concerns: concernsRequests('CREATE', ''),
  validate: (attributes) => {
    const request = attributes.object as CertificateSigningRequest;
    if (request.spec.signerName !== clientSigner) return;
    const organizations = organizationsOf(request);
    if (organizations === undefined) {
      throw refusal(attributes, 'PEM block type must be CERTIFICATE REQUEST');
    }
    if (!organizations.includes(mastersGroup)) return;
    throw refusal(
      attributes,
      `use of ${clientSigner} signer with system:masters group is not allowed`,
    );
  },
};
