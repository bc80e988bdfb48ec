/**
 * Says who a request comes from: a user a trusted proxy tells of, a client certificate, or one of several kinds of bearer tokens; nobody is anonymous
 * otherwise. Whoever presents a certificate or token that is wrong is refused, not treated as anonymous; other sorts of
 * credentials are not looked at, as in Kubernetes.
 *
 * Called by the server before everything else, and by TokenReviews. Must never let a token into a log or an error.
 */
import { unauthorized } from '../../api/meta/status-error.js';
import { anonymousUser, authenticatedGroup, unauthenticatedGroup } from '../../api/user-names.js';
import { maxTokenBytes } from './limits.js';
import type { RequestHeaderAuthenticator, SentHeaders } from './request-header.js';
import type { Requester } from '../../api/schema/resource.js';
import { webSocketTokenIn } from './web-socket-token.js';

/** The verified client certificate of a connection. */
export interface ClientCertificate {
  /**
   * Whose authority it is of: that of users, which it is when absent, that of proxies that name the user in headers, or one that
   * is both.
   */
  readonly authority?: 'users' | 'proxies' | 'both';
  /** The user. */
  readonly commonName: string;
  /** Every O is a group. */
  readonly organizations: readonly string[];
  /** SHA-256 of the certificate, in lower-case hexadecimal digits. */
  readonly fingerprint?: string | undefined;
}

/** What a connection and a request say about their sender. */
export interface Credentials {
  /** `unverified` where one was shown that nobody believes. */
  readonly certificate?: ClientCertificate | 'unverified';
  /** The value of the Authorization header. */
  readonly authorization?: string;
  /** The subprotocols that a WebSocket offers, among which a token may be. */
  readonly webSocketProtocols?: string;
  /** Read only where the certificate is that of a proxy. */
  readonly headers?: () => SentHeaders;
  /** Where the request goes; anonymous users may be let in to some places only. */
  readonly path?: string;
  /** Where facts about a token go. */
  readonly note?: NoteFact;
}

/** Whose token it is, and for which of the audiences asked about it is meant. */
export interface TokenIdentity {
  readonly user: Requester;
  /** Absent for tokens that name no audience: they are for the API server. */
  readonly audiences?: readonly string[] | undefined;
}

/** A token is of a kind that is known here, but is not good. The message says why and holds nothing of the token. */
export class TokenRefusedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TokenRefusedError';
  }
}

/** Notes a fact about a token for the audit record of the request that shows it, whether the token is good or not. */
export type NoteFact = (key: string, value: string) => void;

/**
 * Recognises one kind of bearer token that is meant for one of the audiences: undefined means it is not of this kind; throws
 * TokenRefusedError where it is but is not good.
 */
export type TokenAuthenticator = (
  token: string,
  audiences: readonly string[],
  note?: NoteFact,
) => Promise<TokenIdentity | undefined>;

/** The key of a user's extra under which the credential is named, so that audit records can tell one from another. */
export const credentialIdKey = 'authentication.kubernetes.io/credential-id';

/** Who sends a request without credentials, where that is allowed. */
export const anonymous: Requester = {
  username: anonymousUser,
  groups: [unauthenticatedGroup],
};

/** Adds the group of everybody who is known; not to somebody who is said to be nobody, by whoever says it. */
const authenticated = (user: Requester): Requester =>
  user.username === anonymous.username ||
  anonymous.groups.some((group) => user.groups.includes(group)) ||
  user.groups.includes(authenticatedGroup)
    ? user
    : { ...user, groups: [...user.groups, authenticatedGroup] };

export type Authenticator = (credentials: Credentials) => Requester | Promise<Requester>;

/** Whose token it is, and those of the audiences asked about that it is good for. */
export interface ReviewedToken {
  readonly user: Requester;
  readonly audiences: readonly string[];
}

/** Whose token it is, for one of the audiences; undefined when nobody knows it. Throws TokenRefusedError. */
export type TokenReviewer = (
  token: string,
  audiences: readonly string[],
  note?: NoteFact,
) => Promise<ReviewedToken | undefined>;

export interface TokenReviewerOptions {
  readonly tokens: readonly TokenAuthenticator[];
  /** The API server's own audiences. */
  readonly apiAudiences: readonly string[];
}

/** Asks each kind of token in turn. A refusal by one kind leaves the others the chance to know better. */
export function createTokenReviewer({ tokens, apiAudiences }: TokenReviewerOptions): TokenReviewer {
  return async (token, audiences, note) => {
    if (token.length > maxTokenBytes) return undefined;
    const forServer = audiences.filter((audience) => apiAudiences.includes(audience));
    const refusals: TokenRefusedError[] = [];
    for (const authenticate of tokens) {
      try {
        const identity = await authenticate(token, audiences, note);
        if (identity === undefined) continue;
        const meant = identity.audiences ?? forServer;
        if (meant.length > 0) return { user: authenticated(identity.user), audiences: meant };
      } catch (error) {
        if (!(error instanceof TokenRefusedError)) throw error;
        refusals.push(error);
      }
    }
    const [first] = refusals;
    if (first === undefined) return undefined;
    const message = refusals.map((refusal) => refusal.message).join(', ');
    throw refusals.length === 1 ? first : new TokenRefusedError(`[${message}]`, { cause: first });
  };
}

/** The user of a client certificate. */
const userOf = ({ commonName, organizations, fingerprint }: ClientCertificate): Requester =>
  authenticated({
    username: commonName,
    groups: organizations,
    ...(fingerprint === undefined
      ? {}
      : { extra: { [credentialIdKey]: [`X509SHA256=${fingerprint}`] } }),
  });

type ShownCertificate = Credentials['certificate'];

const isOfProxy = ({ authority }: ClientCertificate): boolean =>
  authority === 'proxies' || authority === 'both';
const isNameless = (certificate: ShownCertificate): boolean =>
  certificate !== undefined && certificate !== 'unverified' && certificate.commonName === '';
/** A proxy that names nobody is nobody itself. */
const isOfUser = (certificate: ShownCertificate): certificate is ClientCertificate =>
  certificate !== undefined &&
  certificate !== 'unverified' &&
  certificate.authority !== 'proxies' &&
  certificate.commonName !== '';

/** Whether those who say nothing about themselves are let in, as `system:anonymous`. */
export interface AnonymousAccess {
  readonly enabled: boolean;
  /** The only paths where they are; absent for all. */
  readonly paths?: ReadonlySet<string> | undefined;
}

export interface AuthenticatorOptions {
  readonly review: TokenReviewer;
  readonly apiAudiences: readonly string[];
  /** What holds at the moment for those who say nothing about themselves. */
  readonly anonymous: () => AnonymousAccess;
  /** Knows the users that proxies tell of; absent where there are no such proxies. */
  readonly requestHeader?: RequestHeaderAuthenticator | undefined;
}

/** The token in the value of an Authorization header; undefined where there is none, or something else. */
function bearerTokenIn(authorization = ''): string | undefined {
  const [scheme = '', token = ''] = authorization.trim().split(' ', 2);
  return scheme.toLowerCase() === 'bearer' && token !== '' ? token : undefined;
}

/** The tokens a request comes with; undefined stands for one that cannot be read. */
function tokensIn({
  authorization,
  webSocketProtocols,
}: Credentials): readonly (string | undefined)[] {
  const bearer = bearerTokenIn(authorization);
  const offered =
    webSocketProtocols === undefined ? undefined : webSocketTokenIn(webSocketProtocols);
  return [
    ...(bearer === undefined ? [] : [bearer]),
    ...(offered === undefined ? [] : [offered.token]),
  ];
}

/** Asks the proxy that sent the request first, then the certificate, then the token. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { review, apiAudiences, requestHeader } = options;
  // The same certificate object comes with every request of a connection.
  const users = new WeakMap<ClientCertificate, Requester>();
  const byCertificate = (certificate: ClientCertificate): Requester => {
    const known = users.get(certificate);
    if (known !== undefined) return known;
    const user = userOf(certificate);
    users.set(certificate, user);
    return user;
  };
  const byTokens = async (
    tokens: readonly (string | undefined)[],
    note: NoteFact | undefined,
  ): Promise<Requester> => {
    for (const token of tokens) {
      if (token === undefined) continue;
      try {
        const identity = await review(token, apiAudiences, note);
        if (identity !== undefined) return identity.user;
      } catch (error) {
        // Why is told by TokenReviews, to those who may ask; not to whoever tries tokens.
        if (!(error instanceof TokenRefusedError)) throw error;
      }
    }
    throw unauthorized();
  };
  const byProxy = ({ certificate, headers }: Credentials): Requester | undefined => {
    if (requestHeader === undefined || headers === undefined) return undefined;
    if (certificate === undefined || certificate === 'unverified') return undefined;
    const told = isOfProxy(certificate) ? requestHeader(certificate, headers()) : undefined;
    return told === undefined ? undefined : authenticated(told);
  };
  return (credentials) => {
    const { certificate, path = '' } = credentials;
    const told = byProxy(credentials);
    if (told !== undefined) return told;
    if (isOfUser(certificate)) return byCertificate(certificate);
    const tokens = tokensIn(credentials);
    if (tokens.length > 0) return byTokens(tokens, credentials.note);
    const isNobody = certificate === undefined || isNameless(certificate);
    if (!isNobody) throw unauthorized();
    const { enabled, paths } = options.anonymous();
    if (!enabled || paths?.has(path) === false) throw unauthorized();
    return anonymous;
  };
}
