/**
 * `POST /apis/pintle.io/v1/nodecertificates`: an agent with a bootstrap token gets its certificate. Internal to Pintle until
 * agents join through CertificateSigningRequests; the object is answered and never stored.
 */
import { badRequest } from '../../../api/meta/status-error.js';
import { objectMeta } from '../../../api/meta/v1/object-meta.js';
import { definition, inline, list, ref, string } from '../../../api/schema/schema.js';
import { dns1123SubdomainErrors } from '../../../api/validation/names.js';
import { isIP } from 'node:net';
import { decodeAs, transientAnswer } from '../request-body.js';
import type { SubresourceHandler } from './subresource.js';

export type NodeCertificateSigner = (request: {
  readonly requestPem: string;
  readonly nodeName: string;
  readonly ipAddresses: readonly string[];
}) => Promise<{ readonly certificatePem: string; readonly caPem: string }>;

const nodeCertificateSpec = definition(
  'io.pintle.v1.NodeCertificateSpec',
  'What an agent asks to have signed.',
  {
    request: string(1, 'The certificate signing request, PEM.', { required: true }),
    addresses: list(2, 'string', 'Addresses the node is reached by.'),
  },
);

const nodeCertificate = definition(
  'io.pintle.v1.NodeCertificate',
  'A request for a certificate of a node.',
  {
    apiVersion: string(inline, 'The group and version.'),
    kind: string(inline, 'Always NodeCertificate.'),
    metadata: ref(1, objectMeta, 'Names the node.'),
    spec: ref(2, nodeCertificateSpec, 'The request.'),
  },
);

const expected = {
  group: 'pintle.io',
  version: 'v1',
  kind: 'NodeCertificate',
  schema: nodeCertificate,
};

interface NodeCertificateBody {
  readonly metadata: { readonly name?: string };
  readonly spec?: { readonly request?: string; readonly addresses?: readonly string[] };
}

export const nodeCertificatesPath = 'pintle.io/v1/nodecertificates';

export function nodeCertificateHandler(sign: NodeCertificateSigner): SubresourceHandler {
  return async (request) => {
    const body = await decodeAs(request, expected);
    const { metadata, spec = {} } = body as unknown as NodeCertificateBody;
    const nodeName = metadata.name ?? '';
    const { request: requestPem = '', addresses = [] } = spec;
    const problems = dns1123SubdomainErrors(nodeName);
    if (problems.length > 0) throw badRequest(`metadata.name: ${problems.join('; ')}`);
    const wrong = addresses.find((address) => isIP(address) === 0);
    if (wrong !== undefined)
      throw badRequest(`spec.addresses: ${JSON.stringify(wrong)} is no IP address`);
    const signed = await sign({ requestPem, nodeName, ipAddresses: addresses });
    return transientAnswer(201, {
      kind: 'NodeCertificate',
      apiVersion: 'pintle.io/v1',
      metadata: { name: nodeName },
      status: { certificate: signed.certificatePem, ca: signed.caPem },
    });
  };
}
