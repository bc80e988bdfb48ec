/** The client certificate of a connection: read once, and believed no longer than it is valid. */
import { X509Certificate } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { ClientCertificate, Credentials } from '../authn/authenticator.js';

type CertificateOf = Credentials['certificate'] | 'unverified';

interface ConnectionCertificate {
  readonly certificate: CertificateOf;
  /** Milliseconds since the epoch. */
  readonly untilMs: number;
}

/** Whose certificates are believed; PEM, one or several. */
export interface ClientAuthorities {
  /** Those of users. */
  readonly caPem: string;
  /** Those of proxies that tell of users. */
  readonly requestHeaderCaPem?: string | undefined;
}

const pemBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

const fingerprintsOf = (pem = ''): ReadonlySet<string> =>
  new Set((pem.match(pemBlock) ?? []).map((block) => new X509Certificate(block).fingerprint256));

/** A connection's certificate does not change, so it is read once; but it may end while the connection lasts. */
export class ConnectionCertificates {
  private readonly known = new WeakMap<Duplex, ConnectionCertificate>();
  private readonly ofUsers: ReadonlySet<string>;
  private readonly ofProxies: ReadonlySet<string>;

  constructor({ caPem, requestHeaderCaPem }: ClientAuthorities) {
    this.ofUsers = fingerprintsOf(caPem);
    this.ofProxies = fingerprintsOf(requestHeaderCaPem);
  }

  of(socket: Duplex, nowMs: number): CertificateOf {
    let known = this.known.get(socket);
    if (known === undefined) {
      // The server speaks nothing but TLS.
      known = this.read(socket as unknown as VerifiedConnection);
      this.known.set(socket, known);
    }
    return nowMs > known.untilMs ? 'unverified' : known.certificate;
  }

  private read(socket: VerifiedConnection): ConnectionCertificate {
    // Node gives an empty object where the client sent no certificate, and null on a closed socket.
    const shown = socket.getPeerCertificate(true);
    const subject = shown?.subject;
    if (subject === undefined) return { certificate: undefined, untilMs: Infinity };
    const authority = socket.authorized ? this.authorityOf(shown) : undefined;
    if (authority === undefined) return { certificate: 'unverified', untilMs: Infinity };
    const commonName = asList(subject.CN).at(-1) ?? '';
    const fingerprint = shown?.fingerprint256?.replaceAll(':', '').toLowerCase();
    return {
      certificate: { commonName, organizations: asList(subject.O), fingerprint, authority },
      untilMs: Date.parse(shown?.valid_to ?? ''),
    };
  }

  /** Whose authority signed it, itself or through others; undefined for one that only the chain shown knows. */
  private authorityOf(shown: ShownCertificate | null): ClientCertificate['authority'] {
    const chain = fingerprintsUp(shown);
    const isUsers = chain.some((fingerprint) => this.ofUsers.has(fingerprint));
    const isProxys = chain.some((fingerprint) => this.ofProxies.has(fingerprint));
    if (isUsers && isProxys) return 'both';
    if (isUsers) return 'users';
    return isProxys ? 'proxies' : undefined;
  }
}

interface ShownCertificate {
  readonly subject?: { readonly CN?: string | string[]; readonly O?: string | string[] };
  readonly valid_to?: string;
  readonly fingerprint256?: string;
  /** The root's is the root itself. */
  readonly issuerCertificate?: ShownCertificate;
}

/** What is read of a TLS connection. */
interface VerifiedConnection {
  readonly authorized: boolean;
  readonly getPeerCertificate: (detailed: true) => ShownCertificate | null;
}

/** The fingerprints of a certificate's issuers up to the root; TLS has checked each signature. */
function fingerprintsUp(shown: ShownCertificate | null): readonly string[] {
  const seen = new Set<ShownCertificate>();
  let issuer = shown?.issuerCertificate;
  while (issuer !== undefined && !seen.has(issuer)) {
    seen.add(issuer);
    issuer = issuer.issuerCertificate;
  }
  return [...seen].map(({ fingerprint256 = '' }) => fingerprint256);
}

const asList = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;
