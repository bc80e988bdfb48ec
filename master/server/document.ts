/** Documents that are made once and sent as they are, with the ETag by which clients ask whether they have changed. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { acceptsGzip, compress } from './compression.js';
import { documentLifetimeSeconds, minGzipBytes } from './limits.js';

export interface Document {
  readonly bytes: Buffer;
  readonly etag: string;
  /** The bytes compressed; once, when first asked for. */
  readonly gzipped: () => Promise<Buffer>;
}

/** Bytes with their ETag. */
export function documentOf(bytes: Buffer): Document {
  let gzipped: Promise<Buffer> | undefined;
  return {
    bytes,
    etag: `"${createHash('sha512').update(bytes).digest('hex').slice(0, 128).toUpperCase()}"`,
    gzipped: () => (gzipped ??= compress(bytes)),
  };
}

/** A value as JSON. */
export const jsonDocument = (value: unknown): Document =>
  documentOf(Buffer.from(JSON.stringify(value)));

/** Digest of a document as it stands in the address of one that never changes. */
export const hashOf = ({ etag }: Document): string => etag.slice(1, -1);

/**
 * Sends a document, or that the client has it already. One whose address has its digest in it never changes, which clients are
 * told so that they need not ask again. Headers are set past Express, which would add a character set.
 */
export async function send(
  request: IncomingMessage,
  response: ServerResponse,
  document: Document,
  { contentType, immutable = false }: { contentType: string; immutable?: boolean },
): Promise<void> {
  response.setHeader('Content-Type', contentType);
  response.setHeader('ETag', document.etag);
  response.setHeader('Vary', 'Accept');
  response.setHeader(
    'Cache-Control',
    immutable
      ? `public, immutable, max-age=${String(documentLifetimeSeconds)}`
      : 'no-cache, private',
  );
  if (request.headers['if-none-match'] === document.etag) {
    response.writeHead(304).end();
    return;
  }
  let body = document.bytes;
  if (body.length >= minGzipBytes && acceptsGzip(request)) {
    body = await document.gzipped();
    response.setHeader('Content-Encoding', 'gzip');
    response.setHeader('Vary', 'Accept, Accept-Encoding');
  }
  response.writeHead(200, { 'Content-Length': String(body.length) }).end(body);
}
