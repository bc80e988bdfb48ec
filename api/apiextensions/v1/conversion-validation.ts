/** How a CustomResourceDefinition may say its versions are converted. */
import {
  child,
  forbidden,
  index,
  invalid,
  notSupported,
  required,
} from '../../validation/field-error.js';
import type { FieldError } from '../../validation/field-error.js';
import { dns1035LabelErrors } from '../../validation/names.js';
import type { CustomResourceConversion, ServiceReference, WebhookClientConfig } from './types.js';

const knownReviewVersions = ['v1', 'v1beta1'];

function urlErrors(text: string, field: string): FieldError[] {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    const why = `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URI for request; desired format: https://host[/path]`;
    return [required(field, why)];
  }
  const form = '; desired format: https://host[/path]';
  const errors: FieldError[] = [];
  if (url.protocol !== 'https:') {
    errors.push(
      invalid(field, url.protocol.slice(0, -1), `'https' is the only allowed URL scheme${form}`),
    );
  }
  if (url.host === '') errors.push(invalid(field, url.host, `host must be specified${form}`));
  if (url.username !== '' || url.password !== '') {
    errors.push(invalid(field, url.username, 'user information is not permitted in the URL'));
  }
  if (url.hash !== '') {
    errors.push(invalid(field, url.hash.slice(1), 'fragments are not permitted in the URL'));
  }
  if (url.search !== '') {
    errors.push(
      invalid(field, url.search.slice(1), 'query parameters are not permitted in the URL'),
    );
  }
  return errors;
}

function serviceErrors(service: ServiceReference, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const { name, namespace, path = '', port = 443 } = service;
  if (name === '') errors.push(required(child(field, 'name'), 'service name is required'));
  if (namespace === '') {
    errors.push(required(child(field, 'namespace'), 'service namespace is required'));
  }
  if (port < 1 || port > 65535) {
    errors.push(
      invalid(
        child(field, 'port'),
        port,
        'port is not valid: must be between 1 and 65535, inclusive',
      ),
    );
  }
  if (path !== '' && !path.startsWith('/')) {
    errors.push(invalid(child(field, 'path'), path, "must start with a '/'"));
  }
  return errors;
}

function clientErrors(client: WebhookClientConfig | undefined, field: string): FieldError[] {
  if (client === undefined) return [required(field, 'required when strategy is set to Webhook')];
  const { url, service } = client;
  if ((url === undefined) === (service === undefined)) {
    return [required(field, 'exactly one of url or service is required')];
  }
  if (url !== undefined) return urlErrors(url, child(field, 'url'));
  return service === undefined ? [] : serviceErrors(service, child(field, 'service'));
}

function reviewVersionErrors(versions: readonly string[], field: string): FieldError[] {
  if (versions.length === 0) return [required(field)];
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [position, version] of versions.entries()) {
    const own = index(field, position);
    if (seen.has(version)) errors.push(invalid(own, version, 'duplicate version'));
    seen.add(version);
    for (const why of dns1035LabelErrors(version)) errors.push(invalid(own, version, why));
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
  return webhook?.clientConfig === undefined
    ? []
    : [forbidden(client, 'should not be set when strategy is not set to Webhook')];
}
