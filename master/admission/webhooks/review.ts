/** One review by one webhook: what it is sent, whether its answer makes sense, and how its refusal is told. */
import { z } from 'zod';
import type { AdmissionRequest, AdmissionResponse } from '../../../api/admission/v1/types.js';
import {
  badRequest,
  internalError,
  StatusError,
  timedOut,
} from '../../../api/meta/status-error.js';
import type { Status } from '../../../api/meta/v1/types.js';
import type { Clock } from '../../../machinery/clock/clock.js';
import type { Random } from '../../../machinery/clock/random.js';
import { WebhookCallError } from '../../../machinery/client/webhook-client.js';
import type { WebhookClient } from '../../../machinery/client/webhook-client.js';
import { writtenObject } from '../../../api/schema/unset-fields.js';
import type { AdmissionAttributes } from '../admission.js';
import type { SeenAs } from '../equivalents.js';
import { defaultWebhookTimeoutSeconds } from '../limits.js';
import { reviewRequest } from '../review-request.js';
import type { Invocation } from './hooks.js';
import type { WebhookMetrics } from './webhook-metrics.js';
import { errorText } from '../../../machinery/error-text.js';

export interface ReviewOptions {
  readonly client: Pick<WebhookClient, 'call'>;
  readonly random: Random;
  readonly clock: Clock;
  readonly metrics: WebhookMetrics;
}

/** The webhook could not be asked, or answered nonsense: its failure policy decides. */
export class WebhookFailure extends Error {
  /** As metrics tell it. */
  readonly code: number;

  constructor(
    webhook: string,
    why: string,
    { code = 503, ...options }: ErrorOptions & { readonly code?: number } = {},
  ) {
    super(`failed calling webhook ${JSON.stringify(webhook)}: ${why}`, options);
    this.name = 'WebhookFailure';
    this.code = code;
  }
}

const texts = z.record(z.string(), z.string());

/** Go writes what is unset as null. */
const orNone = <Value extends z.ZodType>(value: Value) =>
  value.nullish().transform((given) => given ?? undefined);

/** What of a refusal's Status our own answer is made of; of other types it would be one that cannot be sent. */
const statusSchema = z.looseObject({
  message: orNone(z.string()),
  reason: orNone(z.string()),
  code: orNone(z.int()),
  details: orNone(
    z.looseObject({
      name: orNone(z.string()),
      group: orNone(z.string()),
      kind: orNone(z.string()),
      uid: orNone(z.string()),
      retryAfterSeconds: orNone(z.int()),
      causes: orNone(z.array(z.looseObject({}))),
    }),
  ),
});

const reviewSchema = z.object({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  response: z
    .object({
      uid: z.string().optional(),
      allowed: z.boolean().optional(),
      status: statusSchema.nullish(),
      patch: z.string().nullish(),
      patchType: z.string().nullish(),
      auditAnnotations: texts.nullish(),
      warnings: z.array(z.string()).nullish(),
    })
    .nullish(),
});

type Answer = NonNullable<z.infer<typeof reviewSchema>['response']>;

/** With its objects as clients know them. */
const asWritten = (request: AdmissionRequest, { resource }: SeenAs): AdmissionRequest => ({
  ...request,
  object: request.object && writtenObject(request.object, resource),
  oldObject: request.oldObject && writtenObject(request.oldObject, resource),
});

/** The best version that both sides understand. */
function versionOf({ hook }: Invocation): string | undefined {
  return hook.webhook.admissionReviewVersions.find(
    (version) => version === 'v1' || version === 'v1beta1',
  );
}

function problemOfPatch({ patch, patchType }: Answer, mutating: boolean): string | undefined {
  const [given, type] = [patch ?? '', patchType ?? ''];
  if (!mutating) {
    if (given !== '') return 'validating webhook may not return response.patch';
    return type === '' ? undefined : 'validating webhook may not return response.patchType';
  }
  if (given === '') {
    return type === '' ? undefined : 'webhook returned response.patchType but not response.patch';
  }
  if (type === '') return 'webhook returned response.patch but not response.patchType';
  return type === 'JSONPatch'
    ? undefined
    : `webhook returned invalid response.patchType of ${JSON.stringify(type)}`;
}

/** Checks an answer as strictly as its version asks for. Throws an Error that says what is wrong. */
export function readAnswer(
  value: unknown,
  expected: { readonly version: string; readonly uid: string; readonly mutating: boolean },
): AdmissionResponse {
  const { version, uid, mutating } = expected;
  const parsed = reviewSchema.safeParse(value);
  if (!parsed.success)
    throw new Error(
      `received invalid webhook response: ${parsed.error.issues.map(({ message, path }) => `${path.join('.')}: ${message}`).join('; ')}`,
    );
  const { apiVersion = '', kind = '', response } = parsed.data;
  if (response === undefined || response === null) throw new Error('webhook response was absent');
  const invalid = (why: string): Error => new Error(`received invalid webhook response: ${why}`);
  const strict = version === 'v1';
  if (strict) {
    if (response.uid !== uid) {
      throw invalid(
        `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`,
      );
    }
    const found = `${apiVersion}, Kind=${kind}`;
    const wanted = 'admission.k8s.io/v1, Kind=AdmissionReview';
    if (found !== wanted) throw invalid(`expected webhook response of ${wanted}, got ${found}`);
    const problem = problemOfPatch(response, mutating);
    if (problem !== undefined) throw invalid(problem);
  }
  return {
    uid,
    allowed: response.allowed === true,
    ...(response.status === undefined || response.status === null
      ? {}
      : { status: response.status as NonNullable<AdmissionResponse['status']> }),
    ...(mutating && (response.patch ?? '') !== '' ? { patch: response.patch ?? '' } : {}),
    auditAnnotations: response.auditAnnotations ?? {},
    warnings: response.warnings ?? [],
  };
}

/** A webhook said no. */
class Denial extends StatusError {}

/** A refusal is no success, and codes of more than three digits cannot be sent. */
const refusalCode = (code: number): number => (code < 400 ? 400 : code > 999 ? 500 : code);

/** The Status a client gets where a webhook says no. */
export function denial(webhook: string, status: Partial<Status> | undefined): StatusError {
  const deniedBy = `admission webhook ${JSON.stringify(webhook)} denied the request`;
  const { message = '', reason = '', code = 0 } = status ?? {};
  const text =
    message !== ''
      ? `${deniedBy}: ${message}`
      : reason !== ''
        ? `${deniedBy}: ${reason}`
        : `${deniedBy} without explanation`;
  return new Denial({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    ...status,
    status: 'Failure',
    message: text,
    code: refusalCode(code),
  });
}

/** In a dry run nothing may happen, so whoever has side effects is not asked and the request is refused. */
function checkDryRun({ dryRun }: AdmissionAttributes, { hook }: Invocation): void {
  const { sideEffects, name } = hook.webhook;
  if (!dryRun || sideEffects === 'None' || sideEffects === 'NoneOnDryRun') return;
  throw badRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`);
}

/** How long a webhook may take: as long as it is given, but no longer than the request may. */
function timeoutOf(
  { hook }: Invocation,
  attributes: AdmissionAttributes,
  { clock }: ReviewOptions,
): number {
  const { timeoutSeconds = defaultWebhookTimeoutSeconds } = hook.webhook;
  const left = attributes.answerByMs() - clock.monotonicMs();
  return Math.min(timeoutSeconds * 1000, left);
}

/** Nobody waits for an answer any more, so nobody is asked. Throws a 504. */
export function checkTime(attributes: AdmissionAttributes, { clock }: ReviewOptions): void {
  if (clock.monotonicMs() < attributes.answerByMs()) return;
  throw timedOut('Timeout: request did not complete within requested timeout');
}

interface Asking extends ReviewOptions {
  readonly mutating: boolean;
  readonly timeoutMs: number;
}

async function ask(
  invocation: Invocation,
  request: AdmissionRequest,
  { client, mutating, timeoutMs }: Asking,
): Promise<AdmissionResponse> {
  const { name, clientConfig } = invocation.hook.webhook;
  const version = versionOf(invocation);
  if (version === undefined) {
    throw new WebhookFailure(
      name,
      'webhook does not accept known AdmissionReview versions (v1, v1beta1)',
    );
  }
  const body = { kind: 'AdmissionReview', apiVersion: `admission.k8s.io/${version}`, request };
  try {
    const answer = await client.call(clientConfig, JSON.stringify(body), { timeoutMs });
    return readAnswer(answer, { version, uid: request.uid, mutating });
  } catch (error) {
    const why = errorText(error);
    if (!(error instanceof WebhookCallError)) throw new WebhookFailure(name, why, { cause: error });
    const { code } = error;
    throw new WebhookFailure(name, `failed to call webhook: ${why}`, { cause: error, code });
  }
}

/** What is done with the answer of a webhook that says yes; it may fail like the call. */
export type Use<T> = (response: AdmissionResponse) => T;

/** What one review tells of itself. */
interface Telling {
  readonly observation: {
    readonly name: string;
    readonly type: 'admit' | 'validating';
    readonly operation: string;
  };
  readonly metrics: WebhookMetrics;
  readonly tookMs: () => number;
}

/** Counts how a review failed, and gives what the client hears; undefined where the webhook may be done without. */
function outcomeOf(
  error: unknown,
  isIgnored: boolean,
  { observation, metrics, tookMs }: Telling,
): Error | undefined {
  const told = (errorType: string, code: number): void => {
    metrics.called({ ...observation, tookMs: tookMs(), rejected: true, code });
    metrics.rejected({ ...observation, errorType, code });
  };
  if (error instanceof WebhookFailure) {
    const { code } = error;
    if (!isIgnored) {
      told('calling_webhook_error', code);
      return internalError(error);
    }
    metrics.called({ ...observation, tookMs: tookMs(), rejected: false, code });
    metrics.failedOpen(observation);
    return undefined;
  }
  if (error instanceof Denial) told('no_error', error.code);
  else told('apiserver_internal_error', 0);
  return error instanceof Error ? error : internalError(error);
}

/**
 * Asks a webhook, tells what it has to say beside yes or no, and uses what it says. Throws its denial, or what becomes of a
 * failure; undefined where it failed and its policy is to ignore that.
 */
export async function review<T>(
  invocation: Invocation,
  attributes: AdmissionAttributes,
  options: ReviewOptions & { readonly mutating: boolean; readonly use: Use<T> },
): Promise<{ readonly used: T } | undefined> {
  const { hook, seen } = invocation;
  const { name, failurePolicy } = hook.webhook;
  const { clock, metrics, mutating, use } = options;
  const startMs = clock.monotonicMs();
  const type = mutating ? 'admit' : 'validating';
  const observation = { name, type, operation: attributes.operation } as const;
  const telling = { observation, metrics, tookMs: () => clock.monotonicMs() - startMs };
  try {
    checkDryRun(attributes, invocation);
    const request = asWritten(reviewRequest(attributes, seen, options.random.uuid()), seen);
    const timeoutMs = timeoutOf(invocation, attributes, options);
    const response = await ask(invocation, request, { ...options, timeoutMs });
    for (const [key, value] of Object.entries(response.auditAnnotations ?? {})) {
      attributes.audit(`${name}/${key}`, value);
    }
    for (const warning of response.warnings ?? []) attributes.warn(warning);
    if (!response.allowed) throw denial(name, response.status);
    const used = use(response);
    metrics.called({ ...observation, tookMs: telling.tookMs(), rejected: false, code: 200 });
    return { used };
  } catch (error) {
    const heard = outcomeOf(error, failurePolicy === 'Ignore', telling);
    if (heard !== undefined) throw heard;
    checkTime(attributes, options);
    return undefined;
  }
}
