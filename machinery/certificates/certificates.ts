/**
 * Keys, certificate requests and what can be read from a certificate: what master and agent both need to identify themselves.
 * Keys are ECDSA P-256; everything is PEM.
 */
import { createHash, createPrivateKey, webcrypto } from 'node:crypto';
// @peculiar/x509 resolves its parts through decorators, which need this first.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);

/** What every key is made with. */
export const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** A new pair of keys, which may be exported. */
export const generateKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);

/** PEM of a private key, in the form openssl and Go read. */
export async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key);
  return createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'sec1' })
    .toString();
}

/** The reverse of `exportKey`. */
export async function importKey(keyPem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(keyPem).export({ format: 'der', type: 'pkcs8' });
  return webcrypto.subtle.importKey('pkcs8', der, keyAlgorithm, true, ['sign']);
}

/** `sha256:` and the hex digest of the certificate's public key, as `--ca-hash` takes it (and kubeadm prints it). */
export function publicKeyHash(certificatePem: string): string {
  const { publicKey } = new x509.X509Certificate(certificatePem);
  return `sha256:${createHash('sha256').update(Buffer.from(publicKey.rawData)).digest('hex')}`;
}

/** From when until when a certificate is valid, in milliseconds since the epoch. */
function validityOf(certificatePem: string): {
  readonly fromMs: number;
  readonly untilMs: number;
} {
  const { notBefore, notAfter } = new x509.X509Certificate(certificatePem);
  return { fromMs: notBefore.getTime(), untilMs: notAfter.getTime() };
}

/** Milliseconds since the epoch at which a certificate ends. */
export const expiryMs = (certificatePem: string): number => validityOf(certificatePem).untilMs;

/** A certificate is renewed after this part of its life, so that there is time to try again. */
const renewAfter = 0.7;

/** Up to this part of its life later, so that what was issued together is not renewed together. */
const renewalSpread = 0.1;

/** When to renew a certificate, in milliseconds since the epoch; `fraction` in [0, 1) spreads it. */
export function renewalTimeMs(certificatePem: string, fraction: number): number {
  const { fromMs, untilMs } = validityOf(certificatePem);
  return fromMs + (untilMs - fromMs) * (renewAfter + renewalSpread * fraction);
}

/** The subject of a certificate: O for groups, CN for the name. */
export const subjectName = (
  commonName: string,
  organizations: readonly string[],
): x509.JsonName => [...organizations.map((name) => ({ O: [name] })), { CN: [commonName] }];

/** Who a certificate is asked for, and which names and addresses it should be good for. */
export interface SubjectRequest {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
}

/** The alternative names of a certificate or a request; none where there is nothing to name. */
export function alternativeNames({
  dnsNames = [],
  ipAddresses = [],
}: Pick<SubjectRequest, 'dnsNames' | 'ipAddresses'>): readonly x509.Extension[] {
  const names: x509.JsonGeneralNames = [
    ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ...ipAddresses.map((value) => ({ type: 'ip' as const, value })),
  ];
  return names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)];
}

/** A new private key and a certificate signing request for it, as an agent sends it. */
export async function createSigningRequest(
  subject: SubjectRequest,
): Promise<{ readonly requestPem: string; readonly keyPem: string }> {
  const keys = await generateKeys();
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subjectName(subject.commonName, subject.organizations),
    keys,
    signingAlgorithm: keyAlgorithm,
    extensions: [...alternativeNames(subject)],
  });
  return { requestPem: csr.toString('pem'), keyPem: await exportKey(keys.privateKey) };
}
