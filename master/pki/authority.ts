/**
 * The cluster's certificate authority: makes itself on first start and signs what the cluster's members identify themselves with.
 * Keys are ECDSA P-256.
 *
 * Called by `pki.ts`. Must never write a private key readable by anybody but its owner.
 */
import type { webcrypto } from 'node:crypto';
// @peculiar/x509 resolves its parts through decorators, which need this first.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import {
  alternativeNames,
  type KeyPair,
  exportKey,
  generateKeys,
  importKey,
  keyAlgorithm,
  subjectName,
} from '../../machinery/certificates/certificates.js';

const dayMs = 24 * 60 * 60 * 1000;

/** Certificates start this long before they are made, for clocks that disagree. */
const longestBackdateMs = 5 * 60 * 1000;

/** Those that live for minutes start less long before, so that most of their life is ahead of them. */
const backdateOf = (lifetimeMs: number): number => Math.min(longestBackdateMs, lifetimeMs / 20);

/** How long the authority is valid, and what it signs where nobody says otherwise. */
export const lifetimesMs = { authority: 3650 * dayMs, leaf: 365 * dayMs } as const;

/** Who a certificate names, and what for. */
export interface LeafRequest {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  readonly usage: 'client' | 'server';
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly lifetimeMs: number;
}

/** What is signed for somebody else: subject, names and key of their request, for these usages. */
export interface SigningOrder {
  readonly requestPem: string;
  /** In the words of CertificateSigningRequests. */
  readonly usages: readonly string[];
  readonly lifetimeMs: number;
}

const extendedUsages: Readonly<Record<string, string>> = {
  'server auth': x509.ExtendedKeyUsage.serverAuth,
  'client auth': x509.ExtendedKeyUsage.clientAuth,
};

const usagesOf = { client: ['client auth'], server: ['server auth'] } as const;

interface LeafOrder {
  readonly subject: x509.JsonName | x509.Name;
  readonly names: readonly x509.Extension[];
  readonly publicKey: webcrypto.CryptoKey | x509.PublicKey;
  readonly usages: readonly string[];
  readonly lifetimeMs: number;
}

function keyUsagesOf(usages: readonly string[]): x509.KeyUsagesExtension {
  const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags;
  return usages.includes('key encipherment')
    ? new x509.KeyUsagesExtension(digitalSignature | keyEncipherment, true)
    : new x509.KeyUsagesExtension(digitalSignature, true);
}

export class CertificateAuthority {
  readonly certificatePem: string;
  readonly keyPem: string;
  private readonly certificate: x509.X509Certificate;
  private readonly key: webcrypto.CryptoKey;

  private constructor(pair: KeyPair, key: webcrypto.CryptoKey) {
    this.certificatePem = pair.certificatePem;
    this.keyPem = pair.keyPem;
    this.certificate = new x509.X509Certificate(pair.certificatePem);
    this.key = key;
  }

  static async load(pair: KeyPair): Promise<CertificateAuthority> {
    return new CertificateAuthority(pair, await importKey(pair.keyPem));
  }

  /** A new authority that signs for itself. */
  static async create(commonName: string, nowMs: number): Promise<CertificateAuthority> {
    const keys = await generateKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: [{ CN: [commonName] }],
      notBefore: new Date(nowMs - longestBackdateMs),
      notAfter: new Date(nowMs + lifetimesMs.authority),
      signingAlgorithm: keyAlgorithm,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyCertSign,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    const pair = {
      certificatePem: certificate.toString('pem'),
      keyPem: await exportKey(keys.privateKey),
    };
    return new CertificateAuthority(pair, keys.privateKey);
  }

  private async sign(order: LeafOrder, nowMs: number): Promise<string> {
    const { usages, lifetimeMs } = order;
    const untilMs = Math.min(nowMs + lifetimeMs, this.certificate.notAfter.getTime());
    const certificate = await x509.X509CertificateGenerator.create({
      subject: order.subject,
      issuer: this.certificate.subjectName,
      notBefore: new Date(nowMs - backdateOf(lifetimeMs)),
      notAfter: new Date(untilMs),
      signingKey: this.key,
      publicKey: order.publicKey,
      signingAlgorithm: keyAlgorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        keyUsagesOf(usages),
        new x509.ExtendedKeyUsageExtension(usages.flatMap((usage) => extendedUsages[usage] ?? [])),
        await x509.AuthorityKeyIdentifierExtension.create(this.certificate.publicKey),
        ...order.names,
      ],
    });
    return certificate.toString('pem');
  }

  /** A new key and a certificate for it. */
  async issue(request: LeafRequest, nowMs: number): Promise<KeyPair> {
    const keys = await generateKeys();
    const order = {
      subject: subjectName(request.commonName, request.organizations ?? []),
      names: alternativeNames(request),
      publicKey: keys.publicKey,
      usages: usagesOf[request.usage],
      lifetimeMs: request.lifetimeMs,
    };
    const certificatePem = await this.sign(order, nowMs);
    return { certificatePem, keyPem: await exportKey(keys.privateKey) };
  }

  /**
   * A certificate for the subject, the alternative names and the key of a PEM certificate request: whether it may have them is
   * for the caller to have checked. Nothing else of the request is taken over; it never becomes an authority. Throws when the
   * request is malformed or its signature wrong.
   */
  async signRequest(order: SigningOrder, nowMs: number): Promise<string> {
    const request = new x509.Pkcs10CertificateRequest(order.requestPem);
    if (!(await request.verify())) {
      throw new Error('the signature of the certificate request is wrong');
    }
    const { usages, lifetimeMs } = order;
    const names = request.extensions.filter(
      (extension) => extension instanceof x509.SubjectAlternativeNameExtension,
    );
    const subject = request.subjectName;
    return this.sign({ subject, names, publicKey: request.publicKey, usages, lifetimeMs }, nowMs);
  }
}
