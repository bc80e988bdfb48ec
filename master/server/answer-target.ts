/** One request's way out, and what every answer written to it has in common: headers, indentation, compression. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { stringify } from 'yaml';
import type { Clock } from '../../machinery/clock/clock.js';
import { acceptsGzip, compress } from './compression.js';
import { cutWarningChars, gzipLevel, maxWarningChars, minGzipBytes } from './limits.js';
import { contentTypes } from './negotiation.js';
import type { Accepted } from './negotiation.js';

export interface AnswerTarget {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly accepted: Accepted;
  readonly query: URLSearchParams;
  readonly warnings: readonly string[];
  readonly clock: Clock;
}

export type Headers = Record<string, string | string[]>;

/** Quotes a warning as the `Warning` header of RFC 7234 wants it. */
const warningHeader = (text: string): string =>
  `299 - ${JSON.stringify(text.replace(/[^\x20-\x7e]/g, '?'))}`;

/** Each warning once. Where they are too long together they are cut, and the last ones left out. */
function boundedWarnings(warnings: readonly string[]): readonly string[] {
  const different = [...new Set(warnings)];
  const total = different.reduce((sum, text) => sum + text.length, 0);
  if (total <= maxWarningChars) return different;
  return different
    .map((text) => text.slice(0, cutWarningChars))
    .slice(0, maxWarningChars / cutWarningChars);
}

/** The headers every answer begins with. */
export function headersOf(target: AnswerTarget, contentType: string): Headers {
  const headers: Headers = { 'Content-Type': contentType, 'Cache-Control': 'no-cache, private' };
  if (target.warnings.length > 0) {
    headers.Warning = boundedWarnings(target.warnings).map(warningHeader);
  }
  return headers;
}

/** Marks the answer as compressed. */
export function announceGzip(headers: Headers): void {
  headers['Content-Encoding'] = 'gzip';
  headers.Vary = 'Accept-Encoding';
}

/** Whether JSON is to be indented: asked for, or a person looks at it with curl or a browser. */
export function isPretty({ query, request, accepted }: AnswerTarget): boolean {
  const asked = query.size === 0 ? null : query.get('pretty');
  if (asked !== null) return asked !== 'false' && asked !== '0';
  return (
    accepted.pretty || /^(?:curl|Wget|Mozilla\/5\.0)/.test(request.headers['user-agent'] ?? '')
  );
}

/** Sends bytes as the whole answer, compressed where it pays. */
export async function sendBytes(
  target: AnswerTarget,
  status: number,
  contentType: string,
  bytes: Buffer,
): Promise<void> {
  const headers = headersOf(target, contentType);
  let body = bytes;
  if (bytes.length >= minGzipBytes && acceptsGzip(target.request)) {
    body = await compress(bytes, { level: gzipLevel });
    announceGzip(headers);
  }
  headers['Content-Length'] = String(body.length);
  target.response.writeHead(status, headers);
  target.response.end(body);
}

/**
 * A value as YAML. What occurs twice is written twice: readers of the API know no anchors. They read YAML 1.1, where a plain `yes`
 * is no text, and neither is a date.
 */
export const yamlOf = (value: unknown): string =>
  stringify(value, { aliasDuplicateObjects: false, version: '1.1' });

/** Sends a JSON value as JSON or YAML; protobuf is only made of what has a declaration. */
export function sendValue(target: AnswerTarget, status: number, value: unknown): Promise<void> {
  if (target.accepted.format === 'yaml') {
    return sendBytes(target, status, contentTypes.yaml, Buffer.from(yamlOf(value)));
  }
  const text = isPretty(target) ? JSON.stringify(value, null, 2) : JSON.stringify(value);
  return sendBytes(target, status, contentTypes.json, Buffer.from(`${text}\n`));
}

/** Resolves when the sink takes more, or the client is gone. */
export const drained = (sink: Writable, response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const settle = (): void => {
      sink.off('drain', settle);
      response.off('close', settle);
      resolve();
    };
    sink.on('drain', settle);
    response.on('close', settle);
    if (response.destroyed) settle();
  });
