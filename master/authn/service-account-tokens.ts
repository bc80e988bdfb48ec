/**
 * Service-account tokens: JSON Web Tokens as Kubernetes issues them, for some audiences and a while, bound to the service account and
 * often to a pod, a Secret or a node; and the older ones that are kept in Secrets. A token is good only as long as what it is
 * bound to lives.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { errors, exportJWK, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { Secret } from '../../api/core/v1/types.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Random } from '../../machinery/clock/random.js';
import { type NoteFact, type TokenAuthenticator, TokenRefusedError } from './authenticator.js';
import { BoundedMemory } from '../../machinery/bounded-memory.js';
import { digestOf } from './token-digest.js';
import { extendedLifetimeSeconds, extendedTokenSeconds, maxRememberedTokens } from './limits.js';
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
import { checkAlive, secretKeeping } from './token-liveness.js';
import type { FindTokenObject } from './token-liveness.js';
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

/**
 * Told of each use of a token from a Secret, and whether it was refused because the Secret is marked invalid. Says whether it is
 * one that the account lists, as accounts did whose tokens were made without being asked for.
 */
export type UsedSecret = (
  secret: Secret,
  use: { readonly account: string; readonly isInvalid: boolean },
) => { readonly isListed: boolean };

export interface TokenKeeperOptions {
  readonly keyPem: string;
  readonly issuer: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly find: FindTokenObject;
  readonly usedSecret?: UsedSecret;
  /** Told of each token that was used; `stale` when its client should have read a renewed one. */
  readonly used?: (token: 'valid' | 'stale') => void;
}

const algorithm = 'ES256';
/** What audit records say of tokens begins with this. */
const factPrefix = 'authentication.k8s.io/';

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

  readonly authenticate: TokenAuthenticator = async (token, wanted, note) => {
    const digest = digestOf(token);
    const verified = this.verified.get(digest) ?? (await this.verify(token));
    if (verified === undefined) return undefined;
    this.verified.set(digest, verified);
    const { claims, isLegacy } = verified;
    if (isLegacy) {
      note?.(`${factPrefix}legacy-token`, usernameOf(claims.subject));
      this.useKept(claims, token, note);
      this.options.used?.('valid');
      return { user: userOf(claims), audiences: undefined };
    }
    const nowMs = this.options.clock.now();
    if (claims.expiresAt !== undefined && claims.expiresAt < nowMs / 1000) {
      throw new TokenRefusedError('service account token has expired');
    }
    const audiences = meantFor(claims, wanted);
    checkAlive(claims, this.options.find, nowMs);
    this.noteAge(claims, Math.floor(nowMs / 1000), note);
    return { user: userOf(claims), audiences };
  };

  /** Tells whether the client should have read a renewed token. */
  private noteAge({ subject, warnAfter }: TokenClaims, now: number, note?: NoteFact): void {
    const isStale = warnAfter !== undefined && warnAfter < now;
    this.options.used?.(isStale ? 'stale' : 'valid');
    if (!isStale) return;
    const late = String(now - warnAfter);
    const who = usernameOf(subject);
    note?.(`${factPrefix}stale-token`, `subject: ${who}, seconds after warning threshold: ${late}`);
  }

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

  /** A token from a Secret is good only as long as that Secret holds it and nobody marked it invalid. */
  private useKept(claims: TokenClaims, token: string, note?: NoteFact): void {
    const secret = secretKeeping(claims, token, this.options.find);
    const { namespace = '', name, labels } = secret.metadata;
    const account = claims.subject.name;
    const isInvalid = labels?.[invalidSinceLabel] !== undefined;
    const use = this.options.usedSecret?.(secret, { account, isInvalid });
    const sort = isInvalid
      ? 'invalidated'
      : use?.isListed === true
        ? 'autogenerated-secret'
        : 'manual-secret';
    note?.(`${factPrefix}legacy-token-${sort}`, `${name}/${namespace}`);
    if (!isInvalid) return;
    throw new TokenRefusedError(
      `the token in secret ${namespace}/${name} for service account ${namespace}/${account} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${invalidSinceLabel}' label from the secret to temporarily allow use of this token`,
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
