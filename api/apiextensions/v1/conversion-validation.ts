/** How a CustomResourceDefinition may say its versions are converted. */
import {
  child,
  forbidden,
  index,
  invalid,
  invalidBecause,
  notSupported,
  required,
} from '../../validation/field-error.js';
import type { FieldError } from '../../validation/field-error.js';
import { dns1035LabelErrors } from '../../validation/names.js';
import { validateWebhookTarget } from '../../validation/webhook-client.js';
import type { CustomResourceConversion, WebhookClientConfig } from './types.js';

const knownReviewVersions = ['v1', 'v1beta1'];

function clientErrors(client: WebhookClientConfig | undefined, field: string): FieldError[] {
  if (client === undefined) return [required(field, 'required when strategy is set to Webhook')];
  return validateWebhookTarget(client, field);
}

function reviewVersionErrors(versions: readonly string[], field: string): FieldError[] {
  if (versions.length === 0) return [required(field)];
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [position, version] of versions.entries()) {
    const own = index(field, position);
    if (seen.has(version)) errors.push(invalid(own, version, 'duplicate version'));
    else errors.push(...invalidBecause(own, version, dns1035LabelErrors(version)));
    seen.add(version);
  }
  if (!versions.some((version) => knownReviewVersions.includes(version))) {
    const why = `must include at least one of ${knownReviewVersions.join(', ')}`;
    errors.push(invalid(field, versions, why));
  }
  return errors;
}

/** Checks the strategy, and the webhook where it is one. */
export function validateConversion(
  conversion: CustomResourceConversion | undefined,
  field: string,
): FieldError[] {
  if (conversion === undefined) return [];
  const strategy: string = conversion.strategy;
  const { webhook } = conversion;
  const client = child(field, 'webhookClientConfig');
  if (strategy === '') return [required(child(field, 'strategy'))];
  if (strategy === 'Webhook') {
    return [
      ...clientErrors(webhook?.clientConfig, client),
      ...reviewVersionErrors(
        webhook?.conversionReviewVersions ?? [],
        child(field, 'conversionReviewVersions'),
      ),
    ];
  }
  if (strategy !== 'None') {
    return [notSupported(child(field, 'strategy'), strategy, ['None', 'Webhook'])];
  }
  const why = 'should not be set when strategy is not set to Webhook';
  return [
    ...(webhook?.clientConfig === undefined ? [] : [forbidden(client, why)]),
    ...((webhook?.conversionReviewVersions ?? []).length === 0
      ? []
      : [forbidden(child(field, 'conversionReviewVersions'), why)]),
  ];
}
