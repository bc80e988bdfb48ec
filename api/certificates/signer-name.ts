/** What signers may be called. Called by the kinds that name one. */
import type { FieldError } from '../validation/field-error.js';
import { invalid, required, tooLong } from '../validation/field-error.js';
import { byteLength, dns1123LabelErrors, dns1123SubdomainErrors } from '../validation/names.js';
import { maxDomainBytes, maxSignerNameBytes } from './limits.js';

function validateDomain(field: string, domain: string): FieldError[] {
  const errors = byteLength(domain) > maxDomainBytes ? [tooLong(field, maxDomainBytes)] : [];
  const labels = domain.split('.');
  for (const label of labels) {
    for (const why of dns1123LabelErrors(label)) {
      errors.push(invalid(field, domain, `validating label ${JSON.stringify(label)}: ${why}`));
    }
  }
  if (labels.length < 2) {
    const why = 'should be a domain with at least two segments separated by dots';
    errors.push(invalid(field, domain, why));
  }
  return errors;
}

/** Checks the name of a signer, `domain/path`, which has to be there. */
export function validateSignerName(field: string, name: string): FieldError[] {
  if (name === '') return [required(field, 'signerName must be provided')];
  const segments = name.split('/');
  const [domain = '', path = ''] = segments;
  if (segments.length !== 2) {
    const why = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return [invalid(field, name, why)];
  }
  const errors = validateDomain(field, domain);
  for (const label of path.split('.')) {
    for (const why of dns1123SubdomainErrors(label)) {
      errors.push(invalid(field, path, `validating label ${JSON.stringify(label)}: ${why}`));
    }
  }
  if (byteLength(name) > maxSignerNameBytes) errors.push(tooLong(field, maxSignerNameBytes));
  return errors;
}
