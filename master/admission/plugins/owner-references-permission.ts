/**
 * OwnerReferencesPermissionEnforcement (off by default): who changes the owners of an object must be allowed to delete it, and
 * who has an owner wait for it must be allowed to set the owner's finalizers. Otherwise references would delete, or hold up
 * the deletion of, what somebody has no rights to.
 */
import type { KubeObject, OwnerReference } from '../../../api/meta/v1/types.js';
import { jsonEqual } from '../../../api/patch/json-value.js';
import { withAnswers } from '../../../machinery/with-answers.js';
import type {
  AccessRequest,
  AdmissionAttributes,
  AdmissionAuthorizer,
  AdmissionPlugin,
  ImmediateAuthorizer,
} from '../admission.js';
import type { ResourceOfKind } from '../policies/params.js';
import { refusal } from '../refusals.js';

const ownersOf = (object: KubeObject | undefined): readonly OwnerReference[] =>
  (object?.metadata as Partial<KubeObject['metadata']> | undefined)?.ownerReferences ?? [];

const isBlocking = ({ blockOwnerDeletion }: OwnerReference): boolean => blockOwnerDeletion === true;

/** The owners that had not to wait for the object before. */
function newlyBlocked({ object, stored }: AdmissionAttributes): readonly OwnerReference[] {
  const before = new Set(
    ownersOf(stored)
      .filter(isBlocking)
      .map(({ uid }) => uid),
  );
  return ownersOf(object).filter((owner) => isBlocking(owner) && !before.has(owner.uid));
}

function deletionOf(attributes: AdmissionAttributes): AccessRequest {
  const { user, namespace, name } = attributes;
  const { group, version, plural } = attributes.resource;
  const resource = { group, version, plural, subresource: '', namespace, name };
  return { user, verb: 'delete', resource };
}

export interface OwnerReferencesPermissionOptions {
  readonly authorize: AdmissionAuthorizer;
  readonly resourceOfKind: ResourceOfKind;
}

/** The right to set the finalizers of an owner; throws where nobody knows its kind. */
function finalizing(
  attributes: AdmissionAttributes,
  owner: OwnerReference,
  resourceOfKind: ResourceOfKind,
): AccessRequest {
  const { apiVersion, kind, name } = owner;
  const found = resourceOfKind({ apiVersion, kind });
  if (found === undefined) {
    throw refusal(
      attributes,
      `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${apiVersion} Kind ${kind}: no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`,
    );
  }
  const namespace = found.scope === 'Namespaced' ? attributes.namespace : '';
  const { group, version, plural } = found;
  const resource = { group, version, plural, subresource: 'finalizers', namespace, name };
  return { user: attributes.user, verb: 'update', resource };
}

function check(
  attributes: AdmissionAttributes,
  authorize: ImmediateAuthorizer,
  resourceOfKind: ResourceOfKind,
): void {
  const demand = (request: AccessRequest, otherwise: string): void => {
    const { allowed, reason, error = '<nil>' } = authorize(request);
    if (!allowed) throw refusal(attributes, `${otherwise}: ${reason}, ${error}`);
  };
  if (attributes.operation === 'UPDATE') {
    demand(deletionOf(attributes), "cannot set an ownerRef on a resource you can't delete");
  }
  for (const owner of newlyBlocked(attributes)) {
    demand(
      finalizing(attributes, owner, resourceOfKind),
      "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on",
    );
  }
}

/** The plugin. */
export const ownerReferencesPermission = ({
  authorize,
  resourceOfKind,
}: OwnerReferencesPermissionOptions): AdmissionPlugin => ({
  name: 'OwnerReferencesPermissionEnforcement',
  concerns: ({ operation, resource, subresource }) =>
    (operation === 'CREATE' || operation === 'UPDATE') &&
    !(resource.group === '' && resource.plural === 'pods' && subresource === 'status'),
  validate: (attributes) => {
    const { object, stored } = attributes;
    if (jsonEqual(ownersOf(object), ownersOf(stored))) return undefined;
    return withAnswers(authorize, (ask) => {
      check(attributes, ask, resourceOfKind);
    });
  },
});
