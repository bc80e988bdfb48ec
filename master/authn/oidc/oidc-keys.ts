/**
 * The public keys of an OpenID provider: found through its discovery document, kept, and asked for again when a token names a
 * key that is not among them or when they are old.
 */
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Clock } from '../../../machinery/clock/clock.js';
import type { Logger } from '../../../machinery/log/log.js';
import { oidcKeysMaxAgeMs, oidcRefreshCooldownMs } from '../limits.js';

export interface OidcKeysOptions {
  readonly issuerUrl: string;
  /** Where its discovery document is, if not below the issuer's URL. */
  readonly discoveryUrl?: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The JSON document at a URL. */
  readonly read: (url: string) => Promise<unknown>;
}

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https$/ }) });
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

/** The provider does not say what is needed to check its tokens. */
export class OidcProviderError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'OidcProviderError';
  }
}

export class OidcKeys {
  private readonly options: OidcKeysOptions;
  private keys: JWTVerifyGetKey | undefined;
  private refreshedAtMs = -Infinity;
  private triedAtMs = -Infinity;
  private refreshing: Promise<void> | undefined;

  constructor(options: OidcKeysOptions) {
    this.options = options;
  }

  /** The key a token was signed with. Throws the provider's failure, or jose's when there is no such key. */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const nowMs = this.options.clock.monotonicMs();
    if (this.keys === undefined) await this.refresh();
    else if (nowMs - this.refreshedAtMs > oidcKeysMaxAgeMs && this.mayTry(nowMs)) {
      // What is there is good until something newer is.
      this.refresh().catch(() => undefined);
    }
    try {
      return await this.current(header, token);
    } catch (error) {
      const isUnknown = error instanceof errors.JWKSNoMatchingKey;
      if (!isUnknown || !this.mayTry(this.options.clock.monotonicMs())) throw error;
      await this.refresh();
      return this.current(header, token);
    }
  };

  private current(...[header, token]: Parameters<JWTVerifyGetKey>): ReturnType<JWTVerifyGetKey> {
    if (this.keys === undefined) throw new OidcProviderError('the provider’s keys are not known');
    return this.keys(header, token);
  }

  private mayTry(nowMs: number): boolean {
    return nowMs - this.triedAtMs >= oidcRefreshCooldownMs;
  }

  /** One refresh at a time, for everyone who waits. */
  private refresh(): Promise<void> {
    const nowMs = this.options.clock.monotonicMs();
    if (this.refreshing === undefined && this.keys === undefined && !this.mayTry(nowMs)) {
      return Promise.reject(new OidcProviderError('the provider’s keys are not known yet'));
    }
    this.refreshing ??= this.loadOrSayWhy().finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  /** Throws OidcProviderError, whatever went wrong. */
  private async loadOrSayWhy(): Promise<void> {
    try {
      await this.load();
    } catch (error) {
      this.options.logger.warn('the OpenID provider cannot be asked', { error });
      if (error instanceof OidcProviderError) throw error;
      throw new OidcProviderError('the provider cannot be asked', { cause: error });
    }
  }

  private async load(): Promise<void> {
    const { issuerUrl, discoveryUrl, read, clock } = this.options;
    this.triedAtMs = clock.monotonicMs();
    const below = `${issuerUrl.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const url = discoveryUrl ?? below;
    const found = discovery.safeParse(await read(url));
    if (!found.success) throw new OidcProviderError(`${url}: ${z.prettifyError(found.error)}`);
    const { issuer, jwks_uri: keysUrl } = found.data;
    if (issuer !== issuerUrl) {
      throw new OidcProviderError(`${url} names the issuer ${issuer} instead of ${issuerUrl}`);
    }
    const set = keySet.safeParse(await read(keysUrl));
    if (!set.success) throw new OidcProviderError(`${keysUrl}: ${z.prettifyError(set.error)}`);
    this.keys = createLocalJWKSet(set.data);
    this.refreshedAtMs = clock.monotonicMs();
  }
}
