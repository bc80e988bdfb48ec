/** What is wrong with the PEM certificates that a signer put into a CertificateSigningRequest. Pure. */
import { X509Certificate } from 'node:crypto';
import { pemBlockAt } from './pem.js';

const label = 'CERTIFICATE';

/** Undefined for one or more certificates and nothing else; text around the blocks does not matter. */
export function certificateProblem(pem: string): string | undefined {
  let from = 0;
  for (let block = pemBlockAt(pem); block !== undefined; block = pemBlockAt(pem, from)) {
    from = block.end;
    if (block.label !== label) {
      return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(block.label)}`;
    }
    if (block.hasHeaders) return 'no PEM block headers are permitted';
    try {
      new X509Certificate(block.der);
    } catch {
      return 'x509: malformed certificate';
    }
  }
  return from === 0 ? 'must contain one or more PEM blocks' : undefined;
}
