/** What is wrong with a bundle of trust anchors, in Kubernetes' words. Pure. */
import { X509Certificate } from 'node:crypto';
import type { FieldError } from '../validation/field-error.js';
import { invalid, tooLong } from '../validation/field-error.js';
import { byteLength } from '../validation/names.js';
import { maxTrustBundleBytes } from './limits.js';
import { pemBlockAt, type PemBlock } from './pem.js';

/** Refusals do not repeat the bundle, which may be long. */
const omitted = '<value omitted>';

function* blocksOf(pem: string): Generator<PemBlock> {
  for (let block = pemBlockAt(pem); block !== undefined; block = pemBlockAt(pem, block.end)) {
    yield block;
  }
}

function problemOf({ label, hasHeaders, der }: PemBlock): string | undefined {
  if (label !== 'CERTIFICATE') return `has bad block type: ${label}`;
  if (hasHeaders) return 'has PEM block headers';
  try {
    return new X509Certificate(der).ca ? undefined : 'does not have the CA bit set';
  } catch {
    return 'does not parse as X.509';
  }
}

/** Checks that a text is one or more certificates of authorities, each once. */
export function validateTrustBundle(pem: string, field: string): FieldError[] {
  if (byteLength(pem) > maxTrustBundleBytes) return [tooLong(field, maxTrustBundleBytes)];
  const blocks = [...blocksOf(pem)];
  const refuse = (detail: string): FieldError => invalid(field, omitted, detail);
  const malformed = blocks.flatMap((block, at) => {
    const problem = problemOf(block);
    return problem === undefined ? [] : [refuse(`entry ${String(at)} ${problem}`)];
  });
  if (malformed.length > 0) return malformed;
  if (blocks.length === 0) return [refuse('at least one trust anchor must be provided')];
  const positions = new Map<string, number[]>();
  blocks.forEach(({ der }, at) => {
    const text = der.toString('base64');
    positions.set(text, [...(positions.get(text) ?? []), at]);
  });
  return [...positions.values()]
    .filter((indices) => indices.length > 1)
    .map((indices) => refuse(`duplicate trust anchor (indices [${indices.join(' ')}])`));
}
