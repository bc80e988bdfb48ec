/** Documents that are made once and sent as they are, with the ETag by which clients ask whether they have changed. */
import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';

export interface Document {
  readonly bytes: Buffer;
  readonly etag: string;
}

/** Bytes with their ETag. */
export const documentOf = (bytes: Buffer): Document => ({
  bytes,
  etag: `"${createHash('sha512').update(bytes).digest('hex').slice(0, 128).toUpperCase()}"`,
});

/** A value as JSON. */
export const jsonDocument = (value: unknown): Document =>
  documentOf(Buffer.from(JSON.stringify(value)));

/** Sends a document, or that the client has it already. Headers are set past Express, which would add a character set. */
export function send(
  request: Request,
  response: Response,
  document: Document,
  contentType: string,
): void {
  response.setHeader('Content-Type', contentType);
  response.setHeader('ETag', document.etag);
  response.setHeader('Vary', 'Accept');
  response.setHeader('Cache-Control', 'no-cache, private');
  if (request.headers['if-none-match'] === document.etag) {
    response.status(304).end();
    return;
  }
  response.set('Content-Length', String(document.bytes.length));
  response.status(200).end(document.bytes);
}
