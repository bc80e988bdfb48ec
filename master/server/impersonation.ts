/**
 * Whom a request is to be made as: the `Impersonate-*` headers, followed as far as the sender may speak for whom they name.
 *
 * Called by the gate for every request from the network, before authorisation.
 */
import type { IncomingMessage } from 'node:http';
import { badRequest } from '../../api/meta/status-error.js';
import { anonymousUser, authenticatedGroup, unauthenticatedGroup } from '../../api/user-names.js';
import { impersonationModes } from './impersonation-modes.js';
import type { ImpersonationRequest, WantedUser } from './impersonation-modes.js';
import type { Requester } from '../../api/schema/resource.js';

const prefix = 'impersonate-';
const extraPrefix = 'impersonate-extra-';

/** A header's values as they were sent, also where it came several times. */
type HeaderValues = Pick<IncomingMessage, 'headers' | 'headersDistinct'>;

/** Whether any header asks for another user. */
export const isImpersonation = (request: HeaderValues): boolean => {
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

function wantedBy({ headersDistinct }: HeaderValues): WantedUser {
  const first = (name: string): string => headersDistinct[name]?.[0] ?? '';
  const extra = new Map<string, readonly string[]>();
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    if (!name.startsWith(extraPrefix)) continue;
    const key = extraKey(name);
    extra.set(key, [...(extra.get(key) ?? []), ...values]);
  }
  return {
    username: first('impersonate-user'),
    groups: headersDistinct['impersonate-group'] ?? [],
    uid: first('impersonate-uid'),
    extra,
  };
}

/** The user as Kubernetes prints one in Go's syntax. */
function inGo({ username, uid, groups, extra }: WantedUser): string {
  const text = (value: string): string => JSON.stringify(value);
  const list = (values: readonly string[]): string => `[]string{${values.map(text).join(', ')}}`;
  const facts = [...extra].map(([key, values]) => `${text(key)}:${list(values)}`);
  const shownGroups = groups.length === 0 ? '[]string(nil)' : list(groups);
  const shownExtra =
    facts.length === 0 ? 'map[string][]string(nil)' : `map[string][]string{${facts.join(', ')}}`;
  return `&user.DefaultInfo{Name:${text(username)}, UID:${text(uid)}, Groups:${shownGroups}, Extra:${shownExtra}}`;
}

/** Adds the group everybody who is known is in, or that of those who are not. */
function withEveryone(username: string, groups: readonly string[]): readonly string[] {
  const isKnown = username !== anonymousUser && !groups.includes(unauthenticatedGroup);
  const group = isKnown ? authenticatedGroup : unauthenticatedGroup;
  return groups.includes(group) ? groups : [...groups, group];
}

const userFrom = ({ username, uid, extra }: WantedUser, groups: readonly string[]): Requester => ({
  username,
  groups: withEveryone(username, groups),
  ...(uid === '' ? {} : { uid }),
  ...(extra.size === 0 ? {} : { extra: Object.fromEntries(extra) }),
});

/** Whom a request is made as. */
export interface Impersonation {
  readonly user: Requester;
  /** The verb by which the sender may, where the impersonation is a constrained one. */
  readonly constraint?: string | undefined;
}

/**
 * The user the request is to be made as; the sender where no header asks for another. Every way that fits whom the headers
 * name is tried; where none lets the sender pass, the 403 of the first is thrown.
 */
export function impersonate(headers: HeaderValues, request: ImpersonationRequest): Impersonation {
  const { sender } = request;
  if (!isImpersonation(headers)) return { user: sender };
  const wanted = wantedBy(headers);
  if (wanted.username === '') {
    const isAsked = wanted.uid !== '' || wanted.groups.length > 0 || wanted.extra.size > 0;
    if (!isAsked) return { user: sender };
    throw badRequest(`requested ${inGo(wanted)} without impersonating a user name`);
  }
  let firstRefusal: Error | undefined;
  for (const mode of impersonationModes) {
    const outcome = mode(wanted, request);
    if (outcome === undefined) continue;
    if ('groups' in outcome) {
      return { user: userFrom(wanted, outcome.groups), constraint: outcome.constraint };
    }
    firstRefusal ??= outcome.refusal;
  }
  throw firstRefusal ?? new Error('no way to impersonate fits the user');
}
