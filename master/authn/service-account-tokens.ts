/**
 * Service-account tokens: JSON Web Tokens as Kubernetes issues them, bound to the service account and, for projected ones, to
 * the pod. A token is good only as long as what it is bound to lives.
 */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { SignJWT, decodeJwt, errors, jwtVerify } from 'jose';
import { unauthorized } from '../../api/meta/status-error.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Random } from '../../machinery/clock/random.js';
import type { RequestUser, TokenAuthenticator } from './authenticator.js';

export const issuer = 'https://kubernetes.default.svc.cluster.local';

/** A token without an audience of its own is for the API server. */
export const defaultAudience = issuer;

export interface BoundObject {
  readonly kind: 'Pod' | 'Secret' | 'Node';
  readonly name: string;
  readonly uid: string;
}

export interface TokenSubject {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface IssueRequest {
  readonly subject: TokenSubject;
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  readonly bound?: BoundObject | undefined;
}

export interface IssuedToken {
  readonly token: string;
  readonly expiryMs: number;
}

interface PrivateClaims {
  readonly namespace: string;
  readonly serviceaccount: { readonly name: string; readonly uid: string };
  readonly pod?: { readonly name: string; readonly uid: string };
  readonly secret?: { readonly name: string; readonly uid: string };
  readonly node?: { readonly name: string; readonly uid: string };
}

export interface TokenKeeper {
  readonly issue: (request: IssueRequest) => Promise<IssuedToken>;
  readonly authenticate: TokenAuthenticator;
}

export interface TokenKeeperOptions {
  readonly keyPem: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Whether an object of that kind still exists with that uid. */
  readonly isAlive: (object: {
    readonly kind: 'ServiceAccount' | BoundObject['kind'];
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
  }) => Promise<boolean>;
}

const boundObjectOf = (claims: PrivateClaims): BoundObject | undefined => {
  if (claims.pod !== undefined) return { kind: 'Pod', ...claims.pod };
  if (claims.secret !== undefined) return { kind: 'Secret', ...claims.secret };
  return claims.node === undefined ? undefined : { kind: 'Node', ...claims.node };
};

const isOurs = (token: string): boolean => {
  try {
    return decodeJwt(token).iss === issuer;
  } catch {
    // Not a JSON Web Token: some other authenticator's.
    return false;
  }
};

const userOf = (claims: PrivateClaims): RequestUser => {
  const { namespace, serviceaccount, pod } = claims;
  return {
    username: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
    uid: serviceaccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
    ...(pod === undefined
      ? {}
      : {
          extra: {
            'authentication.kubernetes.io/pod-name': [pod.name],
            'authentication.kubernetes.io/pod-uid': [pod.uid],
          },
        }),
  };
};

export function createTokenKeeper(options: TokenKeeperOptions): TokenKeeper {
  const { clock, random } = options;
  const privateKey = createPrivateKey(options.keyPem);
  const publicKey = createPublicKey(privateKey);

  const issue = async (request: IssueRequest): Promise<IssuedToken> => {
    const { namespace, name, uid } = request.subject;
    const seconds = Math.floor(clock.now() / 1000);
    const bound =
      request.bound === undefined
        ? {}
        : {
            [request.bound.kind.toLowerCase()]: {
              name: request.bound.name,
              uid: request.bound.uid,
            },
          };
    const token = await new SignJWT({
      'kubernetes.io': { namespace, serviceaccount: { name, uid }, ...bound },
    })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer(issuer)
      .setSubject(`system:serviceaccount:${namespace}:${name}`)
      .setAudience([...request.audiences])
      .setIssuedAt(seconds)
      .setNotBefore(seconds)
      .setExpirationTime(seconds + request.expirationSeconds)
      .setJti(random.uuid())
      .sign(privateKey);
    return { token, expiryMs: (seconds + request.expirationSeconds) * 1000 };
  };

  const verify = async (token: string): Promise<PrivateClaims> => {
    try {
      const { payload } = await jwtVerify(token, publicKey, {
        issuer,
        audience: defaultAudience,
        algorithms: ['ES256'],
        currentDate: new Date(clock.now()),
      });
      return payload['kubernetes.io'] as PrivateClaims;
    } catch (error) {
      if (error instanceof errors.JOSEError) throw unauthorized();
      throw error;
    }
  };

  const authenticate: TokenAuthenticator = async (token) => {
    if (!isOurs(token)) return undefined;
    const claims = await verify(token);
    const { namespace, serviceaccount } = claims;
    const bound = boundObjectOf(claims);
    const alive =
      (await options.isAlive({ kind: 'ServiceAccount', namespace, ...serviceaccount })) &&
      (bound === undefined || (await options.isAlive({ namespace, ...bound })));
    if (!alive) throw unauthorized();
    return userOf(claims);
  };

  return { issue, authenticate };
}
