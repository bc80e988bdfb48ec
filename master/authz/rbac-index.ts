/**
 * Every role and binding of the cluster, found by whom they concern. Kept equal to the registries by their change
 * notifications, so that a change counts from the moment it is acknowledged.
 *
 * Fed by `master/main.ts`; read by the RBAC authoriser and the escalation check.
 */
import { notFound } from '../../api/meta/status-error.js';
import type { StatusError } from '../../api/meta/status-error.js';
import type {
  ClusterRole,
  ClusterRoleBinding,
  Role,
  RoleBinding,
  RoleRef,
  Subject,
} from '../../api/rbac/v1/types.js';
import type { Requester } from '../../api/schema/resource.js';
import { accountUsername } from '../../api/user-names.js';
import type { Rule } from './rules.js';
import { rbacGroup } from '../../api/rbac/v1/validation.js';

type AnyRole = Role | ClusterRole;
type AnyBinding = RoleBinding | ClusterRoleBinding;

/** An object that is parsed when first looked at, as the watch cache holds it. */
export interface Held<T> {
  readonly object: T;
}

/** A binding and the first of its subjects that a user is, or is a member of. */
export interface AppliedBinding {
  readonly binding: AnyBinding;
  readonly subject: Subject;
}

const userKey = (name: string): string => `u${name}`;
const groupKey = (name: string): string => `g${name}`;
const roleKey = (namespace: string, name: string): string => `${namespace}/${name}`;
const namespaceOf = ({ metadata }: AnyRole | AnyBinding): string => metadata.namespace ?? '';

/** Under what a subject's bindings are found; undefined for a subject nobody can be. */
function subjectKey(subject: Subject, bindingNamespace: string): string | undefined {
  const { kind, name, namespace = '' } = subject;
  if (kind === 'User') return userKey(name);
  if (kind === 'Group') return groupKey(name);
  const home = namespace === '' ? bindingNamespace : namespace;
  return kind === 'ServiceAccount' && home !== ''
    ? userKey(accountUsername(home, name))
    : undefined;
}

const keysOf = (binding: AnyBinding): ReadonlySet<string | undefined> =>
  new Set((binding.subjects ?? []).map((subject) => subjectKey(subject, namespaceOf(binding))));

/** Bindings of one subject by namespace; the empty namespace has those of the whole cluster. */
type BindingsByNamespace = Map<string, Map<string, AnyBinding>>;

export class RbacIndex {
  /** Counts changes; what was worked out at another count is out of date. */
  revision = 0;
  private readonly roles = new Map<string, Held<AnyRole>>();
  private readonly bySubject = new Map<string, BindingsByNamespace>();

  /** Takes in what a Role or ClusterRole has become; `current` is undefined once it is gone. */
  roleChanged(
    name: { readonly namespace: string; readonly name: string },
    current?: Held<AnyRole>,
  ) {
    this.revision += 1;
    const key = roleKey(name.namespace, name.name);
    if (current === undefined) this.roles.delete(key);
    else this.roles.set(key, current);
  }

  /** Takes in what a RoleBinding or ClusterRoleBinding has become from what it was. */
  bindingChanged(current: AnyBinding | undefined, previous: AnyBinding | undefined): void {
    this.revision += 1;
    if (previous !== undefined) this.remove(previous);
    if (current !== undefined) this.add(current);
  }

  /** The bindings that concern a user within a namespace, and cluster-wide where it is empty; sorted by name. */
  bindingsOf(user: Requester, namespace: string): readonly AppliedBinding[] {
    const keys = [userKey(user.username), ...user.groups.map(groupKey)];
    const found = new Map<string, AnyBinding>();
    for (const key of keys) {
      const bindings = this.bySubject.get(key)?.get(namespace);
      if (bindings !== undefined) for (const [name, binding] of bindings) found.set(name, binding);
    }
    const wanted = new Set(keys);
    const sorted = [...found].sort(([left], [right]) => (left < right ? -1 : 1));
    return sorted.flatMap(([, binding]) => {
      const subject = (binding.subjects ?? []).find((candidate) =>
        wanted.has(subjectKey(candidate, namespace) ?? ''),
      );
      return subject === undefined ? [] : [{ binding, subject }];
    });
  }

  /** What a role reference in a namespace grants; a 404 where there is no such role. */
  rulesOf({ kind, name }: RoleRef, namespace: string): readonly Rule[] | StatusError {
    const isCluster = kind === 'ClusterRole';
    const held = this.roles.get(roleKey(isCluster ? '' : namespace, name));
    if (held !== undefined) return held.object.rules ?? [];
    return notFound({ group: rbacGroup, plural: kind.toLowerCase() }, name);
  }

  private add(binding: AnyBinding): void {
    const namespace = namespaceOf(binding);
    for (const key of keysOf(binding)) {
      if (key === undefined) continue;
      const byNamespace = this.bySubject.get(key) ?? new Map<string, Map<string, AnyBinding>>();
      this.bySubject.set(key, byNamespace);
      const bindings = byNamespace.get(namespace) ?? new Map<string, AnyBinding>();
      byNamespace.set(namespace, bindings);
      bindings.set(binding.metadata.name, binding);
    }
  }

  private remove(binding: AnyBinding): void {
    const namespace = namespaceOf(binding);
    for (const key of keysOf(binding)) {
      if (key === undefined) continue;
      const byNamespace = this.bySubject.get(key);
      const bindings = byNamespace?.get(namespace);
      bindings?.delete(binding.metadata.name);
      if (bindings?.size === 0) byNamespace?.delete(namespace);
      if (byNamespace?.size === 0) this.bySubject.delete(key);
    }
  }
}
