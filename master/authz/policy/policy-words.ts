/**
 * The words the default roles and bindings are written in: a rule is `on(group, resources, verbs)`, with lists as words of one
 * text, so that a role reads as a table. Pure.
 */
import type {
  ClusterRole,
  ClusterRoleBinding,
  Role,
  RoleBinding,
  Subject,
} from '../../../api/rbac/v1/types.js';
import type { NewObject } from '../../../api/meta/v1/types.js';
import type { Rule } from '../rules.js';
import { rbacGroup } from '../../../api/rbac/v1/validation.js';

const apiVersion = `${rbacGroup}/v1`;

/** The verbs of who only looks. */
export const read = 'get list watch';
/** The verbs of who changes without looking. */
export const write = 'create delete deletecollection patch update';
/** The verbs of who does both. */
export const readWrite = 'create delete deletecollection get list patch update watch';

/** Marks objects that are brought up to date at every start, and lets people say no to it. */
export const autoUpdateAnnotation = 'rbac.authorization.kubernetes.io/autoupdate';
const marks = {
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
  annotations: { [autoUpdateAnnotation]: 'true' },
};

const words = (text: string): string[] => text.split(' ');

/** A rule for resources of a group, or of several; `names` are the only objects it is for. */
export const on = (
  groups: string | readonly string[],
  resources: string,
  verbs: string,
  names?: string,
): Rule => ({
  apiGroups: typeof groups === 'string' ? [groups] : [...groups],
  ...(names === undefined ? {} : { resourceNames: words(names) }),
  resources: words(resources),
  verbs: words(verbs),
});

/** A rule for paths that are no resources. */
export const paths = (urls: string, verbs: string): Rule => ({
  nonResourceURLs: words(urls),
  verbs: words(verbs),
});

/** Events are written in both groups that have them. */
export const writeEvents = on(['', 'events.k8s.io'], 'events', 'create patch update');

const metadataOf = (name: string, labels: Readonly<Record<string, string>> = {}) => ({
  name,
  labels: { ...marks.labels, ...labels },
  annotations: marks.annotations,
});

const aggregateLabel = (name: string) => ({
  [`rbac.authorization.k8s.io/aggregate-to-${name}`]: 'true',
});

/** A ClusterRole; `addsTo` is the role whose rules it is collected into. */
export const clusterRole = (
  name: string,
  rules: readonly Rule[],
  addsTo?: string,
): NewObject<ClusterRole> => ({
  apiVersion,
  kind: 'ClusterRole',
  metadata: metadataOf(name, addsTo === undefined ? {} : aggregateLabel(addsTo)),
  rules: rules.map((rule) => ({ ...rule })),
});

/** A ClusterRole whose rules are collected from those labelled for it. */
export const collectedRole = (name: string, addsTo?: string): NewObject<ClusterRole> => ({
  apiVersion,
  kind: 'ClusterRole',
  metadata: metadataOf(name, addsTo === undefined ? {} : aggregateLabel(addsTo)),
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: aggregateLabel(name) }] },
});

/** A role of one namespace. */
export const role = (namespace: string, name: string, rules: readonly Rule[]): NewObject<Role> => ({
  apiVersion,
  kind: 'Role',
  metadata: { ...metadataOf(name), namespace },
  rules: rules.map((rule) => ({ ...rule })),
});

/** A user, for bindings. */
export const user = (name: string): Subject => ({ kind: 'User', apiGroup: rbacGroup, name });
/** A group, for bindings. */
export const group = (name: string): Subject => ({ kind: 'Group', apiGroup: rbacGroup, name });
/** A service account of kube-system, for bindings. */
export const account = (name: string): Subject => ({
  kind: 'ServiceAccount',
  name,
  namespace: 'kube-system',
});

/** Grants a ClusterRole everywhere, under its own name unless another is given. */
export const clusterBinding = (
  roleName: string,
  subjects: readonly Subject[],
  name = roleName,
): NewObject<ClusterRoleBinding> => ({
  apiVersion,
  kind: 'ClusterRoleBinding',
  metadata: metadataOf(name),
  roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name: roleName },
  subjects: [...subjects],
});

/** Grants a Role of a namespace, under its own name unless another is given. */
export const binding = (
  namespace: string,
  roleName: string,
  subjects: readonly Subject[],
  name = roleName,
): NewObject<RoleBinding> => ({
  apiVersion,
  kind: 'RoleBinding',
  metadata: { ...metadataOf(name), namespace },
  roleRef: { apiGroup: rbacGroup, kind: 'Role', name: roleName },
  subjects: [...subjects],
});
