/**
 * `pintle token`: bootstrap tokens, with which agents join. Kept as Kubernetes keeps them, in Secrets of kube-system, so that
 * kubectl shows them too.
 */
import { secrets } from '../api/core/v1/secret.js';
import { publicKeyHash } from '../machinery/certificates/certificates.js';
import type { Client } from '../machinery/client/client.js';
import { timestamp } from '../api/meta/timestamp.js';
import type { Clock } from '../machinery/clock/clock.js';
import type { Random } from '../machinery/clock/random.js';
import {
  tokenEntry,
  tokenNamespace,
  tokenSecretName,
  tokenSecretType,
} from '../api/core/v1/bootstrap-token.js';

const namespace = tokenNamespace;

export interface TokenOptions {
  readonly client: Client;
  readonly caPem: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly lifetimeMs: number;
}

/** Letters and digits; 36 symbols, drawn without bias. */
function randomText(random: Random, length: number): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
  let text = '';
  while (text.length < length) {
    for (const byte of random.bytes(length)) {
      if (byte < 252) text += alphabet[byte % alphabet.length] ?? '';
    }
  }
  return text.slice(0, length);
}

/** Makes a token that is good for a while. */
export async function createBootstrapToken(
  options: TokenOptions,
): Promise<{ readonly token: string; readonly caHash: string }> {
  const { client, clock, random } = options;
  const [id, secret] = [randomText(random, 6), randomText(random, 16)];
  await client.create(secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name: tokenSecretName(id) },
    type: tokenSecretType,
    stringData: {
      'token-id': id,
      'token-secret': secret,
      expiration: timestamp(clock.now() + options.lifetimeMs),
      'usage-bootstrap-authentication': 'true',
      'usage-bootstrap-signing': 'true',
      description: 'Made by pintle to let nodes join.',
    },
  });
  return { token: `${id}.${secret}`, caHash: publicKeyHash(options.caPem) };
}

/** The ids of all tokens with when they end; the secret part is not shown again. */
export async function listBootstrapTokens(
  client: Client,
): Promise<readonly { readonly id: string; readonly expires: string }[]> {
  const { items } = await client.list(secrets, {
    namespace,
    fieldSelector: `type=${tokenSecretType}`,
  });
  return items.map((secret) => ({
    id: tokenEntry(secret, 'token-id'),
    expires: tokenEntry(secret, 'expiration') || 'never',
  }));
}

/** Makes a token worthless; takes its id or the whole token. */
export async function revokeBootstrapToken(client: Client, token: string): Promise<void> {
  const [id = ''] = token.split('.');
  await client.delete(secrets, { namespace, name: tokenSecretName(id) });
}
