/**
 * Says who a request comes from: a client certificate, a service-account token or a bootstrap token; nobody is anonymous
 * otherwise. Whoever presents a credential that is wrong is refused, not treated as anonymous.
 *
 * Called by the server before everything else. Must never let a token into a log or an error.
 */
import { unauthorized } from '../../api/meta/status-error.js';

/** What a connection and a request say about their sender. */
export interface Credentials {
  /** The subject of a verified client certificate: CN is the user, every O a group. */
  readonly certificate?: { readonly commonName: string; readonly organizations: readonly string[] };
  /** The value of the Authorization header. */
  readonly authorization?: string;
}

/** A sender as the steps after authentication see it; a `UserInfo` with its defaults filled in. */
export interface RequestUser {
  readonly username: string;
  readonly groups: readonly string[];
  readonly uid?: string | undefined;
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** Recognises one kind of bearer token: undefined means it is not of this kind, a throw that it is refused. */
export type TokenAuthenticator = (token: string) => Promise<RequestUser | undefined>;

export const anonymous: RequestUser = {
  username: 'system:anonymous',
  groups: ['system:unauthenticated'],
};

const authenticated = (user: RequestUser): RequestUser =>
  user.groups.includes('system:authenticated')
    ? user
    : { ...user, groups: [...user.groups, 'system:authenticated'] };

export type Authenticator = (credentials: Credentials) => RequestUser | Promise<RequestUser>;

/** Asks the certificate first, then each kind of token in turn. */
export function createAuthenticator(tokens: readonly TokenAuthenticator[]): Authenticator {
  const byToken = async (authorization: string): Promise<RequestUser> => {
    const [, token] = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization.trim()) ?? [];
    if (token === undefined) throw unauthorized();
    for (const authenticate of tokens) {
      const user = await authenticate(token);
      if (user !== undefined) return authenticated(user);
    }
    throw unauthorized();
  };
  return ({ certificate, authorization }) => {
    if (certificate !== undefined && certificate.commonName !== '') {
      const { commonName, organizations } = certificate;
      return authenticated({ username: commonName, groups: [...organizations] });
    }
    return authorization === undefined ? anonymous : byToken(authorization);
  };
}
