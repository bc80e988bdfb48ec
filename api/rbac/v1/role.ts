/** Roles and ClusterRoles: sets of permissions, in a namespace or in the whole cluster. */
import { objectFields } from '../../meta/v1/object-meta.js';
import { labelSelector } from '../../meta/v1/label-selector.js';
import { definition, list, ref } from '../../schema/schema.js';
import { defineResource } from '../../schema/resource.js';
import { nameColumn, createdAtColumn } from '../../meta/columns.js';
import type { ClusterRole, Role } from './types.js';
import { validateClusterRole, validateRole } from './validation.js';

export const policyRule = definition(
  'io.k8s.api.rbac.v1.PolicyRule',
  'What may be done with some resources, or with some paths that are no resources.',
  {
    apiGroups: list(
      2,
      'string',
      'The API groups of the resources; an empty text is the core group, * stands for all.',
      { listType: 'atomic' },
    ),
    nonResourceURLs: list(
      5,
      'string',
      'Paths that are no resources, such as /healthz; a * at the end stands for any rest. Only in ClusterRoles.',
      { listType: 'atomic' },
    ),
    resourceNames: list(
      4,
      'string',
      'The names of the only objects the rule is for; all objects if empty.',
      { listType: 'atomic' },
    ),
    resources: list(
      3,
      'string',
      'The resources, with a slash and the subresource where one is meant; * stands for all.',
      { listType: 'atomic' },
    ),
    verbs: list(1, 'string', 'What may be done, such as get or create; * stands for anything.', {
      required: true,
      listType: 'atomic',
    }),
  },
);

export const aggregationRule = definition(
  'io.k8s.api.rbac.v1.AggregationRule',
  'Says from which other ClusterRoles the rules of a ClusterRole are collected.',
  {
    clusterRoleSelectors: list(
      1,
      labelSelector,
      'Selects ClusterRoles by label; one that any of the selectors matches adds its rules.',
      { listType: 'atomic' },
    ),
  },
);

export const role = definition(
  'io.k8s.api.rbac.v1.Role',
  'A set of permissions within one namespace, which RoleBindings grant.',
  {
    ...objectFields,
    rules: list(2, policyRule, 'What the role permits.', {
      listType: 'atomic',
      nullWhenUnset: true,
    }),
  },
);

export const clusterRole = definition(
  'io.k8s.api.rbac.v1.ClusterRole',
  'A set of permissions that can be granted in one namespace or in the whole cluster.',
  {
    aggregationRule: ref(
      3,
      aggregationRule,
      'If set, a controller keeps the rules equal to those of the ClusterRoles it selects.',
    ),
    ...objectFields,
    rules: list(2, policyRule, 'What the role permits.', {
      listType: 'atomic',
      nullWhenUnset: true,
    }),
  },
);

const groupVersion = { group: 'rbac.authorization.k8s.io', version: 'v1' } as const;

/** Roles: permissions within a namespace. */
export const roles = defineResource<Role>({
  ...groupVersion,
  kind: 'Role',
  plural: 'roles',
  scope: 'Namespaced',
  schema: role,
  nameFormat: 'pathSegment',
  validate: validateRole,
  strategy: { allowCreateOnUpdate: true },
  columns: [nameColumn, createdAtColumn],
});

/** ClusterRoles: permissions that are not tied to a namespace. */
export const clusterRoles = defineResource<ClusterRole>({
  ...groupVersion,
  kind: 'ClusterRole',
  plural: 'clusterroles',
  scope: 'Cluster',
  schema: clusterRole,
  nameFormat: 'pathSegment',
  validate: validateClusterRole,
  strategy: { allowCreateOnUpdate: true },
  columns: [nameColumn, createdAtColumn],
});
