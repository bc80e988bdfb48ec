/** Where a webhook is served, checked in Kubernetes' words; admission and the conversion of custom resources share it. */
import type { FieldError } from './field-error.js';
import { child, invalid, required } from './field-error.js';
import { dns1123SubdomainErrors, portNumberErrors } from './names.js';

export interface WebhookService {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly path?: string | undefined;
  readonly port?: number | undefined;
}

export interface WebhookTarget {
  readonly url?: string | undefined;
  readonly service?: WebhookService | undefined;
}

const form = '; desired format: https://host[/path]';

/** Go's reading of a URL, as far as it matters here: the URL class fills in what the text leaves out. */
function validateUrl(text: string, field: string): FieldError[] {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1] ?? '';
  const authority = /^(?:[^:/?#]+:)?\/\/([^/?#]*)/.exec(text)?.[1] ?? '';
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const errors: FieldError[] = [];
  if (scheme !== '' && host !== '' && !URL.canParse(text)) {
    const why = `parse ${JSON.stringify(text)}: invalid URL`;
    return [required(field, `url must be a valid URL: ${why}${form}`)];
  }
  if (scheme !== 'https') {
    errors.push(invalid(field, scheme, `'https' is the only allowed URL scheme${form}`));
  }
  if (host === '') errors.push(invalid(field, host, `host must be specified${form}`));
  if (authority.includes('@')) {
    const user = authority.slice(0, authority.lastIndexOf('@'));
    errors.push(invalid(field, user, 'user information is not permitted in the URL'));
  }
  const fragment = text.split('#')[1] ?? '';
  if (fragment !== '') {
    errors.push(invalid(field, fragment, 'fragments are not permitted in the URL'));
  }
  const query = (text.split('#')[0] ?? '').split('?')[1] ?? '';
  if (query !== '') {
    errors.push(invalid(field, query, 'query parameters are not permitted in the URL'));
  }
  return errors;
}

function validatePath(path: string, field: string): FieldError[] {
  if (path === '' || path === '/') return [];
  if (path === '//') return [invalid(field, path, 'segment[0] may not be empty')];
  const errors = path.startsWith('/') ? [] : [invalid(field, path, "must start with a '/'")];
  const steps = path.slice(1).replace(/\/$/, '').split('/');
  for (const [position, step] of steps.entries()) {
    const name = `segment[${String(position)}]`;
    if (step === '') errors.push(invalid(field, path, `${name} may not be empty`));
    else {
      const details = dns1123SubdomainErrors(step);
      errors.push(...details.map((detail) => invalid(field, path, `${name}: ${detail}`)));
    }
  }
  return errors;
}

function validateService(service: WebhookService, field: string): FieldError[] {
  const { name = '', namespace = '', path, port = 443 } = service;
  const errors: FieldError[] = [];
  if (name === '') errors.push(required(child(field, 'name'), 'service name is required'));
  if (namespace === '') {
    errors.push(required(child(field, 'namespace'), 'service namespace is required'));
  }
  const details = portNumberErrors(port);
  if (details.length > 0) {
    const why = `port is not valid: ${details.join(',')}`;
    errors.push(invalid(child(field, 'port'), port, why));
  }
  if (path !== undefined) errors.push(...validatePath(path, child(field, 'path')));
  return errors;
}

/** Exactly one of URL and service, and that one right. */
export function validateWebhookTarget({ url, service }: WebhookTarget, field: string) {
  if ((url === undefined) === (service === undefined)) {
    return [required(field, 'exactly one of url or service is required')];
  }
  if (url !== undefined) return validateUrl(url, child(field, 'url'));
  return service === undefined ? [] : validateService(service, child(field, 'service'));
}
