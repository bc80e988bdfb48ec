/**
 * The API server on the network: TLS, connections and their bounds. What a request asks for is the request server's affair.
 *
 * Called by `master/open-server.ts`. A client's input must never crash or hang it.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import { failure, methodNotAllowed } from '../../api/meta/status-error.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { ClientAuthorities } from './connection-certificates.js';
import { ConnectionTurns } from './connection-turns.js';
import {
  keepAliveTimeoutMs,
  maxUrlBytes,
  requestTimeoutMs,
  shutdownAnswerMs,
  shutdownFlushMs,
} from './limits.js';
import { rawAnswer, refuseRequest, unreadableRequest } from './raw-answers.js';
import { problemOfHead } from './request-head.js';
import { RequestServer } from './request-server.js';
import type { RequestServerOptions } from './request-server.js';

/** What the server shows of itself, and whose client certificates it believes; PEM. */
export interface ServerIdentity extends ClientAuthorities {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export type HttpServerOptions = ServerIdentity & RequestServerOptions;

export interface HttpServer {
  readonly port: number;
  /** Serves new connections under a renewed certificate; open ones go on. */
  readonly renew: (identity: ServerIdentity) => void;
  /** Stops accepting, ends watches and streams, and lets other requests in flight be answered within bounds. */
  readonly close: () => Promise<void>;
}

const tlsOptions = ({
  certificatePem,
  keyPem,
  caPem,
  requestHeaderCaPem,
}: ServerIdentity): SecureContextOptions => ({
  cert: certificatePem,
  key: keyPem,
  ca: requestHeaderCaPem === undefined ? caPem : [caPem, requestHeaderCaPem],
  minVersion: 'TLSv1.2',
});

/**
 * `GET https://host/path` asks for `/path`, which every server has to take (RFC 9112, 3.2.2). Everything that looks at the path is
 * to look at the same one: who decides whether it is allowed, and who answers.
 */
function toOriginForm(request: IncomingMessage): void {
  const { url = '/' } = request;
  if (url.startsWith('/')) return;
  const [origin] = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(url) ?? [];
  if (origin === undefined) return;
  const rest = url.slice(origin.length);
  request.url = rest.startsWith('/') ? rest : `/${rest}`;
}

class ApiServer {
  private readonly open = new Set<Socket>();
  private readonly requests: RequestServer;
  private readonly turns = new ConnectionTurns();
  private readonly clock: Clock;
  readonly server: Server;

  constructor(options: HttpServerOptions) {
    const requests = new RequestServer(options);
    this.requests = requests;
    this.clock = options.clock;
    this.server = createServer(
      {
        ...tlsOptions(options),
        requestCert: true,
        rejectUnauthorized: false,
        maxHeaderSize: maxUrlBytes,
        requestTimeout: requestTimeoutMs,
        keepAliveTimeout: keepAliveTimeoutMs,
        // `problemOfHead` says so with a Status.
        requireHostHeader: false,
      },
      (request, response) => {
        toOriginForm(request);
        this.turns.take(request, response, () => {
          const problem = problemOfHead(request);
          if (problem === undefined) void requests.serve(request, response);
          else refuseRequest(response, problem);
        });
      },
    );
    // Bytes bound them; a count would drop those that say who asks without a word.
    this.server.maxHeadersCount = 0;
    this.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      toOriginForm(request);
      this.upgrade(request, socket, head);
    });
    // Go's server knows no other expectation than to be told to go on, which Node sees to.
    this.server.on('checkExpectation', (_request, response: ServerResponse) => {
      refuseRequest(response, failure({ code: 417, reason: '', message: 'unknown expectation' }));
    });
    this.server.on('connect', (_request, socket: Duplex) => {
      socket.end(rawAnswer(methodNotAllowed().status));
    });
    this.server.on('secureConnection', (socket) => {
      this.open.add(socket);
      socket.setNoDelay(true);
      socket.once('close', () => this.open.delete(socket));
    });
    // A handshake that fails, or a client that breaks off, is the client's affair.
    this.server.on('tlsClientError', () => undefined);
    this.server.on('clientError', (error, socket) => {
      if (!this.turns.isFree(socket)) socket.destroy();
      else if (socket.writable) socket.end(rawAnswer(unreadableRequest(error).status));
    });
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const problem = problemOfHead(request);
    if (problem !== undefined) socket.end(rawAnswer(problem.status));
    // What is still to be written would get among what the other protocol says.
    else if (!this.turns.isIdle(socket)) socket.destroy();
    else void this.requests.serveUpgrade({ request, socket, head });
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    await this.within(shutdownAnswerMs, this.requests.end());
    for (const socket of this.open) socket.end();
    // A client that does not read what was written for it does not hold up the end.
    await this.within(shutdownFlushMs, closed);
    for (const socket of this.open) socket.destroy();
    await closed;
  }

  private within(limitMs: number, done: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(limitMs, resolve);
      void done.then(() => {
        cancel();
        resolve();
      });
    });
  }
}

/** Listens; resolves once connections are accepted. */
export async function startHttpServer(
  options: HttpServerOptions,
  listen: { readonly host: string; readonly port: number },
): Promise<HttpServer> {
  const api = new ApiServer(options);
  api.server.listen(listen.port, listen.host);
  await once(api.server, 'listening');
  return {
    port: (api.server.address() as AddressInfo).port,
    renew: (identity) => {
      api.server.setSecureContext(tlsOptions(identity));
    },
    close: () => api.close(),
  };
}
