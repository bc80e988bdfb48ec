/**
 * Whom a request is to be made as: the `Impersonate-*` headers, followed as far as the sender may speak for whom they name.
 *
 * Called by the gate for every request from the network, before authorisation.
 */
import type { IncomingMessage } from 'node:http';
import { badRequest } from '../../api/meta/status-error.js';
import type { RequestUser } from '../authn/authenticator.js';
import type { ResourceAttributes } from '../authz/authorizer.js';
import { accountGroups, accountOf } from '../authz/user.js';

/** Throws a 403 where the sender may not impersonate what the attributes say. */
export type ImpersonationCheck = (resource: ResourceAttributes) => void;

const prefix = 'impersonate-';
const extraPrefix = 'impersonate-extra-';
const anonymousName = 'system:anonymous';
const authenticatedGroup = 'system:authenticated';
const unauthenticatedGroup = 'system:unauthenticated';

/** A header's values as they were sent, also where it came several times. */
type HeaderValues = Pick<IncomingMessage, 'headers' | 'headersDistinct'>;

interface Wanted {
  readonly username: string;
  readonly groups: readonly string[];
  readonly uid: string;
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

const isImpersonation = (request: HeaderValues): boolean => {
  for (const name in request.headers) if (name.startsWith(prefix)) return true;
  return false;
};

/** Keys of extra facts may be escaped, since not every text can be a header's name. */
function extraKey(header: string): string {
  const key = header.slice(extraPrefix.length);
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function wantedBy({ headersDistinct }: HeaderValues): Wanted {
  const first = (name: string): string => headersDistinct[name]?.[0] ?? '';
  const extra: Record<string, readonly string[]> = {};
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    if (!name.startsWith(extraPrefix)) continue;
    const key = extraKey(name);
    extra[key] = [...(extra[key] ?? []), ...values];
  }
  return {
    username: first('impersonate-user'),
    groups: headersDistinct['impersonate-group'] ?? [],
    uid: first('impersonate-uid'),
    extra,
  };
}

const core = { group: '', version: '', subresource: '', namespace: '' };
const authentication = { ...core, group: 'authentication.k8s.io', version: 'v1' };

/** Everything the sender needs a right to, as Kubernetes asks for it: verb `impersonate` on each of these. */
function attributesOf({ username, groups, uid, extra }: Wanted): readonly ResourceAttributes[] {
  const account = accountOf(username);
  const user =
    account === undefined
      ? { ...core, plural: 'users', name: username }
      : { ...core, plural: 'serviceaccounts', ...account };
  return [
    ...(username === '' ? [] : [user]),
    ...groups.map((name) => ({ ...core, plural: 'groups', name })),
    ...Object.entries(extra).flatMap(([subresource, values]) =>
      values.map((name) => ({ ...authentication, plural: 'userextras', subresource, name })),
    ),
    ...(uid === '' ? [] : [{ ...authentication, plural: 'uids', name: uid }]),
  ];
}

function describeRequest({ plural, name, namespace, subresource, group }: ResourceAttributes) {
  const kinds: Readonly<Record<string, string>> = {
    groups: 'Group',
    uids: 'UID',
    userextras: 'UserExtra',
  };
  const version = group === '' ? '' : `${group}/v1`;
  return `{${kinds[plural] ?? plural} ${namespace} ${name}  ${version}  ${subresource}}`;
}

/** Adds the group everybody who is known is in, or that of those who are not. */
function withEveryone(username: string, groups: readonly string[]): readonly string[] {
  if (username === anonymousName) {
    return groups.includes(unauthenticatedGroup) ? groups : [...groups, unauthenticatedGroup];
  }
  const isComplete = groups.includes(authenticatedGroup) || groups.includes(unauthenticatedGroup);
  return isComplete ? groups : [...groups, authenticatedGroup];
}

/** The user the request is to be made as; the sender where no header asks for another. */
export function impersonate(
  sender: RequestUser,
  request: HeaderValues,
  check: ImpersonationCheck,
): RequestUser {
  if (!isImpersonation(request)) return sender;
  const wanted = wantedBy(request);
  const { username, groups, uid, extra } = wanted;
  const asked = attributesOf(wanted);
  if (username === '') {
    if (asked.length === 0) return sender;
    const list = asked.map(describeRequest).join(' ');
    throw badRequest(`requested [${list}] without impersonating a user`);
  }
  for (const attributes of asked) check(attributes);
  const account = accountOf(username);
  const implied =
    account !== undefined && groups.length === 0 ? accountGroups(account.namespace) : groups;
  return {
    username,
    groups: withEveryone(username, implied),
    ...(uid === '' ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}
