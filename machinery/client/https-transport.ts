/**
 * The transport to an API server on another machine or in another process: HTTPS with kept-alive connections, the cluster's own
 * authority, and a client certificate or bearer token. Answers that are not 2xx become `StatusError`s; so do connections that
 * fail (`ServiceUnavailable`) or take too long (`Timeout`).
 */
import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { failure, serviceUnavailable, StatusError, timedOut } from '../../api/meta/status-error.js';
import type { KubeObject, Status } from '../../api/meta/v1/types.js';
import * as limits from './limits.js';
import { linesOf } from './line-framing.js';
import type { Transport, TransportRequest } from './transport.js';
import { parseAnswer } from './without-nulls.js';

/** How to reach a server and prove who one is. */
export interface ServerConnection {
  /** `https://HOST:PORT`. */
  readonly serverUrl: string;
  readonly caPem: string;
  readonly certificatePem?: string | undefined;
  readonly keyPem?: string | undefined;
  readonly token?: string | undefined;
}

/** A transport with connections of its own. */
export interface HttpsTransport extends Transport {
  /**
   * Makes all new connections as this client. Requests in flight are finished over the old ones; watches end, as if the
   * server had ended them, so that nothing lasts longer than the certificate it was opened with.
   */
  readonly renew: (connection: ServerConnection) => void;
  /** Closes kept connections and ends running requests. */
  readonly close: () => void;
}

function agentFor(connection: ServerConnection, maxSockets: number): Agent {
  const agent = new Agent({
    keepAlive: true,
    keepAliveMsecs: limits.keepAliveProbeMs,
    maxSockets,
    ca: connection.caPem,
    ...(connection.certificatePem === undefined ? {} : { cert: connection.certificatePem }),
    ...(connection.keyPem === undefined ? {} : { key: connection.keyPem }),
  });
  return agent;
}

/** Lets go of idle connections now, and of the others once their requests are done. */
function retire(agent: Agent): void {
  agent.on('free', (socket: Socket) => {
    socket.destroy();
  });
  for (const sockets of Object.values(agent.freeSockets)) {
    for (const socket of sockets ?? []) socket.destroy();
  }
}

async function readAll(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > limits.maxResponseBytes) {
      response.destroy();
      throw serviceUnavailable(
        `the answer is larger than ${String(limits.maxResponseBytes)} bytes`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The Status of an answer that is not 2xx, or one made up from its code and text. */
export function errorOfAnswer(code: number, body: Buffer): StatusError {
  const text = body.toString('utf8');
  try {
    const status = JSON.parse(text) as Partial<Status>;
    if (status.kind === 'Status') return new StatusError(status as Status);
  } catch {
    // Not JSON: a proxy's page or a plain text error.
  }
  const message =
    text.trim() === '' ? `the server answered with code ${String(code)}` : text.trim();
  return failure({ code, reason: '', message });
}

class HttpsConnection implements HttpsTransport {
  private connection: ServerConnection;
  private agent: Agent;
  /** Watches hold their connection for as long as they last, so they have their own, unbounded pool. */
  private watchAgent: Agent;
  private readonly watches = new Set<IncomingMessage>();
  private readonly program: string;

  constructor(connection: ServerConnection, program: string) {
    this.connection = connection;
    this.program = program;
    this.agent = agentFor(connection, limits.maxSockets);
    this.watchAgent = agentFor(connection, Infinity);
  }

  close(): void {
    this.agent.destroy();
    this.watchAgent.destroy();
  }

  renew(connection: ServerConnection): void {
    const { agent, watchAgent } = this;
    this.connection = connection;
    this.agent = agentFor(connection, limits.maxSockets);
    this.watchAgent = agentFor(connection, Infinity);
    retire(agent);
    retire(watchAgent);
    const ending = [...this.watches];
    this.watches.clear();
    for (const response of ending) response.destroy();
  }

  private failed(error: Error): StatusError {
    const { serverUrl } = this.connection;
    return serviceUnavailable(`cannot reach ${serverUrl}: ${error.message}`, error);
  }

  /** Sends a request and resolves with its answer's head. */
  private open(request: TransportRequest, agent: Agent): Promise<IncomingMessage> {
    const { token, serverUrl } = this.connection;
    const isWatch = agent === this.watchAgent;
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    return new Promise((resolve, reject) => {
      const outgoing = httpsRequest(new URL(request.path, serverUrl), {
        agent,
        method: request.method,
        headers: {
          accept: 'application/json',
          'user-agent': this.program,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined
            ? {}
            : {
                'content-type': request.contentType ?? 'application/json',
                'content-length': Buffer.byteLength(body),
              }),
        },
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      });
      outgoing.setTimeout(limits.requestTimeoutMs, () => {
        // A watch may be silent for as long as it likes once it has been answered.
        outgoing.destroy(
          timedOut(`${serverUrl} did not answer within ${String(limits.requestTimeoutMs)} ms`),
        );
      });
      outgoing.on('response', (response) => {
        if (isWatch) outgoing.setTimeout(0);
        resolve(response);
      });
      outgoing.on('error', (error) => {
        reject(
          error instanceof StatusError || request.signal?.aborted === true
            ? error
            : this.failed(error),
        );
      });
      outgoing.end(body);
    });
  }

  async request(request: TransportRequest): Promise<unknown> {
    const response = await this.open(request, this.agent);
    const body = await this.readBody(response);
    const code = response.statusCode ?? 0;
    if (code < 200 || code > 299) throw errorOfAnswer(code, body);
    const isJson = (response.headers['content-type'] ?? '').startsWith('application/json');
    const text = body.toString('utf8');
    return isJson ? parseAnswer(text) : text;
  }

  private async readBody(response: IncomingMessage): Promise<Buffer> {
    try {
      return await readAll(response);
    } catch (error) {
      if (error instanceof StatusError) throw error;
      throw this.failed(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async *watch(
    request: TransportRequest,
  ): AsyncGenerator<{ type: string; object: KubeObject }, void, undefined> {
    const agent = this.watchAgent;
    const response = await this.open(request, agent);
    const code = response.statusCode ?? 0;
    if (code < 200 || code > 299) throw errorOfAnswer(code, await this.readBody(response));
    if (agent !== this.watchAgent) {
      response.destroy();
      return;
    }
    this.watches.add(response);
    try {
      const longest = limits.maxWatchLineBytes;
      for await (const line of linesOf(response, longest)) {
        yield parseAnswer(line) as { type: string; object: KubeObject };
      }
    } catch (error) {
      if (error instanceof StatusError || request.signal?.aborted === true) throw error;
      // Ended by a renewal: whoever watches goes on over a new connection.
      if (!this.watches.has(response)) return;
      throw this.failed(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.watches.delete(response);
      response.destroy();
    }
  }
}

/** `program` is what the client calls itself: the manager of the fields it writes. */
export const createHttpsTransport = (
  connection: ServerConnection,
  program = 'pintle',
): HttpsTransport => new HttpsConnection(connection, program);
