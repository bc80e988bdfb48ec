import { errorText } from './error-text.js';

interface SystemError extends Error {
  readonly code?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
}

const connectFailures: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ETIMEDOUT: 'connection timed out',
};

const unknownAuthority = 'x509: certificate signed by unknown authority';
const certificateFailures: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  CERT_HAS_EXPIRED: 'x509: certificate has expired or is not yet valid',
};

function dialled({ address, port }: SystemError): string {
  if (address === undefined || port === undefined) return 'dial tcp';
  return `dial tcp ${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** What went wrong with a connection, in the words of Go's network library, which users of Kubernetes know and search for. */
export function connectionErrorText(error: unknown): string {
  if (!(error instanceof Error)) return errorText(error);
  const failure: SystemError = error;
  const { code = '', message } = failure;
  const connect = connectFailures[code];
  if (connect !== undefined) return `${dialled(failure)}: connect: ${connect}`;
  const certificate = certificateFailures[code];
  if (certificate !== undefined) return `tls: failed to verify certificate: ${certificate}`;
  switch (code) {
    case 'ENOTFOUND':
      return `dial tcp: lookup ${failure.hostname ?? ''}: no such host`;
    case 'ECONNRESET':
      return 'EOF';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `tls: failed to verify certificate: x509: ${message}`;
    default:
      return message;
  }
}
