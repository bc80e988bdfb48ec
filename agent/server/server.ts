/**
 * The node's HTTPS server: what the master asks of one node about its containers – logs, commands, terminals, ports – and
 * what Prometheus reads. The same paths as the kubelet's.
 *
 * Made by the agent's `main.ts`. Everything needs a client certificate of the cluster's authority in `system:masters`,
 * except `/healthz` from the machine itself.
 */
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TLSSocket } from 'node:tls';
import { badRequest, failure, isStatusError, unauthorized } from '../../api/meta/status-error.js';
import { invariant } from '../../machinery/invariant.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Logger } from '../../machinery/log/log.js';
import type { Metrics } from '../../machinery/metrics/metrics.js';
import { identityOf, isLoopback } from './client-identity.js';
import { limitedTo, parseLogRequest } from './container-logs.js';
import { headersTimeoutMs, maxConnections } from './limits.js';
import { StreamRefusal } from './ports.js';
import type { ContainerAccess, ContainerTarget } from './ports.js';
import { statusOfError } from './remote-command.js';
import { routeOf, type Route } from './routes.js';
import { StreamingUpgrades } from './streaming.js';

/** PEM texts. */
export interface ServerIdentity {
  readonly certificatePem: string;
  readonly keyPem: string;
  /** The authority client certificates must be signed by. */
  readonly caPem: string;
}

export interface NodeServerOptions {
  readonly identity: ServerIdentity;
  /** 10250 unless given; 0 takes any free one. */
  readonly port?: number;
  /** All addresses unless given. */
  readonly address?: string;
  readonly access: ContainerAccess;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Why the node is unwell; undefined when it is well. */
  readonly health?: () => string | undefined;
}

const statusOf = (error: unknown): { readonly code: number; readonly body: string } => {
  const status = statusOfError(error);
  return { code: status.code ?? 500, body: JSON.stringify(status) };
};

/** Clients put "unable to upgrade connection: " before text that is no Status. */
const upgradeRefusal = (error: unknown): ReturnType<typeof statusOf> & { contentType: string } =>
  error instanceof StreamRefusal
    ? { code: 500, contentType: 'text/plain; charset=utf-8', body: error.message }
    : { ...statusOf(error), contentType: 'application/json' };

export class NodeServer {
  private readonly options: NodeServerOptions;
  private readonly server: Server;
  private readonly streaming: StreamingUpgrades;

  constructor(options: NodeServerOptions) {
    this.options = options;
    this.streaming = new StreamingUpgrades(options);
    this.server = createServer({
      ...tlsOptions(options.identity),
      requestCert: true,
      // Clients without a certificate are told so by an answer instead of a broken handshake.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      headersTimeout: headersTimeoutMs,
    });
    this.server.maxConnections = maxConnections;
    this.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.handle(request, response);
    });
    this.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      void this.upgrade(request, socket, head);
    });
    // Scanners and half-open connections fail handshakes all the time.
    this.server.on('tlsClientError', () => undefined);
  }

  /** Begins to serve; rejects when the port is in use. */
  async start(): Promise<void> {
    const { port = 10_250, address } = this.options;
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ port, ...(address === undefined ? {} : { host: address }) }, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
  }

  get port(): number {
    const bound = this.server.address();
    return typeof bound === 'object' && bound !== null ? bound.port : 0;
  }

  /** Serves new connections under a renewed certificate; open ones go on. */
  renew(identity: ServerIdentity): void {
    this.server.setSecureContext(tlsOptions(identity));
  }

  /** Ends every connection and stops. */
  async stop(): Promise<void> {
    this.streaming.stop();
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
  }

  private authorize(socket: TLSSocket, route: Route): void {
    if (route.kind === 'healthz' && isLoopback(socket)) return;
    switch (identityOf(socket)) {
      case 'allowed':
        return;
      case 'unknown':
        throw unauthorized();
      case 'forbidden':
        throw failure({
          code: 403,
          reason: 'Forbidden',
          message: 'the client certificate is not one of the control plane',
        });
    }
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const url = urlOf(request);
      const route = routeOf(url);
      this.authorize(tlsSocketOf(request), route);
      await this.answer(route, url, response);
    } catch (error) {
      if (!isStatusError(error) && !response.destroyed)
        this.options.logger.warn('request failed', { path: pathOf(request), error });
      if (response.headersSent) {
        response.destroy();
        return;
      }
      const { code, body } = statusOf(error);
      response.writeHead(code, { 'Content-Type': 'application/json' }).end(body);
    }
  }

  private async answer(route: Route, url: URL, response: ServerResponse): Promise<void> {
    switch (route.kind) {
      case 'healthz': {
        const unwell = this.options.health?.();
        response.writeHead(unwell === undefined ? 200 : 500, { 'Content-Type': 'text/plain' });
        response.end(unwell ?? 'ok');
        return;
      }
      case 'pods': {
        const items = this.options.access.pods();
        response.writeHead(200, { 'Content-Type': 'application/json' });
        response.end(JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items }));
        return;
      }
      case 'metrics': {
        const { contentType, body } = await this.options.metrics.render();
        response.writeHead(200, { 'Content-Type': contentType }).end(body);
        return;
      }
      case 'containerLogs':
        await this.logs(route.target, url, response);
        return;
      default:
        throw failure({
          code: 400,
          reason: 'BadRequest',
          message: 'unable to upgrade: missing upgrade headers in request',
        });
    }
  }

  private async logs(target: ContainerTarget, url: URL, response: ServerResponse): Promise<void> {
    const { access, clock } = this.options;
    const { options, limitBytes } = parseLogRequest(url.searchParams, clock.now());
    const gone = new AbortController();
    response.on('close', () => {
      gone.abort();
    });
    const output = await access.logs(target, { ...options, signal: gone.signal });
    response.writeHead(200, { 'Content-Type': 'text/plain' });
    response.flushHeaders();
    if (limitBytes === 0) {
      output.destroy();
      response.end();
      return;
    }
    try {
      if (limitBytes === undefined) await pipeline(output, response);
      else {
        const limit = limitedTo(limitBytes, () => {
          limit.end();
          output.unpipe(limit);
          output.destroy();
        });
        output.on('error', (error) => limit.destroy(error));
        output.pipe(limit);
        await pipeline(limit, response);
      }
    } catch (error) {
      // A client that stops following has what it wanted.
      if (!gone.signal.aborted) throw error;
    } finally {
      output.destroy();
    }
  }

  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    try {
      const url = urlOf(request);
      const route = routeOf(url);
      this.authorize(tlsSocketOf(request), route);
      await this.streaming.serve(route, url, { request, socket, head });
    } catch (error) {
      if (!isStatusError(error) && !(error instanceof StreamRefusal))
        this.options.logger.warn('streaming request failed', { path: pathOf(request), error });
      const { code, contentType, body } = upgradeRefusal(error);
      const lines = [
        `HTTP/1.1 ${code} Error`,
        `Content-Type: ${contentType}`,
        `Content-Length: ${Buffer.byteLength(body)}`,
        'Connection: close',
      ];
      socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
    }
  }
}

const tlsOptions = ({ certificatePem, keyPem, caPem }: ServerIdentity) => ({
  cert: certificatePem,
  key: keyPem,
  ca: caPem,
});

function tlsSocketOf({ socket }: IncomingMessage): TLSSocket {
  invariant(socket instanceof TLSSocket, 'an HTTPS server has TLS connections');
  return socket;
}

/** Throws a 400 for what is no path; strangers send such things, so it is no failure to be logged. */
function urlOf({ url = '/' }: IncomingMessage): URL {
  const base = 'https://node';
  if (!URL.canParse(url, base)) throw badRequest('the path of the request cannot be read');
  return new URL(url, base);
}

/** Without the query, which may hold a command's secrets. */
const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?')[0] ?? '';
