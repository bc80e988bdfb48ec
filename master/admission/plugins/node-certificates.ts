/** Which certificates a node may ask for: its own, and those of the pods on it. Part of NodeRestriction. */
import { parseCertificateRequest } from '../../../api/certificates/certificate-request.js';
import {
  nodeClientSigner,
  nodeServingSigner,
  requestPemOf,
} from '../../../api/certificates/signers.js';
import type { CertificateSigningRequest } from '../../../api/certificates/v1/types.js';
import type { PodCertificateRequest } from '../../../api/certificates/v1beta1/types.js';
import { isMirrorPod } from '../../../api/core/v1/pod/mirror-pod.js';
import type { Pod } from '../../../api/core/v1/types.js';
import { nodeUsername } from '../../../api/user-names.js';
import { errorText } from '../../../machinery/error-text.js';
import type { AdmissionAttributes } from '../admission.js';
import { refusal } from '../refusals.js';
import { quoted, storedPod } from './node-check.js';
import type { AskingNode, NodeCheck } from './node-check.js';

const nodeSigners: readonly string[] = [nodeClientSigner, nodeServingSigner];

function commonNameOf(attributes: AdmissionAttributes, request: CertificateSigningRequest): string {
  try {
    return parseCertificateRequest(requestPemOf(request)).commonName;
  } catch (error) {
    throw refusal(attributes, `unable to parse csr: ${errorText(error)}`);
  }
}

/** Throws a 403 where a node asks to be certified as another node. */
export const checkCertificateRequest: NodeCheck = (attributes, { name }) => {
  if (attributes.operation !== 'CREATE' || attributes.subresource !== '') return;
  const request = attributes.object as CertificateSigningRequest;
  if (!nodeSigners.includes(request.spec.signerName)) return;
  if (commonNameOf(attributes, request) === nodeUsername(name)) return;
  throw refusal(attributes, `can only create a node CSR with CN=system:node:${name}`);
};

type PodRequestSpec = PodCertificateRequest['spec'];

/** Whether a pod has a volume with a certificate of a signer. */
const mountsCertificateOf = ({ spec }: Pod, signerName: string): boolean =>
  (spec.volumes ?? []).some(({ projected }) =>
    (projected?.sources ?? []).some(
      ({ podCertificate }) => podCertificate?.signerName === signerName,
    ),
  );

/** Why a pod is not the one a request speaks of; undefined where it is. `what` names it in messages. */
function podProblem(pod: Pod, asked: PodRequestSpec, what: string): string | undefined {
  const { serviceAccountName: account = '', nodeName = '' } = pod.spec;
  if (asked.podUID !== pod.metadata.uid) {
    return `PodCertificateRequest for pod ${what} contains pod UID (${quoted(asked.podUID)}) which differs from running pod ${quoted(pod.metadata.uid)}`;
  }
  if (nodeName !== asked.nodeName) {
    return `pod ${what} is not running on node ${quoted(asked.nodeName)} named in the PodCertificateRequest`;
  }
  if (isMirrorPod(pod)) return `pod ${what} is a mirror pod`;
  if (asked.serviceAccountName !== account) {
    return `PodCertificateRequest for pod ${what} contains serviceAccountName (${quoted(asked.serviceAccountName)}) that differs from running pod (${quoted(account)})`;
  }
  return mountsCertificateOf(pod, asked.signerName)
    ? undefined
    : `pod ${what} has no volume with a certificate of signer ${quoted(asked.signerName)}`;
}

/** Throws a 403 where the object of a uid is not the one that is there now. */
function checkUid(
  attributes: AdmissionAttributes,
  { reader }: AskingNode,
  named: {
    readonly plural: 'nodes' | 'serviceaccounts';
    readonly name: string;
    readonly uid: string;
  },
): void {
  const { plural, name, uid } = named;
  const namespace = plural === 'nodes' ? '' : attributes.namespace;
  const found = reader.find('', plural, { namespace, name })?.metadata.uid;
  if (found !== undefined && found === uid) return;
  throw refusal(
    attributes,
    `PodCertificateRequest names UID ${quoted(uid)} for ${plural} ${quoted(name)}, which differs from the one there is (${quoted(found ?? '')})`,
  );
}

/** Throws a 403 where a node asks for the certificate of a pod that it does not run. */
export const checkPodCertificateRequest: NodeCheck = (attributes, node) => {
  const { operation, subresource, namespace, object } = attributes;
  if (operation !== 'CREATE') throw refusal(attributes, `unexpected operation ${operation}`);
  if (subresource !== '') throw refusal(attributes, `unexpected subresource ${subresource}`);
  const { spec: asked } = object as PodCertificateRequest;
  if (asked.nodeName !== node.name) {
    throw refusal(
      attributes,
      `PodCertificateRequest.Spec.NodeName=${quoted(asked.nodeName)}, which is not the requesting node ${quoted(node.name)}`,
    );
  }
  checkUid(attributes, node, { plural: 'nodes', name: node.name, uid: asked.nodeUID });
  const pod = storedPod(node, { namespace, name: asked.podName });
  const problem = podProblem(pod, asked, quoted(`${namespace}/${asked.podName}`));
  if (problem !== undefined) throw refusal(attributes, problem);
  const { serviceAccountName: name, serviceAccountUID: uid } = asked;
  checkUid(attributes, node, { plural: 'serviceaccounts', name, uid });
};
