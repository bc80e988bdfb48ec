/**
 * The ways to speak for another user. Legacy impersonation takes the verb `impersonate` on the user and everything said of
 * it, and then anything may be done. The constrained ones, tried before it, take `impersonate:<mode>` on the user, under
 * authentication.k8s.io, and `impersonate-on:<mode>:<verb>` on what is to be done, so that somebody can be let to speak for
 * a user in one matter alone.
 */
import {
  accountGroups,
  accountOf,
  nodeNameIn,
  nodesGroup,
  mastersGroup,
} from '../../api/user-names.js';
import { dns1123SubdomainErrors, domainPrefixedPathErrors } from '../../api/validation/names.js';
import type { ResourceAttributes } from '../authz/authorizer.js';
import { manyImpersonationChecks } from './limits.js';
import type { Requester } from '../../api/schema/resource.js';

/** Whom the headers name, before anything is added. */
export interface WantedUser {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: ReadonlyMap<string, readonly string[]>;
}

export interface ImpersonationRequest {
  readonly sender: Requester;
  /** The refusal where the sender, or who stands for them, may not do this to the resource. */
  readonly refusal: (
    verb: string,
    resource: ResourceAttributes,
    sender?: Requester,
  ) => Error | undefined;
  /** The refusal where they may not do what the request does, by the verb made from the request's own. */
  readonly actionRefusal: (
    verbFrom: (verb: string) => string,
    sender?: Requester,
  ) => Error | undefined;
  /** A refusal without asking, for what nobody may impersonate. */
  readonly forbidden: (verb: string, resource: ResourceAttributes, why: string) => Error;
}

/** The groups the user comes with, and the verb that was enough where the impersonation is a constrained one. */
interface Passed {
  readonly groups: readonly string[];
  readonly constraint?: string;
}
/** The refusal, or undefined, where the mode is not for such users or not to be had. */
type Outcome = Passed | { readonly refusal: Error } | undefined;
export type ImpersonationMode = (wanted: WantedUser, request: ImpersonationRequest) => Outcome;

const nodeGroups = [nodesGroup];
const nodeNameFact = 'authentication.kubernetes.io/node-name';
/** What authorisers are told of an account that speaks for its node: which facts are known of it, but not which node it is. */
const knownOfNode = 'authentication.kubernetes.io/associated-node-keys';

const core = { group: '', version: 'v1', subresource: '', namespace: '', name: '' };
const authentication = { ...core, group: 'authentication.k8s.io' };

/** The node a username stands for; undefined for other users. */
function nodeOf(username: string): string | undefined {
  const name = nodeNameIn(username);
  return name !== undefined && dns1123SubdomainErrors(name).length === 0 ? name : undefined;
}

/** Nodes and service accounts are known by their name; nothing else may be said of them. */
const isNameAlone = ({ uid, groups, extra }: WantedUser): boolean =>
  uid === '' && groups.length === 0 && extra.size === 0;

const groupsOf = ({ username, groups }: WantedUser): readonly string[] => {
  const account = accountOf(username);
  return account !== undefined && groups.length === 0 ? accountGroups(account.namespace) : groups;
};

/** Asks for one thing after the other, up to the first refusal. */
function firstRefusal<T>(
  values: Iterable<T>,
  refusalOf: (value: T) => Error | undefined,
): Error | undefined {
  for (const value of values) {
    const refusal = refusalOf(value);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

const outcomeOf = (refusal: Error | undefined, passed: Passed): Outcome =>
  refusal === undefined ? passed : { refusal };

function legacy(wanted: WantedUser, { refusal }: ImpersonationRequest): Outcome {
  const { username, uid, groups, extra } = wanted;
  const account = accountOf(username);
  const asked: readonly ResourceAttributes[] = [
    account === undefined
      ? { ...core, plural: 'users', name: username }
      : { ...core, plural: 'serviceaccounts', ...account },
    ...(uid === '' ? [] : [{ ...authentication, plural: 'uids', name: uid }]),
    ...groups.map((name) => ({ ...core, plural: 'groups', name })),
    ...extraAttributes(extra),
  ];
  return outcomeOf(
    firstRefusal(asked, (resource) => refusal('impersonate', resource)),
    { groups: groupsOf(wanted) },
  );
}

const extraAttributes = (extra: WantedUser['extra']): readonly ResourceAttributes[] =>
  [...extra].flatMap(([subresource, values]) =>
    values.map((name) => ({ ...authentication, plural: 'userextras', subresource, name })),
  );

/** The constrained check: may the sender do this while speaking for somebody, and speak for just this one? */
function constrained(
  { mode, groups }: { readonly mode: string; readonly groups: readonly string[] },
  request: ImpersonationRequest,
  identity: (verb: string) => Error | undefined,
): Outcome {
  const constraint = `impersonate:${mode}`;
  const refusal =
    request.actionRefusal((verb) => `impersonate-on:${mode}:${verb}`) ?? identity(constraint);
  return outcomeOf(refusal, { groups, constraint });
}

/** A service account speaks for the node it runs on. Which node that is has been seen to, so any will do for the rule. */
function associatedNode(wanted: WantedUser, request: ImpersonationRequest): Outcome {
  const node = nodeOf(wanted.username);
  const { username, extra = {} } = request.sender;
  const own = extra[nodeNameFact] ?? [];
  const isOwn = accountOf(username) !== undefined && own.length === 1 && own[0] === node;
  if (node === undefined || !isNameAlone(wanted) || !isOwn) return undefined;
  const resource = { ...authentication, plural: 'nodes', name: '*' };
  const onAnyNode = { ...request.sender, extra: { [knownOfNode]: Object.keys(extra).sort() } };
  const asked: ImpersonationRequest = {
    ...request,
    refusal: (verb, attributes) => request.refusal(verb, attributes, onAnyNode),
    actionRefusal: (verbFrom) => request.actionRefusal(verbFrom, onAnyNode),
  };
  return constrained({ mode: 'associated-node', groups: nodeGroups }, asked, (verb) =>
    asked.refusal(verb, resource),
  );
}

function arbitraryNode(wanted: WantedUser, request: ImpersonationRequest): Outcome {
  const name = nodeOf(wanted.username);
  if (name === undefined || !isNameAlone(wanted)) return undefined;
  const resource = { ...authentication, plural: 'nodes', name };
  return constrained({ mode: 'arbitrary-node', groups: nodeGroups }, request, (verb) =>
    request.refusal(verb, resource),
  );
}

function serviceAccount(wanted: WantedUser, request: ImpersonationRequest): Outcome {
  const account = accountOf(wanted.username);
  if (account === undefined || !isNameAlone(wanted)) return undefined;
  const resource = { ...authentication, plural: 'serviceaccounts', ...account };
  const groups = accountGroups(account.namespace);
  return constrained({ mode: 'serviceaccount', groups }, request, (verb) =>
    request.refusal(verb, resource),
  );
}

/** Groups that nobody may take by constrained impersonation are refused before anything is asked. */
function groupsRefusal(
  { groups }: WantedUser,
  verb: string,
  { refusal, forbidden }: ImpersonationRequest,
): Error | undefined {
  const resource = { ...authentication, plural: 'groups' };
  if (groups.includes('')) {
    return forbidden(verb, resource, 'impersonating the empty string group is not allowed');
  }
  if (groups.includes(mastersGroup)) {
    const named = { ...resource, name: mastersGroup };
    return forbidden(verb, named, `impersonating the ${mastersGroup} group is not allowed`);
  }
  const isMany = groups.length >= manyImpersonationChecks;
  if (isMany && refusal(verb, { ...resource, name: '*' }) === undefined) return undefined;
  return firstRefusal(groups, (name) => refusal(verb, { ...resource, name }));
}

/** What is wrong with extra facts that somebody would like to be known by. */
function extraProblem(extra: WantedUser['extra']): string | undefined {
  for (const [key, values] of extra) {
    if (key === '') return 'impersonating the empty string key in extra is not allowed';
    const problems = domainPrefixedPathErrors(key);
    if (problems.length > 0) {
      return `impersonating an invalid key in extra is not allowed: extra.key: Invalid value: ${JSON.stringify(key)}: ${problems.join('; ')}`;
    }
    if (key !== key.toLowerCase()) {
      return `impersonating a non-lowercase key in extra is not allowed: ${JSON.stringify(key)}`;
    }
    if (values.length === 0) return 'impersonating empty values in extra is not allowed';
    if (values.includes('')) {
      return 'impersonating the empty string value in extra is not allowed';
    }
  }
  return undefined;
}

function extraRefusal(
  { extra }: WantedUser,
  verb: string,
  { refusal, forbidden }: ImpersonationRequest,
): Error | undefined {
  const resource = { ...authentication, plural: 'userextras' };
  const problem = extraProblem(extra);
  if (problem !== undefined) return forbidden(verb, resource, problem);
  const asked = extraAttributes(extra);
  const all = { ...resource, subresource: '*', name: '*' };
  const isMany = asked.length >= manyImpersonationChecks;
  if (isMany && refusal(verb, all) === undefined) return undefined;
  return firstRefusal(asked, (attributes) => refusal(verb, attributes));
}

function userInfo(wanted: WantedUser, request: ImpersonationRequest): Outcome {
  const { username, uid, groups } = wanted;
  if (nodeOf(username) !== undefined || accountOf(username) !== undefined) return undefined;
  const identity = (verb: string): Error | undefined =>
    request.refusal(verb, { ...authentication, plural: 'users', name: username }) ??
    (uid === ''
      ? undefined
      : request.refusal(verb, { ...authentication, plural: 'uids', name: uid })) ??
    groupsRefusal(wanted, verb, request) ??
    extraRefusal(wanted, verb, request);
  return constrained({ mode: 'user-info', groups }, request, identity);
}

/** In the order they are tried. */
export const impersonationModes: readonly ImpersonationMode[] = [
  associatedNode,
  arbitraryNode,
  serviceAccount,
  userInfo,
  legacy,
];
