/**
 * Makes the roles and bindings a cluster starts with, and brings those of an older Pintle up to date: what is missing is
 * added, what people added stays. An object whose autoupdate annotation says false is left alone.
 *
 * Called once at every start, as the system itself.
 */
import type { KubeObject, NewObject } from '../api/meta/v1/types.js';
import { jsonEqual } from '../api/patch/json-value.js';
import { clusterRoleBindings, roleBindings } from '../api/rbac/v1/binding.js';
import { clusterRoles, roles } from '../api/rbac/v1/role.js';
import type { ClusterRole, PolicyRule, RoleBinding, Subject } from '../api/rbac/v1/types.js';
import type { ResourceRef } from '../api/schema/resource.js';
import type { Client } from '../machinery/client/client.js';
import { findObject } from '../machinery/client/find-object.js';
import { defaultPolicy } from './authz/policy/default-policy.js';
import type { Policy } from './authz/policy/default-policy.js';
import { autoUpdateAnnotation } from './authz/policy/policy-words.js';
import { compacted, missingRules } from './authz/rule-coverage.js';

/** What is to be merged into an object; undefined where nothing is missing, `replace` where it has to be made anew. */
type Amendment = Readonly<Record<string, unknown>> | 'replace' | undefined;
type Amend<T extends KubeObject> = (wanted: NewObject<T>, stored: T) => Amendment;

const copied = (rules: readonly PolicyRule[] | undefined): PolicyRule[] =>
  (rules ?? []).map((rule) => ({ ...rule }));

/** Roles get the rules and selectors they lack. */
const amendRole: Amend<ClusterRole> = (wanted, stored) => {
  const missing = missingRules(stored.rules ?? [], wanted.rules ?? []);
  const selectors = (wanted.aggregationRule?.clusterRoleSelectors ?? []).filter(
    (selector) =>
      !(stored.aggregationRule?.clusterRoleSelectors ?? []).some((own) => jsonEqual(own, selector)),
  );
  if (missing.length === 0 && selectors.length === 0) return undefined;
  const owned = stored.aggregationRule?.clusterRoleSelectors ?? [];
  return {
    ...(missing.length === 0 ? {} : { rules: [...copied(stored.rules), ...compacted(missing)] }),
    ...(selectors.length === 0
      ? {}
      : { aggregationRule: { clusterRoleSelectors: [...owned, ...selectors] } }),
  };
};

const isSame = (left: Subject, right: Subject): boolean =>
  left.kind === right.kind &&
  left.name === right.name &&
  (left.namespace ?? '') === (right.namespace ?? '');

/** Bindings get the subjects they lack; one of another role is replaced, since that cannot be changed. */
const amendBinding: Amend<RoleBinding> = (wanted, stored) => {
  if (!jsonEqual(wanted.roleRef, stored.roleRef)) return 'replace';
  const subjects = stored.subjects ?? [];
  const missing = (wanted.subjects ?? []).filter(
    (subject) => !subjects.some((own) => isSame(own, subject)),
  );
  return missing.length === 0 ? undefined : { subjects: [...subjects, ...missing] };
};

/** The labels and annotations an object lacks; those it has keep their values. */
function missingMarks(wanted: Partial<KubeObject['metadata']>, stored: KubeObject['metadata']) {
  const lacking = (
    values: Record<string, string> = {},
    own: Record<string, string> = {},
  ): Record<string, string> =>
    Object.fromEntries(Object.entries(values).filter(([name]) => !Object.hasOwn(own, name)));
  const labels = lacking(wanted.labels, stored.labels);
  const annotations = lacking(wanted.annotations, stored.annotations);
  const isComplete = [labels, annotations].every((marks) => Object.keys(marks).length === 0);
  return isComplete ? undefined : { metadata: { labels, annotations } };
}

async function ensure<T extends KubeObject>(
  client: Client,
  resource: ResourceRef<T>,
  wanted: NewObject<T>,
  amend: Amend<T>,
): Promise<void> {
  const { namespace, name = '' } = wanted.metadata;
  const key = { namespace, name };
  const stored = await findObject(client, resource, key);
  if (stored === undefined) {
    await client.create(resource, wanted);
    return;
  }
  if (stored.metadata.annotations?.[autoUpdateAnnotation] === 'false') return;
  const amendment = amend(wanted, stored);
  if (amendment === 'replace') {
    await client.delete(resource, key, { preconditions: { uid: stored.metadata.uid } });
    await client.create(resource, wanted);
    return;
  }
  const marks = missingMarks(wanted.metadata, stored.metadata);
  if (amendment === undefined && marks === undefined) return;
  await client.patch(resource, key, { type: 'merge', body: { ...marks, ...amendment } });
}

/** Makes or completes every role and binding of the policy. The namespaces of the system exist already. */
export async function bootstrapPolicy(client: Client, policy: Policy = defaultPolicy) {
  await Promise.all([
    ...policy.clusterRoles.map((wanted) => ensure(client, clusterRoles, wanted, amendRole)),
    ...policy.roles.map((wanted) => ensure(client, roles, wanted, amendRole)),
    ...policy.clusterRoleBindings.map((wanted) =>
      ensure(client, clusterRoleBindings, wanted, amendBinding),
    ),
    ...policy.roleBindings.map((wanted) => ensure(client, roleBindings, wanted, amendBinding)),
  ]);
}
