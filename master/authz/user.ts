/** A user as authorisation sees one, and the texts by which service accounts and nodes are users. */
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../api/validation/names.js';

export interface AuthorizedUser {
  readonly username: string;
  readonly groups: readonly string[];
  readonly uid?: string | undefined;
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

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
