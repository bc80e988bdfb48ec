/** Reads PEM (RFC 7468): the labelled base64 blocks that certificates and requests travel in. */

export interface PemBlock {
  /** What the block holds, such as `CERTIFICATE`. */
  readonly label: string;
  readonly hasHeaders: boolean;
  readonly der: Buffer;
  /** Where the text goes on after the block. */
  readonly end: number;
}

const begin = '-----BEGIN ';
const dashes = '-----';

/** The first block at or after an offset; undefined when there is none that ends. Text around blocks is passed over. */
export function pemBlockAt(text: string, from = 0): PemBlock | undefined {
  const start = text.indexOf(begin, from);
  if (start < 0) return undefined;
  const labelEnd = text.indexOf(dashes, start + begin.length);
  if (labelEnd < 0) return undefined;
  const label = text.slice(start + begin.length, labelEnd);
  const bodyStart = labelEnd + dashes.length;
  const closing = `-----END ${label}-----`;
  const bodyEnd = text.indexOf(closing, bodyStart);
  if (bodyEnd < 0 || label.includes('\n')) return undefined;
  const body = text.slice(bodyStart, bodyEnd);
  const hasHeaders = body.includes(':');
  const encoded = hasHeaders ? body.slice(body.search(/\r?\n\r?\n/) + 1) : body;
  return {
    label,
    hasHeaders,
    der: Buffer.from(encoded, 'base64'),
    end: bodyEnd + closing.length,
  };
}
