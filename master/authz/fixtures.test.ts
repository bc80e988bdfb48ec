/** What the tests of authorisation share: roles, bindings and an index over them. */
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  Subject,
} from '../../api/rbac/v1/types.js';
import { RbacIndex } from './rbac-index.js';

const apiVersion = 'rbac.authorization.k8s.io/v1';
const apiGroup = 'rbac.authorization.k8s.io';

const metadata = (name: string, namespace: string) => ({
  name,
  ...(namespace === '' ? {} : { namespace }),
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

/** A ClusterRole where the namespace is empty, a Role otherwise. */
export const roleOf = (
  namespace: string,
  name: string,
  rules: readonly PolicyRule[],
): Role | ClusterRole => ({
  apiVersion,
  kind: namespace === '' ? 'ClusterRole' : 'Role',
  metadata: metadata(name, namespace),
  rules: [...rules],
});

/** `Role/name` or `ClusterRole/name` bound in a namespace, or everywhere where it is empty. */
export function bindingOf(
  namespace: string,
  name: string,
  role: string,
  subjects: readonly Subject[],
): RoleBinding | ClusterRoleBinding {
  const [kind = '', roleName = ''] = role.split('/');
  return {
    apiVersion,
    kind: namespace === '' ? 'ClusterRoleBinding' : 'RoleBinding',
    metadata: metadata(name, namespace),
    roleRef: { apiGroup, kind, name: roleName },
    subjects: [...subjects],
  };
}

export const person = (name: string): Subject => ({ kind: 'User', apiGroup, name });
export const team = (name: string): Subject => ({ kind: 'Group', apiGroup, name });
export const account = (name: string, namespace?: string): Subject => ({
  kind: 'ServiceAccount',
  name,
  ...(namespace === undefined ? {} : { namespace }),
});

export const rule = (
  verbs: string,
  resources: string,
  more: Partial<PolicyRule> = {},
): PolicyRule => ({
  verbs: verbs.split(' '),
  apiGroups: [''],
  resources: resources.split(' '),
  ...more,
});

export interface RbacObjects {
  readonly roles: readonly (Role | ClusterRole)[];
  readonly bindings: readonly (RoleBinding | ClusterRoleBinding)[];
}

export function indexOf({ roles, bindings }: RbacObjects): RbacIndex {
  const index = new RbacIndex();
  for (const role of roles) addRole(index, role);
  for (const binding of bindings) index.bindingChanged(binding, undefined);
  return index;
}

export function addRole(index: RbacIndex, role: Role | ClusterRole): void {
  const { namespace = '', name } = role.metadata;
  index.roleChanged({ namespace, name }, { object: role });
}
