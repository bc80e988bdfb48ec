/**
 * Service-account tokens: JSON Web Tokens as Kubernetes issues them, for some audiences and a while, bound to the service account and
 * often to a pod, a Secret or a node; and the older ones that are kept in Secrets. A token is good only as long as what it is
 * bound to lives.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { errors, exportJWK, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { Secret } from '../../api/core/v1/types.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Random } from '../../machinery/clock/random.js';
import { type TokenAuthenticator, TokenRefusedError } from './authenticator.js';
import { BoundedMemory } from '../../machinery/bounded-memory.js';
import { digestOf } from './token-digest.js';
import {
  deletionLeewayMs,
  extendedLifetimeSeconds,
  extendedTokenSeconds,
  maxRememberedTokens,
} from './limits.js';
import {
  type BoundObject,
  claimsOf,
  legacyClaims,
  legacyClaimsOf,
  legacyIssuer,
  type NamedObject,
  privateClaims,
  type TokenClaims,
  type TokenSubject,
  usernameOf,
  userOf,
} from './service-account-claims.js';
import { equalSecrets } from './equal-secrets.js';
import { claimedIssuer } from './claimed-issuer.js';

export interface IssueRequest {
  readonly subject: TokenSubject;
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  readonly bound?: BoundObject | undefined;
  /** The node of the pod the token is bound to. */
  readonly node?: NamedObject | undefined;
}

export interface IssuedToken {
  readonly token: string;
  /** Tells the token from every other one. */
  readonly id: string;
  /** When it should be renewed at the latest; some tokens are good for longer. */
  readonly expiryMs: number;
}

export interface TokenIssuer {
  /** Whom tokens name as their issuer, and the audience of those that ask for none. */
  readonly issuer: string;
  readonly issue: (request: IssueRequest) => Promise<IssuedToken>;
}

export interface TokenKeeper extends TokenIssuer {
  /** A token to be kept in a Secret: it never ends by itself. */
  readonly issueLegacy: (subject: TokenSubject, secretName: string) => Promise<string>;
  readonly authenticate: TokenAuthenticator;
  /** The public keys, as a JSON Web Key Set. */
  readonly keySet: () => Promise<{ readonly keys: readonly object[] }>;
}

/** Says on a Secret when its token was last used, as a date. */
export const lastUsedLabel = 'kubernetes.io/legacy-token-last-used';
const invalidSinceLabel = 'kubernetes.io/legacy-token-invalid-since';

/** Told of each use of a token from a Secret, and whether it was refused because the Secret is marked invalid. */
export type UsedSecret = (
  secret: Secret,
  use: { readonly account: string; readonly isInvalid: boolean },
) => void;

/** A kind of object that tokens depend on. */
export type TokenObjectKind = 'ServiceAccount' | BoundObject['kind'];

export interface TokenKeeperOptions {
  readonly keyPem: string;
  readonly issuer: string;
  readonly clock: Clock;
  readonly random: Random;
  /** An object as it is stored. The namespace is empty for nodes. */
  readonly find: (
    kind: TokenObjectKind,
    key: { readonly namespace: string; readonly name: string },
  ) => KubeObject | undefined;
  readonly usedSecret?: UsedSecret;
  /** Told of each token that was used; `stale` when its client should have read a renewed one. */
  readonly used?: (token: 'valid' | 'stale') => void;
}

const algorithm = 'ES256';
const invalidated = 'service account token has been invalidated';

/** What was found out about a token whose signature is right. */
interface VerifiedToken {
  readonly claims: TokenClaims;
  readonly isLegacy: boolean;
}

/** The words in which Kubernetes says that a signature or a time is wrong. */
function refusal(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) {
    return new TokenRefusedError('service account token has expired');
  }
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf') {
    return new TokenRefusedError('service account token is not valid yet');
  }
  return error instanceof errors.JOSEError ? new TokenRefusedError('invalid bearer token') : error;
}

class Keeper implements TokenKeeper {
  readonly issuer: string;
  private readonly options: TokenKeeperOptions;
  private readonly privateKey: KeyObject;
  private readonly publicKey: KeyObject;
  private readonly keyId: string;
  /** Claims of tokens whose signature was found right, which it stays. */
  private readonly verified = new BoundedMemory<VerifiedToken>(maxRememberedTokens);

  constructor(options: TokenKeeperOptions) {
    this.options = options;
    this.issuer = options.issuer;
    this.privateKey = createPrivateKey(options.keyPem);
    this.publicKey = createPublicKey(this.privateKey);
    const der = this.publicKey.export({ format: 'der', type: 'spki' });
    this.keyId = createHash('sha256').update(der).digest('base64url');
  }

  async keySet(): Promise<{ readonly keys: readonly object[] }> {
    const jwk = await exportJWK(this.publicKey);
    return { keys: [{ use: 'sig', kid: this.keyId, alg: algorithm, ...jwk }] };
  }

  private sign(payload: JWTPayload, { subject }: Pick<TokenClaims, 'subject'>): SignJWT {
    return new SignJWT(payload)
      .setProtectedHeader({ alg: algorithm, kid: this.keyId })
      .setSubject(usernameOf(subject));
  }

  async issue(request: IssueRequest): Promise<IssuedToken> {
    const { audiences, expirationSeconds } = request;
    const seconds = Math.floor(this.options.clock.now() / 1000);
    const isForServer = audiences.length === 1 && audiences[0] === this.issuer;
    const isExtended = expirationSeconds === extendedTokenSeconds && isForServer;
    const lifetimeSeconds = isExtended ? extendedLifetimeSeconds : expirationSeconds;
    const warnAfter = isExtended ? seconds + expirationSeconds : undefined;
    const id = this.options.random.uuid();
    const token = await this.sign(privateClaims({ ...request, warnAfter }), request)
      .setIssuer(this.issuer)
      .setAudience([...audiences])
      .setIssuedAt(seconds)
      .setNotBefore(seconds)
      .setExpirationTime(seconds + lifetimeSeconds)
      .setJti(id)
      .sign(this.privateKey);
    return { token, id, expiryMs: (seconds + expirationSeconds) * 1000 };
  }

  readonly issueLegacy: TokenKeeper['issueLegacy'] = (subject, secretName) =>
    this.sign(legacyClaims(subject, secretName), { subject })
      .setIssuer(legacyIssuer)
      .sign(this.privateKey);

  readonly authenticate: TokenAuthenticator = async (token, wanted) => {
    const digest = digestOf(token);
    const verified = this.verified.get(digest) ?? (await this.verify(token));
    if (verified === undefined) return undefined;
    this.verified.set(digest, verified);
    const { claims, isLegacy } = verified;
    const { clock } = this.options;
    const nowSeconds = clock.now() / 1000;
    if (claims.expiresAt !== undefined && claims.expiresAt < nowSeconds) {
      throw new TokenRefusedError('service account token has expired');
    }
    const audiences = isLegacy ? undefined : meantFor(claims, wanted);
    this.checkAlive(claims);
    if (isLegacy) this.checkKept(claims, token);
    const isStale = claims.warnAfter !== undefined && claims.warnAfter < nowSeconds;
    this.options.used?.(isStale ? 'stale' : 'valid');
    return { user: userOf(claims), audiences };
  };

  /** Checks the signature; undefined for tokens of other issuers. */
  private async verify(token: string): Promise<VerifiedToken | undefined> {
    const issuer = claimedIssuer(token);
    if (issuer !== this.issuer && issuer !== legacyIssuer) return undefined;
    const isLegacy = issuer === legacyIssuer;
    let payload: JWTPayload;
    try {
      const currentDate = new Date(this.options.clock.now());
      const verified = await jwtVerify(token, this.publicKey, {
        issuer,
        algorithms: [algorithm],
        currentDate,
      });
      payload = verified.payload;
    } catch (error) {
      throw refusal(error);
    }
    const claims = isLegacy ? legacyClaimsOf(payload) : claimsOf(payload);
    if (claims === undefined) throw new TokenRefusedError('invalid bearer token');
    return { claims, isLegacy };
  }

  /** Whether the account and what the token is bound to are there still, and are those that were meant. */
  private checkAlive({ subject, bound }: TokenClaims): void {
    const { namespace } = subject;
    this.checkObject('ServiceAccount', namespace, subject);
    if (bound === undefined) return;
    this.checkObject(bound.kind, bound.kind === 'Node' ? '' : namespace, bound);
  }

  private checkObject(kind: TokenObjectKind, namespace: string, { name, uid }: NamedObject): void {
    const metadata = this.options.find(kind, { namespace, name })?.metadata;
    // Tokens in Secrets do not name the uid of the Secret, but are compared with what it holds.
    const isThatOne = metadata !== undefined && (uid === '' || metadata.uid === uid);
    const deletedMs = Date.parse(metadata?.deletionTimestamp ?? '');
    if (!isThatOne || deletedMs < this.options.clock.now() - deletionLeewayMs) {
      throw new TokenRefusedError(invalidated);
    }
  }

  /** A token from a Secret is good only as long as that Secret holds it and nobody marked it invalid. */
  private checkKept({ subject, bound }: TokenClaims, token: string): void {
    const key = { namespace: subject.namespace, name: bound?.name ?? '' };
    const secret = this.options.find('Secret', key) as Secret | undefined;
    const kept = Buffer.from(secret?.data?.token ?? '', 'base64').toString('latin1');
    if (secret === undefined || !equalSecrets(kept, token)) {
      throw new TokenRefusedError(invalidated);
    }
    const isInvalid = secret.metadata.labels?.[invalidSinceLabel] !== undefined;
    this.options.usedSecret?.(secret, { account: subject.name, isInvalid });
    if (!isInvalid) return;
    const { namespace, name } = key;
    throw new TokenRefusedError(
      `the token in secret ${namespace}/${name} for service account ${namespace}/${subject.name} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${invalidSinceLabel}' label from the secret to temporarily allow use of this token`,
    );
  }
}

function meantFor({ audiences }: TokenClaims, wanted: readonly string[]): readonly string[] {
  const meant = wanted.filter((audience) => audiences.includes(audience));
  if (meant.length > 0) return meant;
  throw new TokenRefusedError(
    `token audiences ${JSON.stringify(audiences)} is invalid for the target audiences ${JSON.stringify(wanted)}`,
  );
}

export const createTokenKeeper = (options: TokenKeeperOptions): TokenKeeper => new Keeper(options);
