/**
 * Bootstrap tokens: `id.secret`, kept in Secrets of type `bootstrap.kubernetes.io/token` in kube-system, with which an agent
 * asks for its certificate.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../api/core/v1/types.js';
import { unauthorized } from '../../api/meta/status-error.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { TokenAuthenticator } from './authenticator.js';

export const bootstrapSecretType = 'bootstrap.kubernetes.io/token';

/** The Secret that holds a token with this id. */
export const bootstrapSecretName = (tokenId: string): string => `bootstrap-token-${tokenId}`;

const tokenFormat = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;

const valueOf = (secret: Secret, name: string): string =>
  Buffer.from(secret.data?.[name] ?? '', 'base64').toString('utf8');

const isEqual = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};

export interface BootstrapOptions {
  readonly clock: Clock;
  /** The Secret of that name in kube-system. */
  readonly findSecret: (name: string) => Promise<Secret | undefined>;
}

export const bootstrapTokens =
  ({ clock, findSecret }: BootstrapOptions): TokenAuthenticator =>
  async (token) => {
    const [, tokenId = '', tokenSecret = ''] = tokenFormat.exec(token) ?? [];
    if (tokenId === '') return undefined;
    const secret = await findSecret(bootstrapSecretName(tokenId));
    const isGood =
      secret?.type === bootstrapSecretType &&
      secret.metadata.deletionTimestamp === undefined &&
      isEqual(valueOf(secret, 'token-id'), tokenId) &&
      isEqual(valueOf(secret, 'token-secret'), tokenSecret) &&
      valueOf(secret, 'usage-bootstrap-authentication') === 'true' &&
      !isExpired(valueOf(secret, 'expiration'), clock.now());
    if (!isGood) throw unauthorized();
    return { username: `system:bootstrap:${tokenId}`, groups: ['system:bootstrappers'] };
  };

/** An empty expiration never ends; one that cannot be read has. */
const isExpired = (expiration: string, nowMs: number): boolean =>
  expiration !== '' && !(Date.parse(expiration) > nowMs);
