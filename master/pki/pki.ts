/**
 * Everything the master identifies itself and others with, kept below DATA_DIR/pki: the cluster's authority, the server's
 * certificate, client certificates of the administrator and of the master towards agents, the authority and the certificate by which
 * extension servers know the master, and the key service-account tokens are signed with. Made on first start; a certificate
 * close to its end, or that no longer names the machine, is made anew.
 *
 * Called by `master/open-api.ts`. Private keys are readable by their owner only.
 */
import { X509Certificate } from 'node:crypto';
import path from 'node:path';
import { mastersGroup } from '../../api/user-names.js';
import type { Clock } from '../../machinery/clock/clock.js';
import {
  type KeyPair,
  expiryMs,
  exportKey,
  generateKeys,
  publicKeyHash,
  renewalTimeMs,
} from '../../machinery/certificates/certificates.js';
import { kubeconfigText } from '../../machinery/certificates/kubeconfig-text.js';
import { readIfThere, writeSecret } from '../../machinery/files/secret-files.js';
import { CertificateAuthority, type LeafRequest, type SigningOrder } from './authority.js';

export interface PkiOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  /** Names and addresses clients reach the server by. */
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  /** The server's URL in the administrator's kubeconfig. */
  readonly serverUrl: string;
  /** How long the certificates are valid that the master issues to itself. */
  readonly lifetimeMs: number;
}

/**
 * The certificates the master has for itself: the API server's, the administrator's, the one it shows agents, and the one it shows
 * extension servers.
 */
export const ownCertificates = ['server', 'admin', 'agent-client', 'front-proxy-client'] as const;
export type OwnCertificate = (typeof ownCertificates)[number];

async function loadAuthority(
  folder: string,
  name: string,
  commonName: string,
  clock: Clock,
): Promise<CertificateAuthority> {
  const files = {
    certificate: path.join(folder, `${name}.crt`),
    key: path.join(folder, `${name}.key`),
  };
  const [certificatePem, keyPem] = await Promise.all([
    readIfThere(files.certificate),
    readIfThere(files.key),
  ]);
  if (certificatePem !== undefined && keyPem !== undefined) {
    return CertificateAuthority.load({ certificatePem, keyPem });
  }
  if (certificatePem !== undefined) {
    throw new Error(
      `${files.certificate} is there, but ${files.key} is not: restore it from a backup`,
    );
  }
  const authority = await CertificateAuthority.create(commonName, clock.now());
  // The key first: a certificate without its key would stop the next start.
  await writeSecret(files.key, authority.keyPem);
  await writeSecret(files.certificate, authority.certificatePem);
  return authority;
}

/** Whether a certificate is still to be used: of this authority, good for all names, and not to be renewed yet. */
function isCurrent(pair: KeyPair, request: LeafRequest, caPem: string, nowMs: number): boolean {
  const certificate = new X509Certificate(pair.certificatePem);
  return (
    renewalTimeMs(pair.certificatePem, 0) > nowMs &&
    certificate.verify(new X509Certificate(caPem).publicKey) &&
    (request.dnsNames ?? []).every((name) => certificate.checkHost(name) !== undefined) &&
    (request.ipAddresses ?? []).every((address) => certificate.checkIP(address) !== undefined)
  );
}

async function loadServiceAccountKey(file: string): Promise<string> {
  const existing = await readIfThere(file);
  if (existing !== undefined) return existing;
  const keyPem = await exportKey((await generateKeys()).privateKey);
  await writeSecret(file, keyPem);
  return keyPem;
}

interface Authorities {
  readonly cluster: CertificateAuthority;
  readonly frontProxy: CertificateAuthority;
}

export class Pki {
  /** `sha256:…` of the authority's public key, for joining agents. */
  readonly caHash: string;
  readonly caPem: string;
  /** The authority of what the master shows extension servers; it vouches for nobody else. */
  readonly frontProxyCaPem: string;
  /** PEM of the private key that signs service-account tokens. */
  readonly serviceAccountKeyPem: string;
  /** Where the administrator's kubeconfig was written. */
  readonly adminKubeconfig: string;
  private readonly options: PkiOptions;
  private readonly authorities: Authorities;
  private readonly pairs = new Map<OwnCertificate, KeyPair>();

  constructor(options: PkiOptions, authorities: Authorities, serviceAccountKeyPem: string) {
    this.options = options;
    this.authorities = authorities;
    this.caPem = authorities.cluster.certificatePem;
    this.frontProxyCaPem = authorities.frontProxy.certificatePem;
    this.caHash = publicKeyHash(this.caPem);
    this.serviceAccountKeyPem = serviceAccountKeyPem;
    this.adminKubeconfig = path.join(options.dataDir, 'admin.conf');
  }

  /** A certificate as it is now. */
  certificate(name: OwnCertificate): KeyPair {
    const pair = this.pairs.get(name);
    if (pair === undefined) throw new Error(`the certificate ${name} has not been loaded`);
    return pair;
  }

  /** Signs an approved request with the cluster's authority. */
  sign(order: SigningOrder): Promise<string> {
    return this.authorities.cluster.signRequest(order, this.options.clock.now());
  }

  /** Reads or makes every certificate; gives those that are new. */
  async refresh(): Promise<readonly OwnCertificate[]> {
    const renewed: OwnCertificate[] = [];
    for (const name of ownCertificates) if (await this.refreshOne(name)) renewed.push(name);
    if (renewed.includes('admin')) await this.writeKubeconfig();
    return renewed;
  }

  /** When the next certificate is due, in milliseconds since the epoch. */
  nextRenewalMs(): number {
    return Math.min(
      ...[...this.pairs.values()].map(({ certificatePem }) => renewalTimeMs(certificatePem, 0)),
    );
  }

  /** The authorities that end by a time, in milliseconds since the epoch. */
  authoritiesEndingBy(
    timeMs: number,
  ): readonly { readonly file: string; readonly endMs: number }[] {
    return [
      { file: 'pki/ca.crt', endMs: expiryMs(this.caPem) },
      { file: 'pki/front-proxy-ca.crt', endMs: expiryMs(this.frontProxyCaPem) },
    ].filter(({ endMs }) => endMs <= timeMs);
  }

  private requestFor(name: OwnCertificate): LeafRequest {
    const { dnsNames, ipAddresses, lifetimeMs } = this.options;
    const client = (commonName: string, ...organizations: readonly string[]): LeafRequest => ({
      commonName,
      organizations,
      usage: 'client',
      lifetimeMs,
    });
    switch (name) {
      case 'server':
        return { commonName: 'kube-apiserver', usage: 'server', dnsNames, ipAddresses, lifetimeMs };
      case 'admin':
        return client('kubernetes-admin', mastersGroup);
      case 'agent-client':
        return client('kube-apiserver-kubelet-client', mastersGroup);
      case 'front-proxy-client':
        return client('front-proxy-client');
    }
  }

  /** Whether the certificate is another one than before. */
  private async refreshOne(name: OwnCertificate): Promise<boolean> {
    const { dataDir, clock } = this.options;
    const { cluster, frontProxy } = this.authorities;
    const authority = name === 'front-proxy-client' ? frontProxy : cluster;
    const request = this.requestFor(name);
    const file = path.join(dataDir, 'pki', name);
    const known = this.pairs.get(name) ?? (await readPair(file));
    const isGood =
      known !== undefined && isCurrent(known, request, authority.certificatePem, clock.now());
    const pair = isGood ? known : await authority.issue(request, clock.now());
    if (!isGood) {
      await writeSecret(`${file}.key`, pair.keyPem);
      await writeSecret(`${file}.crt`, pair.certificatePem);
    }
    const changed = this.pairs.get(name) !== pair;
    this.pairs.set(name, pair);
    return changed;
  }

  private writeKubeconfig(): Promise<void> {
    const { serverUrl } = this.options;
    const { caPem } = this;
    const text = kubeconfigText({
      serverUrl,
      caPem,
      userName: 'kubernetes-admin',
      ...this.certificate('admin'),
    });
    return writeSecret(this.adminKubeconfig, text);
  }
}

async function readPair(file: string): Promise<KeyPair | undefined> {
  const [certificatePem, keyPem] = await Promise.all([
    readIfThere(`${file}.crt`),
    readIfThere(`${file}.key`),
  ]);
  return certificatePem === undefined || keyPem === undefined
    ? undefined
    : { certificatePem, keyPem };
}

/** Reads what is there and makes what is missing or due. */
export async function openPki(options: PkiOptions): Promise<Pki> {
  const { dataDir, clock } = options;
  const folder = path.join(dataDir, 'pki');
  const cluster = await loadAuthority(folder, 'ca', 'pintle-ca', clock);
  const frontProxy = await loadAuthority(folder, 'front-proxy-ca', 'front-proxy-ca', clock);
  const serviceAccountKeyPem = await loadServiceAccountKey(
    path.join(folder, 'service-account.key'),
  );
  const pki = new Pki(options, { cluster, frontProxy }, serviceAccountKeyPem);
  await pki.refresh();
  return pki;
}
