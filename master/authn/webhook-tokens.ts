/**
 * Webhook tokens: whatever no other authenticator knows is shown to a service as a TokenReview, and its answer remembered for a
 * while.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { isStatusError } from '../../api/meta/status-error.js';
import { askedAgain } from '../../machinery/client/asked-again.js';
import type { Transport } from '../../machinery/client/transport.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Logger } from '../../machinery/log/log.js';
import { type TokenAuthenticator, type TokenIdentity, TokenRefusedError } from './authenticator.js';
import { BoundedMemory } from '../../machinery/bounded-memory.js';
import { maxRememberedTokens } from './limits.js';

export interface WebhookOptions {
  readonly transport: Transport;
  /** The path of the service. */
  readonly path: string;
  readonly version: 'v1' | 'v1beta1';
  /** How long an answer is remembered; 0 for not at all. */
  readonly cacheMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const answerSchema = z.object({
  status: z
    .object({
      authenticated: z.boolean().optional(),
      error: z.string().optional(),
      audiences: z.array(z.string()).nullish(),
      user: z
        .object({
          username: z.string().optional(),
          uid: z.string().optional(),
          groups: z.array(z.string()).nullish(),
          extra: z.record(z.string(), z.array(z.string())).nullish(),
        })
        .nullish(),
    })
    .optional(),
});

type Answer = z.infer<typeof answerSchema>;

interface Remembered {
  readonly identity: TokenIdentity | undefined;
  readonly untilMs: number;
}

function identityOf({ status = {} }: Answer): TokenIdentity | undefined {
  if (status.authenticated !== true) {
    if (status.error === undefined || status.error === '') return undefined;
    throw new TokenRefusedError('the token webhook reports an error');
  }
  const { username = '', uid = '', groups, extra } = status.user ?? {};
  if (username === '') return undefined;
  const { audiences } = status;
  return {
    user: {
      username,
      groups: groups ?? [],
      ...(uid === '' ? {} : { uid }),
      ...(extra === undefined || extra === null ? {} : { extra }),
    },
    ...(audiences === undefined || audiences === null || audiences.length === 0
      ? {}
      : { audiences }),
  };
}

async function ask(
  { transport, path, version, clock }: WebhookOptions,
  token: string,
  audiences: readonly string[],
): Promise<TokenIdentity | undefined> {
  const body = {
    apiVersion: `authentication.k8s.io/${version}`,
    kind: 'TokenReview',
    metadata: { creationTimestamp: null },
    spec: { token, ...(audiences.length === 0 ? {} : { audiences }) },
    status: { user: {} },
  };
  const said = await askedAgain(() => transport.request({ method: 'POST', path, body }), clock);
  const answer = answerSchema.safeParse(said);
  if (!answer.success) throw new TokenRefusedError('the token webhook answers with no TokenReview');
  const identity = identityOf(answer.data);
  const meant = identity?.audiences?.filter((audience) => audiences.includes(audience));
  return identity === undefined || meant === undefined
    ? identity
    : { ...identity, audiences: meant };
}

/** Asks the service about tokens. */
export function webhookTokens(options: WebhookOptions): TokenAuthenticator {
  const { clock, cacheMs, logger } = options;
  const memory = new BoundedMemory<Remembered>(maxRememberedTokens);
  const asking = new Map<string, Promise<TokenIdentity | undefined>>();
  const askOnce = async (
    key: string,
    token: string,
    audiences: readonly string[],
  ): Promise<TokenIdentity | undefined> => {
    try {
      const identity = await ask(options, token, audiences);
      if (cacheMs > 0) memory.set(key, { identity, untilMs: clock.monotonicMs() + cacheMs });
      return identity;
    } catch (error) {
      if (error instanceof TokenRefusedError) throw error;
      // The answer may repeat what it was sent, so no more than its code is logged.
      const code = isStatusError(error) ? error.code : undefined;
      logger.warn('the token webhook does not answer', { code });
      throw new TokenRefusedError('the token webhook does not answer');
    } finally {
      asking.delete(key);
    }
  };
  return (token, audiences) => {
    const key = createHash('sha256')
      .update(JSON.stringify([token, audiences]))
      .digest('base64');
    const known = memory.get(key);
    if (known !== undefined && known.untilMs > clock.monotonicMs()) {
      return Promise.resolve(known.identity);
    }
    const running = asking.get(key) ?? askOnce(key, token, audiences);
    asking.set(key, running);
    return running;
  };
}
