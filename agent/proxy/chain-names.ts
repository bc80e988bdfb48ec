/** Chain names as kube-proxy computes them, so that runbooks and eyes find what they know. */
import { createHash } from 'node:crypto';

const base32Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let pending = 0;
  for (const byte of bytes) {
    pending = (pending << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += base32Alphabet.charAt((pending >>> bits) & 31);
    }
    pending &= (1 << bits) - 1;
  }
  return text;
}

const hashOf = (text: string): string =>
  base32(createHash('sha256').update(text).digest()).slice(0, 16);

/** The kinds of chain a service port has. */
export type ServiceChainKind = 'SVC' | 'SVL' | 'EXT' | 'FW';

/** `KUBE-SVC-…` and its siblings; `portName` is `namespace/name:port`. */
export const serviceChain = (kind: ServiceChainKind, portName: string, protocol: string): string =>
  `KUBE-${kind}-${hashOf(portName + protocol)}`;

/** `KUBE-SEP-…` of one endpoint, given as `address:port`. */
export const endpointChain = (portName: string, protocol: string, endpoint: string): string =>
  `KUBE-SEP-${hashOf(portName + protocol + endpoint)}`;

/** Whether a chain belongs to one service, so that it may be removed when no service wants it. */
export const isServiceChain = (chain: string): boolean =>
  /^KUBE-(?:SVC|SVL|EXT|FW|SEP)-[A-Z2-7]{16}$/.test(chain);
