/**
 * Hands a client's request on to another server and its answer back, byte for byte as they come: plain requests, streams, and
 * connections upgraded to another protocol. What speaks of one connection only, or of the client's credentials, stays here.
 *
 * Called by the HTTP server once the user was authorised.
 */
import { once } from 'node:events';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { failure, internalError } from '../../../api/meta/status-error.js';
import { withoutTokens } from '../../authn/web-socket-token.js';
import { joinConnections } from '../../../machinery/join-connections.js';

export type OutgoingHeaders = Record<string, string | string[]>;

/** Another server that answers a request. */
export interface Backend {
  /** Begins the request there; the caller ends it. */
  readonly open: (
    method: string,
    headers: OutgoingHeaders,
  ) => ClientRequest | Promise<ClientRequest>;
  /** The failure a client sees when the server cannot be reached. */
  readonly unreachable: (error: unknown) => Error;
  /** What is sent beside, or in place of, the client's own headers. */
  readonly headers?: OutgoingHeaders;
  /**
   * Where the server's own `Location` leads a client of ours. A server without it may not redirect: clients would go, with their
   * credentials, wherever somebody who has taken it over wants them to.
   */
  readonly rewriteLocation?: (location: string) => string;
}

/** An HTTP/1.1 request that asks for another protocol. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

const ofConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const ofClient = new Set(['authorization', 'host', 'cookie']);

const isCredential = (name: string): boolean =>
  ofClient.has(name) || name.startsWith('impersonate-') || name.startsWith('x-remote-');

/** Headers that speak of one connection only: some always do, others where its `Connection` says so (RFC 9110, 7.6.1). */
function isOfConnection({ headers }: IncomingMessage): (name: string) => boolean {
  const { connection } = headers;
  if (connection === undefined) return (name) => ofConnection.has(name);
  const named = new Set(connection.toLowerCase().split(/[\s,]+/));
  // It says where the body ends, whatever a client makes of it.
  named.delete('content-length');
  return (name) => ofConnection.has(name) || named.has(name);
}

/** The client's headers as the other server is to see them. */
function forwardedHeaders(
  request: IncomingMessage,
  backend: Backend,
  isUpgrade: boolean,
): OutgoingHeaders {
  const headers: OutgoingHeaders = {};
  const ofThis = isOfConnection(request);
  for (const [name, value] of Object.entries(request.headers)) {
    const isLocal = ofThis(name) && !(isUpgrade && name === 'upgrade');
    if (value !== undefined && !isLocal && !isCredential(name)) headers[name] = value;
  }
  const { 'sec-websocket-protocol': protocols } = headers;
  if (typeof protocols === 'string') {
    const shown = withoutTokens(protocols);
    if (shown === undefined) Reflect.deleteProperty(headers, 'sec-websocket-protocol');
    else headers['sec-websocket-protocol'] = shown;
  }
  const chain = [request.headers['x-forwarded-for'] ?? [], request.socket.remoteAddress ?? []];
  headers['x-forwarded-for'] = chain.flat().join(', ');
  if (isUpgrade) {
    headers.connection = 'Upgrade';
    // What follows is the other protocol's: none of it is sent as a body.
    Reflect.deleteProperty(headers, 'content-length');
  } else if (request.headers['transfer-encoding'] !== undefined) {
    // Node would send the body of a GET bare, and its receiver take it for the next request.
    headers['transfer-encoding'] = 'chunked';
  }
  return { ...headers, ...backend.headers };
}

const isBrokenOff = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'ERR_STREAM_PREMATURE_CLOSE' || error.code === 'ECONNRESET');

function answerHeaders(answer: IncomingMessage, backend: Backend): OutgoingHeaders {
  const headers: OutgoingHeaders = {};
  const ofThis = isOfConnection(answer);
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined && !ofThis(name)) headers[name] = value;
  }
  const { location } = headers;
  if (typeof location === 'string' && backend.rewriteLocation !== undefined) {
    headers.location = backend.rewriteLocation(location);
  }
  return headers;
}

const isRedirect = ({ statusCode = 0, headers }: IncomingMessage): boolean =>
  statusCode >= 300 && statusCode < 400 && headers.location !== undefined;

const forbiddenRedirect = (): Error =>
  failure({
    code: 502,
    reason: '',
    message: 'the backend attempted to redirect this request, which is not permitted',
  });

const mayHaveBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** Answers with what the other server answers. Rejects while nothing has been answered yet. */
export async function forwardRequest(
  backend: Backend,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const headers = forwardedHeaders(request, backend, false);
  const outgoing = await opened(backend, request.method ?? 'GET', headers);
  response.once('close', () => outgoing.destroy());
  const answered = once(outgoing, 'response');
  if (mayHaveBody(request)) request.pipe(outgoing);
  else outgoing.end();
  const [answer] = (await answered.catch((error: unknown) => {
    throw backend.unreachable(error);
  })) as [IncomingMessage];
  if (isRedirect(answer) && backend.rewriteLocation === undefined) {
    outgoing.destroy();
    throw forbiddenRedirect();
  }
  response.writeHead(answer.statusCode ?? 502, answerHeaders(answer, backend));
  response.flushHeaders();
  try {
    await pipeline(answer, response);
  } catch (error) {
    if (!isBrokenOff(error)) throw error;
  }
}

async function opened(
  backend: Backend,
  method: string,
  headers: OutgoingHeaders,
): Promise<ClientRequest> {
  try {
    return await backend.open(method, headers);
  } catch (error) {
    throw backend.unreachable(error);
  }
}

const switchingProtocols = 101;

/** The head of an answer to an upgrade. A refusal's body is what was in its chunks, and ends with the connection. */
function answerHead(answer: IncomingMessage): string {
  const { statusCode = 502, statusMessage = '', rawHeaders } = answer;
  const isRefusal = statusCode !== switchingProtocols;
  const lines = [`HTTP/1.1 ${String(statusCode)} ${statusMessage}`];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (isRefusal && ofConnection.has(name.toLowerCase())) continue;
    lines.push(`${name}: ${rawHeaders[at + 1] ?? ''}`);
  }
  if (isRefusal) lines.push('Connection: close');
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Hands an upgrade on and joins the two connections once the other server has agreed; its refusal is the client's answer. */
export async function forwardUpgrade(
  backend: Backend,
  { request, socket, head }: Upgrade,
): Promise<void> {
  const headers = forwardedHeaders(request, backend, true);
  const outgoing = await opened(backend, request.method ?? 'GET', headers);
  socket.once('close', () => outgoing.destroy());
  await new Promise<void>((resolve, reject) => {
    outgoing.once('error', (error) => {
      reject(backend.unreachable(error));
    });
    outgoing.once('response', (answer: IncomingMessage) => {
      const { statusCode = 502 } = answer;
      if (statusCode < 400) {
        outgoing.destroy();
        const why = `invalid upgrade response: status code ${String(statusCode)}`;
        reject(internalError(new Error(why)));
        return;
      }
      socket.write(answerHead(answer));
      pipeline(answer, socket).then(resolve, () => {
        socket.destroy();
        resolve();
      });
    });
    outgoing.once('upgrade', (answer: IncomingMessage, upstream: Duplex, upstreamHead: Buffer) => {
      socket.write(answerHead(answer));
      if (upstreamHead.length > 0) socket.write(upstreamHead);
      if (head.length > 0) upstream.write(head);
      void joinConnections(socket, upstream).then(resolve);
    });
    outgoing.end();
  });
}
