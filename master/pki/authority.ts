/**
 * The cluster's certificate authority: makes itself on first start and signs what the cluster's members identify themselves with.
 * Keys are ECDSA P-256.
 *
 * Called by `pki.ts`. Must never write a private key readable by anybody but its owner.
 */
import type { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import {
  type KeyPair,
  exportKey,
  generateKeys,
  importKey,
  keyAlgorithm,
  subjectName,
} from '../../machinery/certificates/certificates.js';

const dayMs = 24 * 60 * 60 * 1000;

/** Certificates start this long before they are made, for clocks that disagree. */
const backdateMs = 5 * 60 * 1000;

/** How long the authority and what it signs are valid. */
export const lifetimesMs = { authority: 3650 * dayMs, leaf: 365 * dayMs } as const;

/** Who a certificate names, and what for. */
export interface LeafRequest {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  readonly usage: 'client' | 'server' | 'both';
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
}

const serverAuth = x509.ExtendedKeyUsage.serverAuth;
const clientAuth = x509.ExtendedKeyUsage.clientAuth;
const usages = { client: [clientAuth], server: [serverAuth], both: [serverAuth, clientAuth] };

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
      notBefore: new Date(nowMs - backdateMs),
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

  private async sign(
    request: LeafRequest,
    publicKey: webcrypto.CryptoKey | x509.PublicKey,
    nowMs: number,
  ): Promise<string> {
    const names: x509.JsonGeneralNames = [
      ...(request.dnsNames ?? []).map((value) => ({ type: 'dns' as const, value })),
      ...(request.ipAddresses ?? []).map((value) => ({ type: 'ip' as const, value })),
    ];
    const certificate = await x509.X509CertificateGenerator.create({
      subject: subjectName(request.commonName, request.organizations ?? []),
      issuer: this.certificate.subject,
      notBefore: new Date(nowMs - backdateMs),
      notAfter: new Date(Math.min(nowMs + lifetimesMs.leaf, this.certificate.notAfter.getTime())),
      signingKey: this.key,
      publicKey,
      signingAlgorithm: keyAlgorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension(usages[request.usage]),
        await x509.AuthorityKeyIdentifierExtension.create(this.certificate.publicKey),
        ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
      ],
    });
    return certificate.toString('pem');
  }

  /** A new key and a certificate for it. */
  async issue(request: LeafRequest, nowMs: number): Promise<KeyPair> {
    const keys = await generateKeys();
    const certificatePem = await this.sign(request, keys.publicKey, nowMs);
    return { certificatePem, keyPem: await exportKey(keys.privateKey) };
  }

  /**
   * A certificate for the key of a PEM certificate signing request. Only its key and proof of possession are used: what the
   * certificate says is the caller's decision. Throws when the request is malformed or its signature wrong.
   */
  async signRequest(requestPem: string, request: LeafRequest, nowMs: number): Promise<string> {
    const csr = new x509.Pkcs10CertificateRequest(requestPem);
    if (!(await csr.verify())) throw new Error('the signature of the certificate request is wrong');
    return this.sign(request, csr.publicKey, nowMs);
  }
}
