/**
 * The way from the API to the agent of a node: logs as streaming HTTP, commands and ports by handing the upgraded connection
 * through byte for byte. The agent sees the master's client certificate; the user was authorised before.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import type { PeerCertificate } from 'node:tls';
import { pipeline } from 'node:stream/promises';
import { serviceUnavailable } from '../../api/meta/status-error.js';
import type { AgentConnection } from './api-request.js';
import { agentConnectTimeoutMs } from './limits.js';

export interface AgentProxyOptions {
  readonly caPem: string;
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** Headers that speak of one connection only, or of the user's credentials. */
const ownHeaders = new Set([
  'authorization',
  'host',
  'cookie',
  'transfer-encoding',
  'content-length',
]);

function forwardedHeaders(
  request: IncomingMessage,
  keep: (name: string) => boolean,
): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    const internal = ownHeaders.has(name) || name.startsWith('impersonate-');
    if (value !== undefined && !internal && keep(name)) headers[name] = value;
  }
  return headers;
}

function checkNode({ subject }: PeerCertificate, nodeName: string): Error | undefined {
  const expected = `system:node:${nodeName}`;
  return (subject as { CN?: unknown }).CN === expected
    ? undefined
    : new Error(`the agent's certificate is not of ${expected}`);
}

const isBrokenOff = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'ERR_STREAM_PREMATURE_CLOSE' || error.code === 'ECONNRESET');

const agentFor = ({ caPem, certificatePem, keyPem }: AgentProxyOptions): Agent =>
  new Agent({ ca: caPem, cert: certificatePem, key: keyPem, keepAlive: false });

export class AgentProxy {
  private agent: Agent;

  constructor(options: AgentProxyOptions) {
    this.agent = agentFor(options);
  }

  /** Shows a renewed certificate from the next connection on. */
  renew(options: AgentProxyOptions): void {
    this.agent = agentFor(options);
  }

  /** Opens a request to the agent; rejects with a 503 when it cannot be reached. */
  open(connection: AgentConnection, method: string, headers: Record<string, string | string[]>) {
    const outgoing = httpsRequest({
      agent: this.agent,
      host: connection.host,
      port: connection.port,
      path: connection.path,
      method,
      headers,
      timeout: agentConnectTimeoutMs,
      // Nodes are reached by address; what counts is that the certificate is of this very node.
      checkServerIdentity: (_host, certificate) => checkNode(certificate, connection.nodeName),
    });
    outgoing.on('timeout', () => {
      if (outgoing.socket?.connecting !== false) outgoing.destroy(new Error('connect timeout'));
    });
    return outgoing;
  }

  /** Answers with what the agent answers, as it comes. */
  async forward(
    connection: AgentConnection,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const headers = forwardedHeaders(request, (name) => name !== 'connection');
    const outgoing = this.open(connection, request.method ?? 'GET', headers);
    response.once('close', () => outgoing.destroy());
    outgoing.end();
    const [answer] = (await once(outgoing, 'response').catch((error: unknown) => {
      throw unreachable(connection, error);
    })) as [IncomingMessage];
    response.writeHead(answer.statusCode ?? 502, {
      'Content-Type': answer.headers['content-type'] ?? 'text/plain',
      'Cache-Control': 'no-cache, private',
    });
    response.flushHeaders();
    try {
      await pipeline(answer, response);
    } catch (error) {
      if (!isBrokenOff(error)) throw error;
    }
  }
}

const unreachable = (connection: AgentConnection, error: unknown): Error => {
  const why = error instanceof Error ? error.message : String(error);
  return serviceUnavailable(
    `the agent of the node at ${connection.host}:${String(connection.port)} cannot be reached: ${why}`,
    error,
  );
};

interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

function answerHead(answer: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${String(answer.statusCode ?? 502)} ${answer.statusMessage ?? ''}`];
  for (let at = 0; at + 1 < answer.rawHeaders.length; at += 2) {
    lines.push(`${answer.rawHeaders[at] ?? ''}: ${answer.rawHeaders[at + 1] ?? ''}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Hands an upgrade request to the agent and joins the two connections once the agent has agreed. */
export async function connectToAgent(
  proxy: AgentProxy,
  connection: AgentConnection,
  { request, socket, head }: Upgrade,
): Promise<void> {
  const outgoing = proxy.open(
    connection,
    request.method ?? 'GET',
    forwardedHeaders(request, () => true),
  );
  socket.once('close', () => outgoing.destroy());
  outgoing.end();
  await new Promise<void>((resolve, reject) => {
    outgoing.once('error', (error) => {
      reject(unreachable(connection, error));
    });
    outgoing.once('response', (answer: IncomingMessage) => {
      // The agent refused: its answer is the client's.
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
      const end = (): void => {
        socket.destroy();
        upstream.destroy();
        resolve();
      };
      socket.once('close', end);
      socket.once('error', end);
      upstream.once('close', end);
      upstream.once('error', end);
      socket.pipe(upstream);
      upstream.pipe(socket);
    });
  });
}
