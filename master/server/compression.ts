/** Compression of answers, as every writer of them does it. */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** A whole answer compressed, off the main thread. */
export const compress = promisify(gzip);

/** Whether the client takes compressed answers. */
export const acceptsGzip = ({ headers }: IncomingMessage): boolean =>
  /\bgzip\b/.test([headers['accept-encoding'] ?? ''].flat().join());
