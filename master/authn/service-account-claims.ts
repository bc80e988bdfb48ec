/**
 * What service-account tokens say: the claims of Kubernetes' JSON Web Tokens, and those of the older ones that live in Secrets.
 * Pure.
 */
import type { JWTPayload } from 'jose';
import { accountGroups, accountUsername } from '../../api/user-names.js';
import { credentialIdKey } from './authenticator.js';
import type { Requester } from '../../api/schema/resource.js';

/** The issuer named in tokens that are kept in Secrets. */
export const legacyIssuer = 'kubernetes/serviceaccount';

/** A token without an audience of its own is for the API server. */
export const issuerFor = (clusterDomain: string): string =>
  `https://kubernetes.default.svc.${clusterDomain}`;

/** An object as a token names it. */
export interface NamedObject {
  readonly name: string;
  readonly uid: string;
}

/** The object whose end ends the token. */
export interface BoundObject extends NamedObject {
  readonly kind: 'Pod' | 'Secret' | 'Node';
}

export interface TokenSubject extends NamedObject {
  readonly namespace: string;
}

/** What a token says about itself, whichever of the two forms it has. */
export interface TokenClaims {
  readonly subject: TokenSubject;
  readonly bound?: BoundObject | undefined;
  /** The node of the pod a token is bound to. */
  readonly node?: NamedObject | undefined;
  readonly id?: string | undefined;
  readonly audiences: readonly string[];
  /** Seconds since the epoch; absent for tokens that do not end. */
  readonly expiresAt?: number | undefined;
  /** Using the token after this, in seconds since the epoch, means that the client does not read renewed ones. */
  readonly warnAfter?: number | undefined;
}

const privateKey = 'kubernetes.io';

/** The payload of a new token, apart from issuer, times and audiences. */
export const privateClaims = ({ subject, bound, node, warnAfter }: TokenClaims): JWTPayload => ({
  [privateKey]: {
    namespace: subject.namespace,
    ...(node === undefined ? {} : { node }),
    ...(bound === undefined
      ? {}
      : { [bound.kind.toLowerCase()]: { name: bound.name, uid: bound.uid } }),
    serviceaccount: { name: subject.name, uid: subject.uid },
    ...(warnAfter === undefined ? {} : { warnafter: warnAfter }),
  },
});

/** The payload of a token that is kept in a Secret. */
export const legacyClaims = (subject: TokenSubject, secretName: string): JWTPayload => ({
  [`${legacyIssuer}/namespace`]: subject.namespace,
  [`${legacyIssuer}/secret.name`]: secretName,
  [`${legacyIssuer}/service-account.name`]: subject.name,
  [`${legacyIssuer}/service-account.uid`]: subject.uid,
});

/** The user name of an account. */
export const usernameOf = ({ namespace, name }: TokenSubject): string =>
  accountUsername(namespace, name);

type Json = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function namedObject(value: unknown): NamedObject | undefined {
  if (!isRecord(value)) return undefined;
  return { name: text(value.name), uid: text(value.uid) };
}

/** The claims of a verified payload; undefined when it names no account. */
export function claimsOf(payload: JWTPayload): TokenClaims | undefined {
  const said = payload[privateKey];
  if (!isRecord(said)) return undefined;
  const account = namedObject(said.serviceaccount);
  const namespace = text(said.namespace);
  if (account === undefined || account.name === '' || namespace === '') return undefined;
  const [pod, secret, node] = [said.pod, said.secret, said.node].map(namedObject);
  const bound: BoundObject | undefined =
    (pod && { kind: 'Pod', ...pod }) ??
    (secret && { kind: 'Secret', ...secret }) ??
    (node && { kind: 'Node', ...node });
  return {
    subject: { namespace, ...account },
    bound,
    node,
    id: payload.jti,
    audiences: [payload.aud ?? []].flat(),
    expiresAt: payload.exp,
    warnAfter: typeof said.warnafter === 'number' ? said.warnafter : undefined,
  };
}

/** The claims of a verified payload of the older form. */
export function legacyClaimsOf(payload: JWTPayload): TokenClaims | undefined {
  const said = (name: string): string => text(payload[`${legacyIssuer}/${name}`]);
  const subject = {
    namespace: said('namespace'),
    name: said('service-account.name'),
    uid: said('service-account.uid'),
  };
  if (Object.values(subject).includes('') || payload.sub !== usernameOf(subject)) return undefined;
  return { subject, bound: { kind: 'Secret', name: said('secret.name'), uid: '' }, audiences: [] };
}

/** The user a token stands for. */
export function userOf({ subject, bound, node, id }: TokenClaims): Requester {
  const key = (name: string): string => `authentication.kubernetes.io/${name}`;
  const extra: Record<string, readonly string[]> = {};
  if (id !== undefined && id !== '') extra[credentialIdKey] = [`JTI=${id}`];
  if (bound?.kind === 'Pod') {
    extra[key('pod-name')] = [bound.name];
    extra[key('pod-uid')] = [bound.uid];
  }
  if (node !== undefined) {
    extra[key('node-name')] = [node.name];
    extra[key('node-uid')] = [node.uid];
  }
  return {
    username: usernameOf(subject),
    uid: subject.uid,
    groups: accountGroups(subject.namespace),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}
