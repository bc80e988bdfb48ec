/** Which tokens a node may ask for: of the accounts its pods run as, for whom its pods use them. Part of NodeRestriction. */
import type { TokenRequest } from '../../../api/authentication/v1/types.js';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  Volume,
} from '../../../api/core/v1/types.js';
import type { CSIDriver } from '../../../api/storage/v1/types.js';
import { withAnswers } from '../../../machinery/with-answers.js';
import type { AdmissionAttributes, AdmissionReader, Admitting } from '../admission.js';
import { refusal } from '../refusals.js';
import { quoted, storedPod } from './node-check.js';
import type { AskingNode, NodeCheck } from './node-check.js';

/** The verb that lets a node ask for tokens that its pods do not say they use. The resource is the audience. */
const audienceVerb = 'request-serviceaccounts-token-audience';

/** The pod a token is to be bound to, which must be of the node. */
function boundPod(attributes: AdmissionAttributes, node: AskingNode): Pod {
  const { object, namespace } = attributes;
  const { boundObjectRef: bound } = (object as unknown as TokenRequest).spec;
  if (bound?.kind !== 'Pod' || bound.apiVersion !== 'v1' || (bound.name ?? '') === '') {
    throw refusal(attributes, 'node requested token not bound to a pod');
  }
  const { name = '', uid = '' } = bound;
  if (uid === '') {
    throw refusal(attributes, 'node requested token with a pod binding without a uid');
  }
  const pod = storedPod(node, { namespace, name });
  if (pod.metadata.uid !== uid) {
    throw refusal(
      attributes,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  if (pod.spec.nodeName === node.name) return pod;
  throw refusal(attributes, 'node requested token bound to a pod scheduled on a different node');
}

/** The CSI driver behind a pod's volume, by way of its claim where it has one; undefined where none is. */
function driverOf(reader: AdmissionReader, pod: Pod, volume: Volume): string | undefined {
  const { csi, ephemeral, persistentVolumeClaim } = volume;
  const { namespace = '', name: podName } = pod.metadata;
  const name =
    ephemeral?.volumeClaimTemplate === undefined
      ? persistentVolumeClaim?.claimName
      : `${podName}-${volume.name}`;
  if (name === undefined) return csi?.driver;
  const claim = reader.find('', 'persistentvolumeclaims', { namespace, name });
  const volumeName = (claim as PersistentVolumeClaim | undefined)?.spec.volumeName ?? '';
  const found = reader.find('', 'persistentvolumes', { namespace: '', name: volumeName });
  return (found as PersistentVolume | undefined)?.spec.csi?.driver;
}

/** Whether a pod has its token for an audience, or hands one to a driver of its volumes. */
function usesAudience(reader: AdmissionReader, pod: Pod, audience: string): boolean {
  return (pod.spec.volumes ?? []).some((volume) => {
    const sources = volume.projected?.sources ?? [];
    const projects = sources.some(
      ({ serviceAccountToken: token }) =>
        token !== undefined && (token.audience ?? '') === audience,
    );
    if (projects) return true;
    const name = driverOf(reader, pod, volume) ?? '';
    if (name === '') return false;
    const driver = reader.find('storage.k8s.io', 'csidrivers', { namespace: '', name });
    const requests = (driver as CSIDriver | undefined)?.spec.tokenRequests ?? [];
    return requests.some((request) => request.audience === audience);
  });
}

/** Throws a 403 for a token that is not of one of the node's pods, or for an audience that the pod has nothing to do with. */
export const checkToken: NodeCheck = (attributes, node): Admitting => {
  const pod = boundPod(attributes, node);
  const { audiences = [] } = (attributes.object as unknown as TokenRequest).spec;
  if (audiences.length > 1) throw refusal(attributes, 'node may only request 0 or 1 audiences');
  const [audience = ''] = audiences;
  if (usesAudience(node.reader, pod, audience)) return undefined;
  const { user, namespace, name } = attributes;
  const resource = { group: '', version: 'v1', plural: audience, subresource: '', namespace, name };
  return withAnswers(node.authorize, (ask) => {
    if (ask({ user, verb: audienceVerb, resource }).allowed) return;
    throw refusal(
      attributes,
      `audience ${quoted(audience)} not found in pod spec volume, ${user.username} is not authorized to request tokens for this audience`,
    );
  });
};
