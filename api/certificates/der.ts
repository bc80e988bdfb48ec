/**
 * Reads DER (ITU-T X.690), as far as certificate requests need it: elements with their tag and content, object identifiers
 * and character strings. Throws DerError for whatever is malformed; never reads beyond the bytes it is given.
 */

/** The bytes are not DER of the shape expected. */
export class DerError extends Error {
  constructor(message: string) {
    super(`asn1: structure error: ${message}`);
    this.name = 'DerError';
  }
}

export interface DerElement {
  /** The identifier octet; tags beyond 30 are not used where this is. */
  readonly tag: number;
  readonly content: Buffer;
  /** The whole element with its identifier and length. */
  readonly raw: Buffer;
}

/** The universal tags that certificate requests are made of. */
export const tags = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  sequence: 0x30,
  set: 0x31,
} as const;

interface Length {
  readonly length: number;
  /** Where the content starts. */
  readonly start: number;
}

function lengthAt(bytes: Buffer, at: number): Length {
  const first = bytes[at];
  if (first === undefined) throw new DerError('truncated length');
  if (first < 0x80) return { length: first, start: at + 1 };
  const size = first & 0x7f;
  if (size === 0 || size > 4 || at + 1 + size > bytes.length) throw new DerError('invalid length');
  return { length: bytes.readUIntBE(at + 1, size), start: at + 1 + size };
}

/** The element that starts at an offset. */
function elementAt(bytes: Buffer, at = 0): DerElement {
  const tag = bytes[at];
  if (tag === undefined) throw new DerError('truncated element');
  const { length, start } = lengthAt(bytes, at + 1);
  if (start + length > bytes.length) throw new DerError('data truncated');
  const content = bytes.subarray(start, start + length);
  return { tag, content, raw: bytes.subarray(at, start + length) };
}

/** The one element that the bytes consist of. */
export function onlyElement(bytes: Buffer): DerElement {
  const element = elementAt(bytes);
  if (element.raw.length !== bytes.length) throw new DerError('trailing data');
  return element;
}

/** The elements that a constructed element's content consists of. */
export function childrenOf({ content }: DerElement): readonly DerElement[] {
  const children: DerElement[] = [];
  for (let at = 0; at < content.length;) {
    const element = elementAt(content, at);
    children.push(element);
    at += element.raw.length;
  }
  return children;
}

/** An element of the tag expected; throws for another one or none. */
export function expectTag(element: DerElement | undefined, tag: number): DerElement {
  if (element?.tag === tag) return element;
  throw new DerError(
    element === undefined
      ? 'sequence truncated'
      : `tags don't match (0x${tag.toString(16)} vs 0x${element.tag.toString(16)})`,
  );
}

/** An object identifier in its dotted form. */
export function identifierOf(element: DerElement | undefined): string {
  const { content } = expectTag(element, tags.objectIdentifier);
  const parts: number[] = [];
  let part = 0;
  for (const byte of content) {
    part = part * 128 + (byte & 0x7f);
    if (part > Number.MAX_SAFE_INTEGER / 128) throw new DerError('object identifier too large');
    if ((byte & 0x80) !== 0) continue;
    if (parts.length === 0) {
      const root = Math.min(Math.floor(part / 40), 2);
      parts.push(root, part - root * 40);
    } else parts.push(part);
    part = 0;
  }
  return parts.join('.');
}

/** The text of a character string of any of the types that names use. */
export function textOf({ tag, content }: DerElement): string {
  switch (tag) {
    case 0x0c: // UTF8String
      return content.toString('utf8');
    case 0x12: // NumericString
    case 0x13: // PrintableString
    case 0x16: // IA5String
      return content.toString('ascii');
    case 0x14: // T61String
      return content.toString('latin1');
    case 0x1e: // BMPString
      if (content.length % 2 !== 0) throw new DerError('odd-length BMP string');
      return Buffer.from(content).swap16().toString('utf16le');
    default:
      throw new DerError(`unknown string type 0x${tag.toString(16)}`);
  }
}

/** The bytes of a bit string that consists of whole bytes. */
export function bitsOf(element: DerElement | undefined): Buffer {
  const { content } = expectTag(element, tags.bitString);
  if (content[0] !== 0) throw new DerError('invalid padding bits in BIT STRING');
  return content.subarray(1);
}
