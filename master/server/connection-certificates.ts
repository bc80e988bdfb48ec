/** The client certificate of a connection: read once, and believed no longer than it is valid. */
import type { Duplex } from 'node:stream';
import type { Credentials } from '../authn/authenticator.js';

type CertificateOf = Credentials['certificate'] | 'unverified';

interface ConnectionCertificate {
  readonly certificate: CertificateOf;
  /** Milliseconds since the epoch. */
  readonly untilMs: number;
}

/** A connection's certificate does not change, so it is read once; but it may end while the connection lasts. */
export class ConnectionCertificates {
  private readonly known = new WeakMap<Duplex, ConnectionCertificate>();

  of(socket: Duplex, nowMs: number): CertificateOf {
    let known = this.known.get(socket);
    if (known === undefined) {
      // The server speaks nothing but TLS.
      known = readCertificate(socket as unknown as VerifiedConnection);
      this.known.set(socket, known);
    }
    return nowMs > known.untilMs ? 'unverified' : known.certificate;
  }
}

/** What is read of a TLS connection. */
interface VerifiedConnection {
  readonly authorized: boolean;
  readonly getPeerCertificate: () => {
    readonly subject?: { readonly CN?: string | string[]; readonly O?: string | string[] };
    readonly valid_to?: string;
    readonly fingerprint256?: string;
  } | null;
}

const asList = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

function readCertificate(socket: VerifiedConnection): ConnectionCertificate {
  // Node gives an empty object where the client sent no certificate, and null on a closed socket.
  const shown = socket.getPeerCertificate();
  const subject = shown?.subject;
  if (subject === undefined) return { certificate: undefined, untilMs: Infinity };
  if (!socket.authorized) return { certificate: 'unverified', untilMs: Infinity };
  const commonName = asList(subject.CN).at(-1) ?? '';
  const fingerprint = shown?.fingerprint256?.replaceAll(':', '').toLowerCase();
  return {
    certificate: { commonName, organizations: asList(subject.O), fingerprint },
    untilMs: Date.parse(shown?.valid_to ?? ''),
  };
}
