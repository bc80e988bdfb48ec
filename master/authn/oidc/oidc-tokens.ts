/**
 * ID tokens of an OpenID provider: who the provider says somebody is becomes a user and groups, as the flags say. Nothing is asked of
 * the provider but its keys.
 */
import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { Clock } from '../../../machinery/clock/clock.js';
import type { Logger } from '../../../machinery/log/log.js';
import { type TokenAuthenticator, TokenRefusedError } from '../authenticator.js';
import { OidcKeys, OidcProviderError } from './oidc-keys.js';
import type { OidcKeysOptions } from './oidc-keys.js';
import type { Requester } from '../../../api/schema/resource.js';
import { claimedIssuer } from '../claimed-issuer.js';

export interface OidcOptions {
  readonly issuerUrl: string;
  readonly clientId: string;
  readonly usernameClaim: string;
  /** Put before names; `-` for nothing. Absent, it is the issuer and `#`, except for e-mail addresses. */
  readonly usernamePrefix?: string | undefined;
  readonly groupsClaim?: string | undefined;
  readonly groupsPrefix?: string | undefined;
  /** Claims a token must have, with these values. */
  readonly requiredClaims: Readonly<Record<string, string>>;
  readonly signingAlgorithms: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** The JSON document at a URL. */
  readonly read: (url: string) => Promise<unknown>;
}

const refuse = (why: string, cause?: unknown): TokenRefusedError =>
  new TokenRefusedError(`oidc: ${why}`, { cause });

function prefixOf({ usernamePrefix, usernameClaim, issuerUrl }: OidcOptions): string {
  if (usernamePrefix === '-') return '';
  if (usernamePrefix !== undefined && usernamePrefix !== '') return usernamePrefix;
  return usernameClaim === 'email' ? '' : `${issuerUrl}#`;
}

function usernameOf(payload: JWTPayload, options: OidcOptions): string {
  const { usernameClaim } = options;
  const name = payload[usernameClaim];
  if (typeof name !== 'string' || name === '') {
    throw refuse(`parse username claims ${JSON.stringify(usernameClaim)}: claim not present`);
  }
  if (
    usernameClaim === 'email' &&
    payload.email_verified !== undefined &&
    payload.email_verified !== true
  ) {
    throw refuse('email not verified');
  }
  return prefixOf(options) + name;
}

function groupsOf(
  payload: JWTPayload,
  { groupsClaim, groupsPrefix = '' }: OidcOptions,
): readonly string[] {
  const said = groupsClaim === undefined ? undefined : payload[groupsClaim];
  if (said === undefined || said === null) return [];
  const groups: readonly unknown[] = Array.isArray(said) ? said : [said];
  if (!groups.every((group) => typeof group === 'string')) {
    throw refuse(`parse groups claim ${JSON.stringify(groupsClaim)}: it holds no names`);
  }
  return groups.map((group) => groupsPrefix + group);
}

function checkRequired(payload: JWTPayload, { requiredClaims }: OidcOptions): void {
  for (const [claim, wanted] of Object.entries(requiredClaims)) {
    const said = payload[claim];
    if (said === undefined) throw refuse(`required claim ${claim} not present in ID token`);
    if (said !== wanted) {
      throw refuse(`required claim ${claim} value does not match`);
    }
  }
}

/** The user of a token whose signature, issuer, audience and times are right. */
function userOf(payload: JWTPayload, options: OidcOptions): Requester {
  checkRequired(payload, options);
  const { jti } = payload;
  return {
    username: usernameOf(payload, options),
    groups: groupsOf(payload, options),
    ...(jti === undefined || jti === ''
      ? {}
      : { extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${jti}`] } }),
  };
}

export interface JwtIssuerOptions extends OidcKeysOptions {
  /** Any of which a token must be for. */
  readonly audiences: readonly string[];
  readonly signingAlgorithms: readonly string[];
  /** The user of a token whose signature, issuer, audience and times are right. Throws TokenRefusedError. */
  readonly userOf: (payload: JWTPayload) => Requester;
}

/** Knows the tokens of one issuer. */
export function issuerTokens(options: JwtIssuerOptions): TokenAuthenticator {
  const { issuerUrl, clock } = options;
  const keys = new OidcKeys(options);
  return async (token) => {
    if (claimedIssuer(token) !== issuerUrl) return undefined;
    let payload: JWTPayload;
    try {
      const verified = await jwtVerify(token, keys.find, {
        issuer: issuerUrl,
        audience: [...options.audiences],
        algorithms: [...options.signingAlgorithms],
        requiredClaims: ['exp'],
        currentDate: new Date(clock.now()),
      });
      payload = verified.payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) throw refuse(`verify token: ${error.code}`, error);
      if (error instanceof OidcProviderError) throw refuse('authenticator not initialized', error);
      // Node's own words for a key that is none or too short; what a provider publishes is no failure of this server.
      throw refuse('verify token: the key it is signed with cannot be used', error);
    }
    return { user: options.userOf(payload) };
  };
}

/** Knows the ID tokens of the provider that flags name. */
export const oidcTokens = (options: OidcOptions): TokenAuthenticator =>
  issuerTokens({
    ...options,
    audiences: [options.clientId],
    userOf: (payload) => userOf(payload, options),
  });
