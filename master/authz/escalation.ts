/**
 * Nobody grants what they do not have: whoever writes a role must hold its rules or be allowed to `escalate` it, whoever
 * writes a binding must hold the rules of its role or be allowed to `bind` it.
 *
 * Called by the server for writes of RBAC objects, before admission.
 */
import { forbiddenRequest, isStatusError } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { jsonEqual } from '../../api/patch/json-value.js';
import type { ClusterRole, RoleBinding } from '../../api/rbac/v1/types.js';
import type { Requester } from '../../api/schema/resource.js';
import { mastersGroup } from '../../api/user-names.js';
import { withAnswers } from '../../machinery/with-answers.js';
import type { Authorization, Authorizer } from './authorizer.js';
import type { RbacAuthorizer } from './rbac-authorizer.js';
import type { RbacIndex } from './rbac-index.js';
import { missingRules, missingText, quotedList } from './rule-coverage.js';
import type { Rule } from './rules.js';
import { rbacGroup } from '../../api/rbac/v1/validation.js';

/** A write as it was asked for. */
export interface RbacWrite {
  readonly user: Requester;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace: string;
  /** The name in the path; empty for a POST. */
  readonly name: string;
  readonly object: KubeObject;
  /** What is replaced; absent for a new object. */
  readonly stored?: KubeObject | undefined;
}

export interface EscalationOptions {
  readonly index: RbacIndex;
  readonly rbac: RbacAuthorizer;
  readonly authorizer: Authorization;
}

/** Throws a 403 that names the rules somebody would grant without having them. */
export type EscalationCheck = (write: RbacWrite) => void | Promise<void>;

/** Everything there is, which is what an aggregation rule may come to collect. */
const fullAuthority: readonly Rule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/** The garbage collector may let go of objects without holding what they grant. */
function changesOwnershipOnly({ object, stored }: RbacWrite): boolean {
  if (stored === undefined) return false;
  const { ownerReferences, finalizers, managedFields } = stored.metadata;
  const metadata = { ...object.metadata, ownerReferences, finalizers, managedFields };
  const strip = (value: KubeObject): unknown => JSON.parse(JSON.stringify(value));
  return jsonEqual(strip({ ...object, metadata }), strip(stored));
}

export function createEscalationCheck(options: EscalationOptions): EscalationCheck {
  const { index, rbac } = options;

  const refuse = (write: RbacWrite, why: string): Error =>
    forbiddenRequest(write, write.object.metadata.name, why);

  const confirm = (write: RbacWrite, rules: readonly Rule[]): string | undefined => {
    const { user } = write;
    const owned = rbac.rulesFor(user, write.namespace);
    const missing = missingRules(owned.rules, rules);
    if (missing.length === 0) return undefined;
    const errors =
      owned.errors.length === 0 ? '' : `; resolution errors: [${owned.errors.join(', ')}]`;
    return `user ${JSON.stringify(user.username)} (groups=${quotedList(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${missingText(missing)}${errors}`;
  };

  const checkRole = (write: RbacWrite, authorizer: Authorizer): void => {
    const { user, group, version, plural, namespace, name } = write;
    const resource = { group, version, plural, subresource: '', namespace, name };
    if (authorizer({ user, verb: 'escalate', resource }).allowed) return;
    const role = write.object as ClusterRole;
    const problem = confirm(write, role.rules ?? []);
    if (problem !== undefined) throw refuse(write, problem);
    const collects = [role, write.stored as ClusterRole | undefined].some(
      (each) => each?.aggregationRule !== undefined,
    );
    if (collects && confirm(write, fullAuthority) !== undefined) {
      throw refuse(write, 'must have cluster-admin privileges to use the aggregationRule');
    }
  };

  const checkBinding = (write: RbacWrite, authorizer: Authorizer): void => {
    const { user, version, namespace } = write;
    const { roleRef } = write.object as RoleBinding;
    const { kind, name } = roleRef;
    // Validation, which comes later, has the words for it.
    if (kind !== 'ClusterRole' && kind !== 'Role') return;
    const plural = kind === 'ClusterRole' ? 'clusterroles' : 'roles';
    const resource = { group: rbacGroup, version, plural, subresource: '', namespace, name };
    if (authorizer({ user, verb: 'bind', resource }).allowed) return;
    const rules = index.rulesOf(roleRef, namespace);
    if (isStatusError(rules)) throw rules;
    const problem = confirm(write, rules);
    if (problem !== undefined) throw refuse(write, problem);
  };

  return (write) => {
    if (write.group !== rbacGroup) return undefined;
    if (write.user.groups.includes(mastersGroup) || changesOwnershipOnly(write)) {
      return undefined;
    }
    const isRole = write.plural === 'roles' || write.plural === 'clusterroles';
    const check = isRole ? checkRole : checkBinding;
    return withAnswers(options.authorizer, (authorizer) => {
      check(write, authorizer);
    });
  };
}
