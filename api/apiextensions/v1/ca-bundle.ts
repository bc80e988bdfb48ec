/** The certificates that a conversion webhook's own is checked against. */
import { X509Certificate } from 'node:crypto';
import { pemBlockAt } from '../../certificates/pem.js';
import { invalid } from '../../validation/field-error.js';
import type { FieldError } from '../../validation/field-error.js';
import type { CustomResourceDefinitionSpec } from './types.js';

function problemOf(pem: string): string | undefined {
  let certificates = 0;
  for (let block = pemBlockAt(pem); block !== undefined; block = pemBlockAt(pem, block.end)) {
    if (block.label !== 'CERTIFICATE' || block.hasHeaders) continue;
    try {
      new X509Certificate(block.der);
    } catch {
      return 'x509: malformed certificate';
    }
    certificates += 1;
  }
  return certificates === 0
    ? 'data does not contain any valid RSA or ECDSA certificates'
    : undefined;
}

/** What is wrong with the certificates a definition names; nothing where it names none. */
export function caBundleErrors({ conversion }: CustomResourceDefinitionSpec): FieldError[] {
  const bundle = conversion?.webhook?.clientConfig?.caBundle ?? '';
  if (conversion?.strategy !== 'Webhook' || bundle === '') return [];
  const problem = problemOf(Buffer.from(bundle, 'base64').toString('latin1'));
  const field = 'spec.conversion.webhookClientConfig.caBundle';
  return problem === undefined
    ? []
    : [invalid(field, bundle, `unable to load root certificates: ${problem}`)];
}
