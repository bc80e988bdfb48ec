/**
 * Bootstrap tokens: `id.secret`, kept in Secrets of type `bootstrap.kubernetes.io/token` in kube-system, with which an agent
 * asks for its certificate.
 */
import type { Secret } from '../../api/core/v1/types.js';
import type { Clock } from '../../machinery/clock/clock.js';
import { type TokenAuthenticator, TokenRefusedError } from './authenticator.js';
import { equalSecrets } from './equal-secrets.js';
import {
  tokenEndMs,
  tokenEntry,
  tokenSecretName,
  tokenSecretType,
} from '../../api/core/v1/bootstrap-token.js';

const baseGroup = 'system:bootstrappers';

const tokenFormat = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const groupFormat = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

export interface BootstrapOptions {
  readonly clock: Clock;
  /** The Secret of that name in kube-system. */
  readonly findSecret: (name: string) => Secret | undefined;
}

/** The groups a token gives; undefined where one is named that tokens must not give. */
function groupsOf(secret: Secret): readonly string[] | undefined {
  const extra = tokenEntry(secret, 'auth-extra-groups');
  const named = extra === '' ? [] : extra.split(',');
  if (!named.every((group) => groupFormat.test(group))) return undefined;
  return [...new Set([baseGroup, ...named])].sort();
}

export const bootstrapTokens =
  ({ clock, findSecret }: BootstrapOptions): TokenAuthenticator =>
  (token) => {
    const [, tokenId = '', tokenSecret = ''] = tokenFormat.exec(token) ?? [];
    if (tokenId === '') return Promise.resolve(undefined);
    const secret = findSecret(tokenSecretName(tokenId));
    const groups = secret === undefined ? undefined : groupsOf(secret);
    const isGood =
      secret?.type === tokenSecretType &&
      secret.metadata.deletionTimestamp === undefined &&
      equalSecrets(tokenEntry(secret, 'token-id'), tokenId) &&
      equalSecrets(tokenEntry(secret, 'token-secret'), tokenSecret) &&
      tokenEntry(secret, 'usage-bootstrap-authentication') === 'true' &&
      tokenEndMs(secret) > clock.now();
    if (!isGood || groups === undefined) {
      return Promise.reject(new TokenRefusedError('invalid bootstrap token'));
    }
    return Promise.resolve({ user: { username: `system:bootstrap:${tokenId}`, groups } });
  };
