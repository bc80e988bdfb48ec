/**
 * How bootstrap tokens are kept: each as a Secret with the token's id in its name.
 *
 * Called by whoever makes, reads, signs with or clears away such tokens. Pure.
 */
import type { Secret } from './types.js';

/** The namespace whose Secrets may be tokens. */
export const tokenNamespace = 'kube-system';

/** The type of Secrets that are tokens. */
export const tokenSecretType = 'bootstrap.kubernetes.io/token';

/** The name of the Secret that holds a token with this id. */
export const tokenSecretName = (tokenId: string): string => `bootstrap-token-${tokenId}`;

/** An entry of such a Secret as text; empty where there is none. */
export const tokenEntry = (secret: Secret, name: string): string =>
  Buffer.from(secret.data?.[name] ?? '', 'base64').toString('utf8');

/** Times as RFC 3339 has them, of which JavaScript reads many more. */
const timeFormat = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** When a token ends, in milliseconds since the epoch: never where it does not say, long ago where that cannot be read. */
export function tokenEndMs(secret: Secret): number {
  const expiration = tokenEntry(secret, 'expiration');
  if (expiration === '') return Infinity;
  const endMs = timeFormat.test(expiration) ? Date.parse(expiration) : NaN;
  return Number.isNaN(endMs) ? -Infinity : endMs;
}
