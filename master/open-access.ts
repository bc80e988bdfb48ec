/** Opens authorisation over what the registries hold; every change of theirs counts from the moment it is acknowledged. */
import type { KubeObject } from '../api/meta/v1/types.js';
import type { ClusterRoleBinding, RoleBinding } from '../api/rbac/v1/types.js';
import type { Access } from './authz/access.js';
import { authorizersInTurn } from './authz/authorizer.js';
import { createEscalationCheck } from './authz/escalation.js';
import { createNodeAuthorizer, nodeNameOf } from './authz/node-authorizer.js';
import { NodePods } from './authz/node-pods.js';
import type { HeldPod } from './authz/node-pods.js';
import { RbacAuthorizer } from './authz/rbac-authorizer.js';
import { RbacIndex } from './authz/rbac-index.js';
import type { Held } from './authz/rbac-index.js';
import type { Registries } from './registry/registries.js';
import { rbacGroup } from '../api/rbac/v1/validation.js';

function followRbac(registries: Registries, index: RbacIndex): void {
  for (const plural of ['roles', 'clusterroles']) {
    registries.of(rbacGroup, plural).store.follow((current, previous) => {
      const stored = current ?? previous;
      // The registry holds only objects of its kind.
      if (stored !== undefined) index.roleChanged(stored, current);
    });
  }
  const asBinding = (
    stored: Held<KubeObject> | undefined,
  ): RoleBinding | ClusterRoleBinding | undefined =>
    (stored as Held<RoleBinding | ClusterRoleBinding> | undefined)?.object;
  for (const plural of ['rolebindings', 'clusterrolebindings']) {
    registries.of(rbacGroup, plural).store.follow((current, previous) => {
      index.bindingChanged(asBinding(current), asBinding(previous));
    });
  }
}

/** Authorisation by nodes' own pods and by the roles and bindings that are stored. */
export function openAccess(registries: Registries): Access {
  const index = new RbacIndex();
  followRbac(registries, index);
  const rbac = new RbacAuthorizer(index);
  const pods = new NodePods();
  registries.of('', 'pods').store.follow((current, previous) => {
    pods.changed(current as HeldPod | undefined, previous as HeldPod | undefined);
  });
  const nodes = createNodeAuthorizer({
    pods,
    find: (ownGroup, plural, key) => registries.find(ownGroup, plural)?.find(key)?.object,
  });
  const authorizer = authorizersInTurn([nodes, rbac.authorize]);
  return {
    authorizer,
    rulesFor: (user, namespace) => {
      const { rules, errors } = rbac.rulesFor(user, namespace);
      if (nodeNameOf(user) === undefined) return { rules, errors, incomplete: false };
      const why = 'node authorizer does not support user rule resolution';
      return { rules, errors: [...errors, why], incomplete: true };
    },
    checkEscalation: createEscalationCheck({ index, rbac, authorizer }),
  };
}
