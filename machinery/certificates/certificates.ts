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

/** Milliseconds since the epoch at which a certificate ends. */
export const expiryMs = (certificatePem: string): number =>
  new x509.X509Certificate(certificatePem).notAfter.getTime();

/** The subject of a certificate: O for groups, CN for the name. */
export const subjectName = (
  commonName: string,
  organizations: readonly string[],
): x509.JsonName => [...organizations.map((name) => ({ O: [name] })), { CN: [commonName] }];

/** A new private key and a certificate signing request for it, as a joining agent sends it. */
export async function createSigningRequest(
  commonName: string,
  organizations: readonly string[],
): Promise<{ readonly requestPem: string; readonly keyPem: string }> {
  const keys = await generateKeys();
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subjectName(commonName, organizations),
    keys,
    signingAlgorithm: keyAlgorithm,
  });
  return { requestPem: csr.toString('pem'), keyPem: await exportKey(keys.privateKey) };
}
