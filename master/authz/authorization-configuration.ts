/**
 * What an AuthorizationConfiguration, `apiserver.config.k8s.io/v1`, says: which authorisers are asked, in which order, and how
 * services elsewhere are. Pure: whoever reads the file hands its text in.
 */
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { CelCompileError } from '../../api/cel/source.js';
import { dns1123SubdomainErrors } from '../../api/validation/names.js';
import { durationMs } from '../../machinery/config/shared-rows.js';
import { errorText } from '../../machinery/error-text.js';
import { invariant } from '../../machinery/invariant.js';
import * as limits from './limits.js';
import { compileReviewConditions } from './review-conditions.js';
import type { ReviewCondition } from './review-conditions.js';

export const authorizerTypes = [
  'AlwaysAllow',
  'AlwaysDeny',
  'ABAC',
  'Webhook',
  'RBAC',
  'Node',
] as const;
export type AuthorizerType = (typeof authorizerTypes)[number];

/** How a service elsewhere is asked. */
export interface WebhookSettings {
  readonly kubeconfigFile: string;
  readonly version: 'v1' | 'v1beta1';
  readonly timeoutMs: number;
  /** What a failure means: that nobody else is asked either, or that the others decide. */
  readonly failurePolicy: 'Deny' | 'NoOpinion';
  /** How long answers are remembered; 0 for not at all. */
  readonly allowedCacheMs: number;
  readonly otherCacheMs: number;
  /** It is asked only where all of them hold. */
  readonly conditions: readonly ReviewCondition[];
}

export type AuthorizerSettings =
  | { readonly type: 'Webhook'; readonly name: string; readonly webhook: WebhookSettings }
  | { readonly type: Exclude<AuthorizerType, 'Webhook'>; readonly name: string };

/** A configuration that cannot be used, in words for the person who wrote it. */
export class AuthorizationConfigurationError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AuthorizationConfigurationError';
  }
}

/** Absent and zero both mean the default. */
const cacheMs = (defaultMs: number) =>
  z.union([z.literal(['0', '0s']).transform(() => defaultMs), durationMs]).default(defaultMs);

const conditionSchema = z.strictObject({ expression: z.string().trim().min(1, 'it is empty') });

const connectionSchema = z.strictObject({
  type: z.enum(['KubeConfigFile', 'InClusterConfig'], 'it must be KubeConfigFile'),
  kubeConfigFile: z.string().optional(),
});

const webhookSchema = z
  .strictObject({
    authorizedTTL: cacheMs(limits.defaultAllowedCacheMs),
    cacheAuthorizedRequests: z.boolean().default(true),
    unauthorizedTTL: cacheMs(limits.defaultOtherCacheMs),
    cacheUnauthorizedRequests: z.boolean().default(true),
    timeout: durationMs.refine((ms) => ms <= limits.maxWebhookTimeoutMs, 'it must be at most 30s'),
    subjectAccessReviewVersion: z.enum(['v1', 'v1beta1'], 'it must be v1 or v1beta1'),
    matchConditionSubjectAccessReviewVersion: z.literal('v1', 'it must be v1').optional(),
    failurePolicy: z.enum(['Deny', 'NoOpinion'], 'it must be Deny or NoOpinion'),
    connectionInfo: connectionSchema,
    matchConditions: z
      .array(conditionSchema)
      .max(limits.maxMatchConditions, 'there may be 64 at most')
      .nullish(),
  })
  .refine(
    ({ matchConditions, matchConditionSubjectAccessReviewVersion: version }) =>
      (matchConditions ?? []).length === 0 || version !== undefined,
    'matchConditions need matchConditionSubjectAccessReviewVersion',
  )
  .refine(
    ({ matchConditions }) =>
      new Set(matchConditions?.map(({ expression }) => expression)).size ===
      (matchConditions ?? []).length,
    'each of matchConditions may be there once',
  );

const authorizerSchema = z
  .strictObject({
    type: z.enum(authorizerTypes, `it must be one of ${authorizerTypes.join(', ')}`),
    name: z
      .string()
      .refine((name) => dns1123SubdomainErrors(name).length === 0, 'it must be a DNS name'),
    webhook: webhookSchema.optional(),
  })
  .refine(
    ({ type, webhook }) => (type === 'Webhook') === (webhook !== undefined),
    'webhook is for the type Webhook, and for no other',
  );

const isOnce = (values: readonly string[]): boolean => new Set(values).size === values.length;

const fileSchema = z.strictObject({
  apiVersion: z.enum([
    'apiserver.config.k8s.io/v1',
    'apiserver.config.k8s.io/v1beta1',
    'apiserver.config.k8s.io/v1alpha1',
  ]),
  kind: z.literal('AuthorizationConfiguration'),
  authorizers: z
    .array(authorizerSchema)
    .min(1, 'there must be one at least')
    .refine((all) => isOnce(all.map(({ name }) => name)), 'each name may be there once')
    .refine(
      (all) => isOnce(all.map(({ type }) => type).filter((type) => type !== 'Webhook')),
      'each type but Webhook may be there once',
    ),
});

type Webhook = z.infer<typeof webhookSchema>;

function conditionsOf(webhook: Webhook, at: string): readonly ReviewCondition[] {
  const expressions = (webhook.matchConditions ?? []).map(({ expression }) => expression);
  try {
    return compileReviewConditions(expressions);
  } catch (cause) {
    if (!(cause instanceof CelCompileError)) throw cause;
    throw new AuthorizationConfigurationError(`${at}.matchConditions: ${cause.message}`, { cause });
  }
}

function webhookFrom(webhook: Webhook, at: string): WebhookSettings {
  const { type, kubeConfigFile = '' } = webhook.connectionInfo;
  if (type === 'InClusterConfig') {
    const why = 'the master runs in no pod, so it must be KubeConfigFile';
    throw new AuthorizationConfigurationError(`${at}.connectionInfo.type: ${why}`);
  }
  if (!kubeConfigFile.startsWith('/')) {
    const why = 'it must be an absolute path';
    throw new AuthorizationConfigurationError(`${at}.connectionInfo.kubeConfigFile: ${why}`);
  }
  return {
    kubeconfigFile: kubeConfigFile,
    version: webhook.subjectAccessReviewVersion,
    timeoutMs: webhook.timeout,
    failurePolicy: webhook.failurePolicy,
    allowedCacheMs: webhook.cacheAuthorizedRequests ? webhook.authorizedTTL : 0,
    otherCacheMs: webhook.cacheUnauthorizedRequests ? webhook.unauthorizedTTL : 0,
    conditions: conditionsOf(webhook, at),
  };
}

/** Reads YAML or JSON. Throws AuthorizationConfigurationError. */
export function parseAuthorizationConfiguration(file: string): readonly AuthorizerSettings[] {
  let value: unknown;
  try {
    value = parseYaml(file);
  } catch (cause) {
    throw new AuthorizationConfigurationError(errorText(cause), { cause });
  }
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) =>
      path.length === 0 ? message : `${path.join('.')}: ${message}`,
    );
    throw new AuthorizationConfigurationError(issues.join('; '));
  }
  return parsed.data.authorizers.map(({ type, name, webhook }, index) => {
    if (type !== 'Webhook') return { type, name };
    invariant(webhook !== undefined, 'the schema sees to it that there is one');
    return { type, name, webhook: webhookFrom(webhook, `authorizers.${String(index)}.webhook`) };
  });
}
