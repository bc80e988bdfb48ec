/** Users and groups that Kubernetes itself gives a meaning, and the names by which nodes and service accounts are users. */
import type { Requester } from './schema/resource.js';
import { dns1123LabelErrors, dns1123SubdomainErrors } from './validation/names.js';

/** May do everything. */
export const mastersGroup = 'system:masters';

/** Everybody who is known. */
export const authenticatedGroup = 'system:authenticated';

/** Everybody who is not. */
export const unauthenticatedGroup = 'system:unauthenticated';

/** Who is not known. */
export const anonymousUser = 'system:anonymous';

/** All nodes. */
export const nodesGroup = 'system:nodes';

const nodePrefix = 'system:node:';

/** The username of a node. */
export const nodeUsername = (name: string): string => `${nodePrefix}${name}`;

/** What the username of a node goes on with; undefined for other users. */
export const nodeNameIn = (username: string): string | undefined =>
  username.startsWith(nodePrefix) ? username.slice(nodePrefix.length) : undefined;

/** The node an agent speaks for, empty where it does not say which; undefined for users who are no agents. */
export const nodeNameOf = ({ username, groups }: Requester): string | undefined =>
  groups.includes(nodesGroup) ? nodeNameIn(username) : undefined;

const accountPrefix = 'system:serviceaccount:';

/** The username of a service account. */
export const accountUsername = (namespace: string, name: string): string =>
  `${accountPrefix}${namespace}:${name}`;

/** The groups every service account of a namespace is in. */
export const accountGroups = (namespace: string): readonly string[] => [
  'system:serviceaccounts',
  `system:serviceaccounts:${namespace}`,
];

/** The namespace and name of the account a username stands for; undefined for other users. */
export function accountOf(
  username: string,
): { readonly namespace: string; readonly name: string } | undefined {
  if (!username.startsWith(accountPrefix)) return undefined;
  const [namespace = '', name = '', ...more] = username.slice(accountPrefix.length).split(':');
  const isAccount =
    more.length === 0 &&
    dns1123LabelErrors(namespace).length === 0 &&
    dns1123SubdomainErrors(name).length === 0;
  return isAccount ? { namespace, name } : undefined;
}
