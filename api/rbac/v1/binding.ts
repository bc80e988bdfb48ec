/** RoleBindings and ClusterRoleBindings: who has the permissions of a role, in a namespace or everywhere. */
import { objectFields } from '../../meta/v1/object-meta.js';
import { defineResource } from '../../schema/resource.js';
import { definition, list, ref, string } from '../../schema/schema.js';
import { bindingColumns } from './columns.js';
import type { ClusterRoleBinding, RoleBinding, RoleRef, Subject } from './types.js';
import {
  rbacGroup,
  validateBindingUpdate,
  validateClusterRoleBinding,
  validateRoleBinding,
} from './validation.js';

export const subject = definition(
  'io.k8s.api.rbac.v1.Subject',
  'A user, a group or a service account.',
  {
    apiGroup: string(
      2,
      'The group of the kind: rbac.authorization.k8s.io for users and groups, none for accounts.',
    ),
    kind: string(1, 'User, Group or ServiceAccount.', { required: true }),
    name: string(3, 'The name of the user, group or account.', { required: true }),
    namespace: string(4, 'The namespace of the account; users and groups have none.'),
  },
);

export const roleRef = definition('io.k8s.api.rbac.v1.RoleRef', 'Names a role.', {
  apiGroup: string(1, 'The API group of the role: rbac.authorization.k8s.io.'),
  kind: string(2, 'Role or ClusterRole.', { required: true }),
  name: string(3, 'The name of the role.', { required: true }),
});

export const roleBinding = definition(
  'io.k8s.api.rbac.v1.RoleBinding',
  'Grants the permissions of a Role or ClusterRole within one namespace.',
  {
    ...objectFields,
    roleRef: ref(
      3,
      roleRef,
      'The Role of the same namespace, or the ClusterRole, that is granted; cannot be changed.',
      { required: true },
    ),
    subjects: list(2, subject, 'To whom it is granted.', { listType: 'atomic' }),
  },
);

export const clusterRoleBinding = definition(
  'io.k8s.api.rbac.v1.ClusterRoleBinding',
  'Grants the permissions of a ClusterRole in the whole cluster.',
  {
    ...objectFields,
    roleRef: ref(3, roleRef, 'The ClusterRole that is granted; cannot be changed.', {
      required: true,
    }),
    subjects: list(2, subject, 'To whom it is granted.', { listType: 'atomic' }),
  },
);

/** A role is of the RBAC group unless it says otherwise, as are users and groups. */
function defaultBinding(draft: RoleBinding | ClusterRoleBinding): void {
  const given = draft as { roleRef?: Partial<RoleRef>; subjects?: Subject[] };
  const role = (given.roleRef ??= {});
  if ((role.apiGroup ?? '') === '') role.apiGroup = rbacGroup;
  role.kind ??= '';
  role.name ??= '';
  for (const each of given.subjects ?? []) {
    const isPerson = each.kind === 'User' || each.kind === 'Group';
    if (isPerson && (each.apiGroup ?? '') === '') each.apiGroup = rbacGroup;
  }
}

const groupVersion = { group: rbacGroup, version: 'v1' } as const;

/** RoleBindings: who has a role's permissions within a namespace. */
export const roleBindings = defineResource<RoleBinding>({
  ...groupVersion,
  kind: 'RoleBinding',
  plural: 'rolebindings',
  scope: 'Namespaced',
  schema: roleBinding,
  nameFormat: 'pathSegment',
  defaults: defaultBinding,
  validate: validateRoleBinding,
  validateUpdate: validateBindingUpdate,
  strategy: { allowCreateOnUpdate: true },
  columns: bindingColumns('roleBinding'),
});

/** ClusterRoleBindings: who has a ClusterRole's permissions everywhere. */
export const clusterRoleBindings = defineResource<ClusterRoleBinding>({
  ...groupVersion,
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  scope: 'Cluster',
  schema: clusterRoleBinding,
  nameFormat: 'pathSegment',
  defaults: defaultBinding,
  validate: validateClusterRoleBinding,
  validateUpdate: validateBindingUpdate,
  strategy: { allowCreateOnUpdate: true },
  columns: bindingColumns('clusterRoleBinding'),
});
