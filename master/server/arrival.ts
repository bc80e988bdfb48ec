/** What a request from the network brings: its path, query and target, its body within bounds, and where it came from. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { badRequest, requestTooLarge } from '../../api/meta/status-error.js';
import { readYamlBody } from '../registry/yaml/reader.js';
import type { ApiBody } from './api-request.js';
import { maxBodyBytes } from './limits.js';
import { mediaTypeOf } from './negotiation.js';
import type { Arrival } from './request-gate.js';
import { resourceRequestOf } from './request-info.js';

const noQuery = new URLSearchParams();

/** Splits the URL and reads what it asks for. */
export function arrivalOf(request: IncomingMessage): Arrival {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? noQuery : new URLSearchParams(url.slice(mark + 1));
  return { path, query, target: resourceRequestOf(request.method ?? 'GET', path, query) };
}

/** Whether a client asks for a WebSocket. */
export const isWebSocket = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() === 'websocket' &&
  /(?:^|,)\s*upgrade\s*(?:,|$)/i.test(headers.connection ?? '');

/** The addresses a request came by: those that proxies tell of, then the connection's own. */
export function sourceIpsOf({ headers, socket }: IncomingMessage): readonly string[] {
  const told = [headers['x-forwarded-for'] ?? headers['x-real-ip'] ?? []].flat().join(',');
  const addresses = told.split(',').map((address) => address.trim());
  const own = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const known = addresses.filter((address) => isIP(address) !== 0);
  return known.at(-1) === own || isIP(own) === 0 ? known : [...known, own];
}

/** Reads a body within bounds, and what it says, where that takes other bounds of its own. */
export async function readBody(request: IncomingMessage): Promise<ApiBody> {
  const mediaType = mediaTypeOf(request.headers['content-type']);
  const bytes = await readBytes(request);
  if (!yamlMediaTypes.has(mediaType)) return { type: 'bytes', bytes, mediaType };
  return { type: 'bytes', bytes, mediaType, yaml: await readYamlBody(bytes) };
}

const yamlMediaTypes: ReadonlySet<string> = new Set([
  'application/yaml',
  'application/apply-patch+yaml',
]);

/** Reads a body within bounds. What is beyond them is read and dropped, so that the client hears the answer. */
function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBodyBytes) chunks.push(chunk);
      else reject(requestTooLarge(maxBodyBytes));
    });
    request.on('end', () => {
      const [only] = chunks;
      resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks));
    });
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(badRequest('the client broke off while sending the body'));
    });
  });
}
