/** Requests as they go over the wire, with any method, headers and body. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest, type Agent } from 'node:https';
import type { ServerConnection } from '../../machinery/client/https-transport.js';

export interface OutgoingRequest {
  readonly method?: string;
  /** Sent as it is when it is text or bytes, else as JSON. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** `false` for a connection of its own. */
  readonly agent: Agent | false;
}

/** The longest line that a watch is read by. */
export const longestLineBytes = 16 * 1024 * 1024;

function contentOf(body: unknown): string | Uint8Array | undefined {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array || body === undefined;
  return isRaw ? body : JSON.stringify(body);
}

/** Resolves when the answer begins, whatever its code. */
export async function openAnswer(
  { serverUrl, caPem, certificatePem, keyPem }: ServerConnection,
  path: string,
  options: OutgoingRequest,
): Promise<IncomingMessage> {
  const { method = 'GET', contentType = 'application/json', headers, signal, agent } = options;
  const content = contentOf(options.body);
  const outgoing = httpsRequest(new URL(path, serverUrl), {
    agent,
    method,
    ca: caPem,
    cert: certificatePem,
    key: keyPem,
    headers: {
      accept: 'application/json',
      // Node frames no body of a DELETE by itself.
      ...(content === undefined
        ? {}
        : { 'content-type': contentType, 'content-length': Buffer.byteLength(content) }),
      ...headers,
    },
    ...(signal === undefined ? {} : { signal }),
  });
  outgoing.end(content);
  const [message] = (await once(outgoing, 'response')) as [IncomingMessage];
  return message;
}
