/**
 * RBAC: a request is allowed where a rule of a role that is bound to the user, or to a group of the user, covers it. Bindings
 * of the cluster count everywhere, those of a namespace for requests in it.
 *
 * A decision costs a look into a map: for every user the rules that concern a verb and resource are picked out once and kept
 * until any role or binding changes.
 */
import { isStatusError } from '../../api/meta/status-error.js';
import type { Requester } from '../../api/schema/resource.js';
import type { AuthorizationRequest, Decision, ResourceAttributes } from './authorizer.js';
import { maxDecisionsPerUser, maxNamespacesPerUser, maxRememberedUsers } from './limits.js';
import type { AppliedBinding, RbacIndex } from './rbac-index.js';
import { allowsPath, allowsResource, namesOf } from './rules.js';
import type { Rule } from './rules.js';

/** A rule that a user has, and by which binding. */
interface GrantedRule {
  readonly rule: Rule;
  readonly by: AppliedBinding;
}

/** What a user has by the bindings of one namespace, or of the cluster. */
interface Grants {
  readonly rules: readonly GrantedRule[];
  /** What went wrong with bindings, such as a role that does not exist. */
  readonly errors: readonly string[];
}

/** The rules a user has, whatever they are for, and what kept others from being found. */
export interface UserRules {
  readonly rules: readonly Rule[];
  readonly errors: readonly string[];
}

/** The rules that cover a verb and resource, in order, as far as they can matter. */
interface Outcome {
  readonly candidates: readonly {
    /** The names the rule is for; undefined for all. */
    readonly names: ReadonlySet<string> | undefined;
    readonly decision: Decision;
  }[];
  readonly refused: Decision;
}

const text = (value: string): string => JSON.stringify(value);

function describe({ binding, subject }: AppliedBinding): string {
  const { namespace = '', name } = binding.metadata;
  const full = namespace === '' ? text(name) : text(`${name}/${namespace}`);
  const who =
    subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace ?? ''}` : subject.name;
  const kind = namespace === '' ? 'ClusterRoleBinding' : 'RoleBinding';
  const role = `${binding.roleRef.kind} ${text(binding.roleRef.name)}`;
  return `RBAC: allowed by ${kind} ${full} of ${role} to ${subject.kind} ${text(who)}`;
}

function refusal(errors: readonly string[]): Decision {
  const unique = [...new Set(errors)];
  if (unique.length === 0) return { allowed: false, reason: '' };
  const list = unique.length === 1 ? (unique[0] ?? '') : `[${unique.join(', ')}]`;
  return { allowed: false, reason: `RBAC: ${list}` };
}

function outcomeOf(rules: readonly GrantedRule[], refused: Decision): Outcome {
  const candidates: Outcome['candidates'][number][] = [];
  for (const { rule, by } of rules) {
    const names = namesOf(rule);
    const decision = { allowed: true, reason: describe(by) };
    candidates.push({ names: names === undefined ? undefined : new Set(names), decision });
    if (names === undefined) break;
  }
  return { candidates, refused };
}

function decide({ candidates, refused }: Outcome, name: string): Decision {
  for (const { names, decision } of candidates) {
    if (names === undefined || names.has(name)) return decision;
  }
  return refused;
}

/** Adds to a map that forgets everything once it is full. */
function remember<V>(map: Map<string, V>, key: string, value: V, limit: number): V {
  if (map.size >= limit) map.clear();
  map.set(key, value);
  return value;
}

/** Unambiguous whatever the parts hold: their lengths say where each ends. */
function outcomeKey(verb: string, resource: ResourceAttributes): string {
  const { group, plural, subresource, namespace } = resource;
  return `${String(verb.length)}.${String(group.length)}.${String(plural.length)}.${String(subresource.length)}.${verb}${group}${plural}${subresource}${namespace}`;
}

function userKey({ username, groups }: Requester): string {
  let key = `${String(username.length)}.${username}`;
  for (const group of groups) key += `${String(group.length)}.${group}`;
  return key;
}

/** What one user may do, worked out as it is asked for. */
class UserAccess {
  private readonly index: RbacIndex;
  private readonly user: Requester;
  private readonly grants = new Map<string, Grants>();
  private readonly outcomes = new Map<string, Outcome>();

  constructor(index: RbacIndex, user: Requester) {
    this.index = index;
    this.user = user;
  }

  decideResource(verb: string, resource: ResourceAttributes): Decision {
    const key = outcomeKey(verb, resource);
    const outcome =
      this.outcomes.get(key) ??
      remember(this.outcomes, key, this.outcomeFor(verb, resource), maxDecisionsPerUser);
    return decide(outcome, resource.name);
  }

  decidePath(verb: string, path: string): Decision {
    const { rules, errors } = this.grantsIn('');
    const found = rules.find(({ rule }) => allowsPath(rule, verb, path));
    return found === undefined ? refusal(errors) : { allowed: true, reason: describe(found.by) };
  }

  /** The rules of the cluster's bindings and, where a namespace is given, of its own. */
  rulesIn(namespace: string): Grants {
    const cluster = this.grantsIn('');
    if (namespace === '') return cluster;
    const own = this.grantsIn(namespace);
    return {
      rules: [...cluster.rules, ...own.rules],
      errors: [...cluster.errors, ...own.errors],
    };
  }

  private outcomeFor(verb: string, resource: ResourceAttributes): Outcome {
    const { group, plural, subresource, namespace } = resource;
    const { rules, errors } = this.rulesIn(namespace);
    const request = { verb, group, plural, subresource };
    const covering = rules.filter(({ rule }) => allowsResource(rule, request));
    return outcomeOf(covering, refusal(errors));
  }

  private grantsIn(namespace: string): Grants {
    return (
      this.grants.get(namespace) ??
      remember(this.grants, namespace, this.collect(namespace), maxNamespacesPerUser)
    );
  }

  private collect(namespace: string): Grants {
    const rules: GrantedRule[] = [];
    const errors: string[] = [];
    for (const by of this.index.bindingsOf(this.user, namespace)) {
      const found = this.index.rulesOf(by.binding.roleRef, namespace);
      if (isStatusError(found)) errors.push(found.message);
      else for (const rule of found) rules.push({ rule, by });
    }
    return { rules, errors };
  }
}

export class RbacAuthorizer {
  private readonly index: RbacIndex;
  private readonly users = new Map<string, UserAccess>();
  private seen = 0;

  constructor(index: RbacIndex) {
    this.index = index;
  }

  readonly authorize = ({ user, verb, resource, path = '' }: AuthorizationRequest): Decision => {
    const access = this.accessOf(user);
    return resource === undefined
      ? access.decidePath(verb, path)
      : access.decideResource(verb, resource);
  };

  /** Every rule a user has in a namespace, or cluster-wide where it is empty. */
  rulesFor(user: Requester, namespace: string): UserRules {
    const { rules, errors } = this.accessOf(user).rulesIn(namespace);
    return { rules: rules.map(({ rule }) => rule), errors };
  }

  private accessOf(user: Requester): UserAccess {
    if (this.seen !== this.index.revision) {
      this.users.clear();
      this.seen = this.index.revision;
    }
    const key = userKey(user);
    const known = this.users.get(key);
    return known ?? remember(this.users, key, new UserAccess(this.index, user), maxRememberedUsers);
  }
}
