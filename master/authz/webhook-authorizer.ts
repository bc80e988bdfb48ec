/**
 * The webhook authoriser: a service elsewhere is shown requests as SubjectAccessReviews and says whether they are allowed, are
 * refused for good, or are not its business. Its answers are remembered for a while.
 */
import { z } from 'zod';
import type { SubjectAccessReviewSpec } from '../../api/authorization/v1/types.js';
import { BoundedMemory } from '../../machinery/bounded-memory.js';
import { askedAgain } from '../../machinery/client/asked-again.js';
import type { Transport } from '../../machinery/client/transport.js';
import type { Clock } from '../../machinery/clock/clock.js';
import { errorText } from '../../machinery/error-text.js';
import type { Logger } from '../../machinery/log/log.js';
import type { WebhookSettings } from './authorization-configuration.js';
import type { AuthorizationMetrics } from './authorization-metrics.js';
import type { Authorization, AuthorizationRequest, Decision } from './authorizer.js';
import * as limits from './limits.js';
import { meetsConditions } from './review-conditions.js';
import { reviewSpecOf } from './review-spec.js';

export interface WebhookAuthorizerOptions {
  readonly name: string;
  readonly settings: WebhookSettings;
  readonly transport: Pick<Transport, 'request'>;
  /** The path of the service. */
  readonly path: string;
  readonly metrics: AuthorizationMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

const answerSchema = z.object({
  status: z.object({
    allowed: z.boolean().default(false),
    denied: z.boolean().default(false),
    reason: z.string().default(''),
  }),
});
type Answer = z.infer<typeof answerSchema>['status'];

interface Remembered {
  readonly answer: Answer;
  readonly untilMs: number;
}

const noOpinion: Decision = { allowed: false, reason: '' };

/** The service gave no answer in time. */
class Overdue extends Error {}

/** The old version calls the groups by another name and knows no selectors. */
function oldSpec({ groups, resourceAttributes, ...spec }: SubjectAccessReviewSpec): object {
  const { fieldSelector: _field, labelSelector: _label, ...asked } = resourceAttributes ?? {};
  return {
    ...spec,
    ...(resourceAttributes === undefined ? {} : { resourceAttributes: asked }),
    ...(groups === undefined ? {} : { group: groups }),
  };
}

/** What a client makes up must not fill the memory. */
function isShort({ verb, resource, path = '' }: AuthorizationRequest): boolean {
  const { group, version, plural, subresource, namespace, name } = resource ?? {};
  const parts = [verb, path, group, version, plural, subresource, namespace, name];
  const length = parts.reduce((sum, part = '') => sum + part.length, 0);
  return length < limits.maxRememberedRequestLength;
}

function decisionOf({ allowed, denied, reason }: Answer): Decision {
  if (denied && allowed) {
    const error = 'webhook subject access review returned both allow and deny response';
    return { allowed: false, denied: true, reason, error };
  }
  return denied ? { allowed: false, denied, reason } : { allowed, reason };
}

class WebhookAuthorizer {
  private readonly options: WebhookAuthorizerOptions;
  private readonly memory = new BoundedMemory<Remembered>(limits.maxRememberedReviews);

  constructor(options: WebhookAuthorizerOptions) {
    this.options = options;
  }

  authorize(request: AuthorizationRequest): Decision | Promise<Decision> {
    const { name, settings, metrics, clock } = this.options;
    const spec = reviewSpecOf(request);
    const startMs = clock.monotonicMs();
    const meets = meetsConditions(settings.conditions, spec);
    if (settings.conditions.length > 0) {
      metrics.conditionsEvaluated(name, meets, clock.monotonicMs() - startMs);
    }
    if (typeof meets === 'object') return this.failed(meets.error);
    if (!meets) return noOpinion;
    const key = JSON.stringify(spec);
    const known = this.memory.get(key);
    if (known !== undefined && known.untilMs > clock.monotonicMs()) return decisionOf(known.answer);
    return this.ask(request, spec, key);
  }

  private failed(error: string): Decision {
    const isFinal = this.options.settings.failurePolicy === 'Deny';
    return { allowed: false, reason: '', error, ...(isFinal ? { denied: true } : {}) };
  }

  private async ask(
    request: AuthorizationRequest,
    spec: SubjectAccessReviewSpec,
    key: string,
  ): Promise<Decision> {
    const { name, settings, clock, metrics, logger } = this.options;
    const startMs = clock.monotonicMs();
    try {
      const answer = await askedAgain(() => this.askOnce(spec), clock);
      metrics.webhookAnswered(name, 'success', clock.monotonicMs() - startMs);
      const keptMs = answer.allowed ? settings.allowedCacheMs : settings.otherCacheMs;
      if (keptMs > 0 && isShort(request)) {
        this.memory.set(key, { answer, untilMs: clock.monotonicMs() + keptMs });
      }
      return decisionOf(answer);
    } catch (error) {
      const result = error instanceof Overdue ? 'timeout' : 'error';
      metrics.webhookAnswered(name, result, clock.monotonicMs() - startMs);
      if (settings.failurePolicy === 'NoOpinion') metrics.webhookFailedOpen(name, result);
      logger.warn('the authorization webhook does not answer', { webhook: name, error });
      return this.failed(errorText(error));
    }
  }

  private async askOnce(spec: SubjectAccessReviewSpec): Promise<Answer> {
    const { transport, path, clock, settings } = this.options;
    const { version, timeoutMs } = settings;
    const aborter = new AbortController();
    const overdue = new Overdue(`the webhook gave no answer within ${String(timeoutMs)} ms`);
    const cancel = clock.after(timeoutMs, () => {
      aborter.abort(overdue);
    });
    try {
      const body = {
        apiVersion: `authorization.k8s.io/${version}`,
        kind: 'SubjectAccessReview',
        metadata: { creationTimestamp: null },
        spec: version === 'v1' ? spec : oldSpec(spec),
        status: { allowed: false },
      };
      const { signal } = aborter;
      const answer = answerSchema.safeParse(
        await transport.request({ method: 'POST', path, body, signal }),
      );
      if (!answer.success) throw new Error('the webhook answers with no SubjectAccessReview');
      return answer.data.status;
    } catch (error) {
      throw aborter.signal.aborted ? overdue : error;
    } finally {
      cancel();
    }
  }
}

/** Asks the service about requests that its conditions are for. */
export function webhookAuthorizer(options: WebhookAuthorizerOptions): Authorization {
  const authorizer = new WebhookAuthorizer(options);
  return (request) => authorizer.authorize(request);
}
