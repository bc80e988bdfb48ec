/**
 * Certificate requests (PKCS #10, RFC 2986) as the API carries them: who asks to be called what, and whether they hold the
 * key. Pure; called by the validation of CertificateSigningRequests, by approvers and by signers.
 */
import { createPublicKey, verify } from 'node:crypto';
import {
  bitsOf,
  childrenOf,
  type DerElement,
  DerError,
  expectTag,
  identifierOf,
  onlyElement,
  tags,
  textOf,
} from './der.js';
import { pemBlockAt } from './pem.js';

/** What a certificate request says, apart from its key. */
export interface CertificateRequest {
  /** The last CN of the subject; empty when there is none. */
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly uris: readonly string[];
}

const oids = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  extensionRequest: '1.2.840.113549.1.9.14',
  subjectAltName: '2.5.29.17',
} as const;

/** How node:crypto names the digest of each signature algorithm; null where the algorithm brings its own. */
const digests: Readonly<Record<string, string | null>> = {
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.3.101.112': null,
};

interface RequestParts {
  readonly info: DerElement;
  /** The algorithm and the signature. */
  readonly rest: readonly DerElement[];
}

function partsOfDer(der: Buffer): RequestParts {
  const [info, ...rest] = childrenOf(expectTag(onlyElement(der), tags.sequence));
  return { info: expectTag(info, tags.sequence), rest };
}

/** The parts of the request in a PEM block; throws an Error that says what is wrong with it. */
function partsOf(pem: string): RequestParts {
  const block = pemBlockAt(pem);
  if (block?.label !== 'CERTIFICATE REQUEST') {
    throw new Error('PEM block type must be CERTIFICATE REQUEST');
  }
  return partsOfDer(block.der);
}

/** The attributes of a distinguished name, in order. */
function* attributesOf(
  name: DerElement,
): Generator<{ readonly oid: string; readonly text: string }> {
  for (const relative of childrenOf(name)) {
    for (const attribute of childrenOf(expectTag(relative, tags.set))) {
      const [oid, value] = childrenOf(expectTag(attribute, tags.sequence));
      if (value === undefined) throw new DerError('sequence truncated');
      const named = identifierOf(oid);
      if (named === oids.commonName || named === oids.organization) {
        yield { oid: named, text: textOf(value) };
      }
    }
  }
}

function addressText(content: Buffer): string {
  if (content.length === 4) return [...content].join('.');
  if (content.length !== 16) throw new DerError('cannot parse IP address');
  const groups = Array.from({ length: 8 }, (_, at) => content.readUInt16BE(at * 2).toString(16));
  return groups.join(':');
}

type Names = Pick<CertificateRequest, 'dnsNames' | 'emailAddresses' | 'ipAddresses' | 'uris'>;
const noNames: Names = { dnsNames: [], emailAddresses: [], ipAddresses: [], uris: [] };

function alternativeNames(extension: Buffer): Names {
  const names = childrenOf(expectTag(onlyElement(extension), tags.sequence));
  const tagged = (tag: number): readonly DerElement[] => names.filter((name) => name.tag === tag);
  const texts = (tag: number): readonly string[] =>
    tagged(tag).map(({ content }) => content.toString('ascii'));
  return {
    emailAddresses: texts(0x81),
    dnsNames: texts(0x82),
    uris: texts(0x86),
    ipAddresses: tagged(0x87).map(({ content }) => addressText(content)),
  };
}

/** The alternative names asked for among the attributes of a request. */
function namesIn(attributes: DerElement | undefined): Names {
  if (attributes?.tag !== 0xa0) return noNames;
  for (const attribute of childrenOf(attributes)) {
    const [oid, values] = childrenOf(expectTag(attribute, tags.sequence));
    if (identifierOf(oid) !== oids.extensionRequest) continue;
    const [extensions] = childrenOf(expectTag(values, tags.set));
    for (const extension of childrenOf(expectTag(extensions, tags.sequence))) {
      const [id, ...more] = childrenOf(expectTag(extension, tags.sequence));
      if (identifierOf(id) !== oids.subjectAltName) continue;
      return alternativeNames(expectTag(more.at(-1), tags.octetString).content);
    }
  }
  return noNames;
}

/** Reads a PEM certificate request without checking its signature. Throws an Error that says what is wrong with it. */
export function parseCertificateRequest(pem: string): CertificateRequest {
  const [, subject, , attributes] = childrenOf(partsOf(pem).info);
  const named = [...attributesOf(expectTag(subject, tags.sequence))];
  const texts = (wanted: string): readonly string[] =>
    named.filter(({ oid }) => oid === wanted).map(({ text }) => text);
  return {
    commonName: texts(oids.commonName).at(-1) ?? '',
    organizations: texts(oids.organization),
    ...namesIn(attributes),
  };
}

/** Throws an Error unless the PEM request is well-formed and was signed with the key it names. */
export function checkCertificateRequest(pem: string): void {
  const parts = partsOf(pem);
  parseCertificateRequest(pem);
  checkSignature(parts);
}

/** The public key that a DER request was signed with, as SPKI; throws an Error unless it was. */
export const keyOfSignedRequest = (der: Buffer): Buffer => checkSignature(partsOfDer(der));

/** Gives the key, as SPKI. */
function checkSignature({ info, rest }: RequestParts): Buffer {
  const [algorithm, signature] = rest;
  const [oid] = childrenOf(expectTag(algorithm, tags.sequence));
  const digest = digests[identifierOf(oid)];
  if (digest === undefined) {
    throw new Error('x509: cannot verify signature: algorithm unimplemented');
  }
  const [, , publicKey] = childrenOf(info);
  const spki = expectTag(publicKey, tags.sequence).raw;
  if (!isSignedWith({ digest, data: info.raw, spki, signature: bitsOf(signature) })) {
    throw new Error('x509: the signature of the request does not verify');
  }
  return spki;
}

function isSignedWith(options: {
  readonly digest: string | null;
  readonly data: Buffer;
  readonly spki: Buffer;
  readonly signature: Buffer;
}): boolean {
  const { digest, data, spki, signature } = options;
  try {
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    return verify(digest, data, key, signature);
  } catch {
    // Not a key, or not one of the kind the algorithm needs.
    return false;
  }
}
