/**
 * Signatures of bootstrap tokens over the ConfigMap `cluster-info`: JSON Web Signatures (RFC 7515) without their payload, by
 * which whoever holds a token knows that what they read is the cluster's own.
 */
import { createHmac } from 'node:crypto';

/** A token as far as it signs. */
export interface SigningToken {
  readonly id: string;
  readonly secret: string;
}

const base64url = (text: string): string => Buffer.from(text).toString('base64url');

/** `header..signature`, HS256 by the secret of the token; `kid` names the token. */
export function detachedSignature(payload: string, { id, secret }: SigningToken): string {
  const header = base64url(JSON.stringify({ alg: 'HS256', kid: id }));
  const mac = createHmac('sha256', secret).update(`${header}.${base64url(payload)}`);
  return `${header}..${mac.digest('base64url')}`;
}
