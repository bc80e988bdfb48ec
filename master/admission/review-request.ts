/** A request as webhooks and expressions are shown it. */
import type { AdmissionRequest, GroupVersionKind } from '../../api/admission/v1/types.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import type { AdmissionAttributes } from './admission.js';
import type { SeenAs } from './equivalents.js';

/** Of the object itself where it has a kind of its own, as bodies of subresources do. */
function kindOf(object: KubeObject | undefined, resource: ResourceDefinition): GroupVersionKind {
  const { apiVersion = '', kind = '' } = (object ?? {}) as Partial<KubeObject>;
  if (kind === '' || kind === resource.kind) {
    return { group: resource.group, version: resource.version, kind: resource.kind };
  }
  const slash = apiVersion.indexOf('/');
  return {
    group: slash === -1 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    kind,
  };
}

/** `uid` names this one review. */
export function reviewRequest(
  attributes: AdmissionAttributes,
  seen: SeenAs,
  uid: string,
): AdmissionRequest {
  const { resource, subresource, object, stored, user, name, operation } = attributes;
  // A request about a namespace counts as one in it.
  const isNamespace = resource.group === '' && resource.plural === 'namespaces';
  const namespace = isNamespace ? name : attributes.namespace;
  const view = seen.resource;
  const { username, groups, uid: userUid, extra } = user;
  return {
    uid,
    kind: kindOf(object ?? stored, view),
    resource: { group: view.group, version: view.version, resource: view.plural },
    ...(subresource === '' ? {} : { subResource: subresource }),
    requestKind: kindOf(object ?? stored, resource),
    requestResource: {
      group: resource.group,
      version: resource.version,
      resource: resource.plural,
    },
    ...(subresource === '' ? {} : { requestSubResource: subresource }),
    ...(name === '' ? {} : { name }),
    ...(namespace === '' ? {} : { namespace }),
    operation,
    userInfo: {
      username,
      ...(userUid === undefined || userUid === '' ? {} : { uid: userUid }),
      groups,
      ...(extra === undefined ? {} : { extra }),
    },
    object: object === undefined ? null : seen.to(object),
    oldObject: stored === undefined ? null : seen.to(stored),
    dryRun: attributes.dryRun,
    options: attributes.options(),
  };
}
