/** Defaults and validation of webhook configurations. */
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  duplicate,
  index,
  invalid,
  invalidBecause,
  required,
} from '../../validation/field-error.js';
import { validateLabelSelector } from '../../validation/label-selector.js';
import { dns1035LabelErrors } from '../../validation/names.js';
import { validateWebhookTarget } from '../../validation/webhook-client.js';
import { webhookScope } from '../cel/environment.js';
import { checkExpression } from './expressions.js';
import { defaultTimeoutSeconds, maxTimeoutSeconds, minTimeoutSeconds } from './limits.js';
import {
  failurePolicies,
  matchPolicies,
  oneOf,
  reinvocationPolicies,
  validateMatchConditions,
  validateRule,
  validateWebhookName,
} from './rule-validation.js';
import type { MutatingWebhook, ValidatingWebhook } from './types.js';

/** Versions of AdmissionReview that are understood, best first. */
const reviewVersions = ['v1', 'v1beta1'];

const harmless = ['None', 'NoneOnDryRun'];

/** A webhook of either configuration before defaulting; anything may be missing. */
type Draft = Partial<MutatingWebhook>;

/** Fills in what a webhook leaves out. */
export function defaultWebhook(webhook: Draft): void {
  webhook.failurePolicy ??= 'Fail';
  webhook.matchPolicy ??= 'Equivalent';
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= defaultTimeoutSeconds;
  for (const rule of webhook.rules ?? []) rule.scope ??= '*';
  const service = webhook.clientConfig?.service;
  if (service !== undefined) service.port ??= 443;
}

function validateVersions(versions: readonly string[] | undefined, field: string): FieldError[] {
  const list = versions ?? [];
  if (list.length === 0) {
    return [required(field, `must specify one of ${reviewVersions.join(', ')}`)];
  }
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [position, version] of list.entries()) {
    const path = index(field, position);
    if (seen.has(version)) errors.push(invalid(path, version, 'duplicate version'));
    else errors.push(...invalidBecause(path, version, dns1035LabelErrors(version)));
    seen.add(version);
  }
  if (!list.some((version) => reviewVersions.includes(version))) {
    errors.push(invalid(field, list, `must include at least one of ${reviewVersions.join(', ')}`));
  }
  return errors;
}

function validateSideEffects(value: string | undefined, field: string): FieldError[] {
  return value === undefined || value === ''
    ? [required(field, `must specify one of ${harmless.join(', ')}`)]
    : oneOf(field, value, harmless);
}

function validateWebhook(webhook: Draft, field: string): FieldError[] {
  const path = (name: string): string => child(field, name);
  const { timeoutSeconds } = webhook;
  const late =
    timeoutSeconds !== undefined &&
    (timeoutSeconds < minTimeoutSeconds || timeoutSeconds > maxTimeoutSeconds);
  return [
    ...validateWebhookName(webhook.name ?? '', path('name')),
    ...(webhook.rules ?? []).flatMap((rule, position) =>
      validateRule(rule, index(path('rules'), position)),
    ),
    ...oneOf(path('failurePolicy'), webhook.failurePolicy, failurePolicies),
    ...oneOf(path('matchPolicy'), webhook.matchPolicy, matchPolicies),
    ...validateSideEffects(webhook.sideEffects, path('sideEffects')),
    ...(late
      ? [
          invalid(
            path('timeoutSeconds'),
            timeoutSeconds,
            'the timeout value must be between 1 and 30 seconds',
          ),
        ]
      : []),
    ...validateLabelSelector(webhook.namespaceSelector, path('namespaceSelector')),
    ...validateLabelSelector(webhook.objectSelector, path('objectSelector')),
    ...oneOf(path('reinvocationPolicy'), webhook.reinvocationPolicy, reinvocationPolicies),
    ...validateWebhookTarget(webhook.clientConfig ?? {}, path('clientConfig')),
    ...validateMatchConditions(
      webhook.matchConditions,
      path('matchConditions'),
      (expression, expressionPath) =>
        checkExpression(expression, expressionPath, { scope: webhookScope, type: 'bool' }),
    ),
    ...validateVersions(webhook.admissionReviewVersions, path('admissionReviewVersions')),
  ];
}

/** Checks the webhooks of a configuration of either kind. */
export function validateWebhooks(
  webhooks: readonly (MutatingWebhook | ValidatingWebhook)[] | undefined,
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [position, webhook] of (webhooks ?? []).entries()) {
    const field = index('webhooks', position);
    errors.push(...validateWebhook(webhook, field));
    const { name } = webhook as Draft;
    if (name !== undefined && name !== '' && seen.has(name)) {
      errors.push(duplicate(child(field, 'name'), name));
    }
    seen.add(name ?? '');
  }
  return errors;
}
