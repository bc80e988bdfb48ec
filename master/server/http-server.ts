/**
 * The API server on the network: TLS, authentication, authorisation, then the resource handler for resource paths and the
 * other routes for everything else. Nothing is served before both checks have passed.
 *
 * Called by `master/main.ts`. A client's input must never crash or hang it: whatever fails becomes a Status.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import {
  badRequest,
  internalError,
  isStatusError,
  requestTooLarge,
  unauthorized,
} from '../../api/meta/status-error.js';
import type { Status } from '../../api/meta/v1/types.js';
import type { CancelTimer, Clock } from '../../machinery/clock/clock.js';
import type { Logger } from '../../machinery/log/log.js';
import type { Authenticator, RequestUser } from '../authn/authenticator.js';
import { forwardRequest, forwardUpgrade } from './proxy/reverse-proxy.js';
import type { Backend } from './proxy/reverse-proxy.js';
import type { Aggregator } from './aggregation/aggregator.js';
import type { AgentProxy } from './agent-proxy.js';
import type { ApiAnswer, ApiBody, ApiRequest } from './api-request.js';
import type { AnswerTarget } from './answer-target.js';
import { sendObject, sendStatus } from './answer-writer.js';
import { ConnectionCertificates } from './connection-certificates.js';
import { keepAliveTimeoutMs, maxBodyBytes, maxUrlBytes, requestTimeoutMs } from './limits.js';
import { sendList } from './list-writer.js';
import { mediaTypeOf, negotiate, negotiateOrThrow } from './negotiation.js';
import type { Accepted } from './negotiation.js';
import { rawAnswer, unreadableRequest } from './raw-answers.js';
import { RequestDeadlines, answerOverdue, isLongRunning } from './request-deadlines.js';
import type { Arrival, RequestGate } from './request-gate.js';
import { resourceRequestOf } from './request-info.js';
import type { ResourceRequest } from './request-info.js';
import type { RequestMetrics } from './request-metrics.js';
import { sendWatch, sendWatchError, WatchPace } from './watch-writer.js';

/** Answers a path that names no resource; the user is known and may ask for it. */
export type OtherRoutes = (request: IncomingMessage, response: ServerResponse) => void;

/** What the server shows of itself, and whose client certificates it believes; PEM. */
export interface ServerIdentity {
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly caPem: string;
}

export interface HttpServerOptions extends ServerIdentity {
  readonly authenticate: Authenticator;
  readonly gate: RequestGate;
  readonly aggregator: Pick<Aggregator, 'backendFor'>;
  readonly otherRoutes: OtherRoutes;
  readonly agents: AgentProxy;
  readonly metrics: RequestMetrics;
  /** Whether the objects of what is asked for have a protobuf form; those of custom resources have none. */
  readonly hasProtobuf: (target: ResourceRequest) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface HttpServer {
  readonly port: number;
  /** Serves new connections under a renewed certificate; open ones go on. */
  readonly renew: (identity: ServerIdentity) => void;
  /** Stops accepting, ends watches and waits for the rest a moment. */
  readonly close: () => Promise<void>;
}

const noQuery = new URLSearchParams();
const neverAborted = new AbortController().signal;
/** Subresources that another server answers. */
const handedThrough = new Set(['proxy', 'log', 'exec', 'attach', 'portforward']);
const fallbackFormat: Accepted = {
  format: 'json',
  form: 'Object',
  metaVersion: 'v1',
  pretty: false,
};

function arrivalOf(request: IncomingMessage): Arrival {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? noQuery : new URLSearchParams(url.slice(mark + 1));
  return { path, query, target: resourceRequestOf(request.method ?? 'GET', path, query) };
}

const tlsOptions = ({ certificatePem, keyPem, caPem }: ServerIdentity): SecureContextOptions => ({
  cert: certificatePem,
  key: keyPem,
  ca: caPem,
  minVersion: 'TLSv1.2',
});

/** Reads a body within bounds. What is beyond them is read and dropped, so that the client hears the answer. */
function readBody(request: IncomingMessage): Promise<ApiBody> {
  const mediaType = mediaTypeOf(request.headers['content-type']);
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
      const bytes = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
      resolve({ type: 'bytes', bytes, mediaType });
    });
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(badRequest('the client broke off while sending the body'));
    });
  });
}

class ApiServer {
  private readonly options: HttpServerOptions;
  private readonly certificates = new ConnectionCertificates();
  private readonly open = new Set<Socket>();
  readonly server: Server;
  private readonly watchPace: WatchPace;
  private readonly deadlines: RequestDeadlines;

  constructor(options: HttpServerOptions) {
    this.options = options;
    this.watchPace = new WatchPace(options.clock);
    this.deadlines = new RequestDeadlines(options.clock);
    this.server = createServer(
      {
        ...tlsOptions(options),
        requestCert: true,
        rejectUnauthorized: false,
        maxHeaderSize: maxUrlBytes,
        requestTimeout: requestTimeoutMs,
        keepAliveTimeout: keepAliveTimeoutMs,
      },
      (request, response) => {
        void this.serve(request, response);
      },
    );
    this.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      void this.serveUpgrade(request, socket, head);
    });
    this.server.on('secureConnection', (socket) => {
      this.open.add(socket);
      socket.setNoDelay(true);
      socket.once('close', () => this.open.delete(socket));
    });
    // A handshake that fails, or a client that breaks off, is the client's affair.
    this.server.on('tlsClientError', () => undefined);
    this.server.on('clientError', (error, socket) => {
      if (socket.writable) socket.end(rawAnswer(unreadableRequest(error).status));
    });
  }

  destroyConnections(): void {
    for (const socket of this.open) socket.destroy();
  }

  private identify(request: IncomingMessage): RequestUser | Promise<RequestUser> {
    const certificate = this.certificates.of(request.socket, this.options.clock.now());
    if (certificate === 'unverified') throw unauthorized();
    const { authorization } = request.headers;
    return this.options.authenticate({
      ...(certificate === undefined ? {} : { certificate }),
      ...(authorization === undefined ? {} : { authorization }),
    });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const startMs = this.options.clock.monotonicMs();
    const arrival = arrivalOf(request);
    const warnings: string[] = [];
    const target: AnswerTarget = {
      request,
      response,
      accepted: fallbackFormat,
      query: arrival.query,
      warnings,
      clock: this.options.clock,
    };
    let cancelDeadline: CancelTimer | undefined;
    try {
      cancelDeadline = this.deadlineOf(arrival, target);
      const identified = this.identify(request);
      const user = identified instanceof Promise ? await identified : identified;
      const { gate } = this.options;
      const impersonated = gate.impersonate(user, request, arrival);
      gate.authorize(impersonated, request.method ?? 'GET', arrival);
      const extension = this.extensionFor(arrival, request, impersonated);
      if (extension !== undefined) await forwardRequest(extension, request, response);
      else if (arrival.target === undefined) this.options.otherRoutes(request, response);
      else await this.serveResource(arrival.target, impersonated, target);
    } catch (error) {
      await this.sendFailure(target, error);
    } finally {
      cancelDeadline?.();
      const durationMs = this.options.clock.monotonicMs() - startMs;
      this.options.metrics.answered(arrival.target, response.statusCode, durationMs);
    }
  }

  /** What lasts as long as the client likes has no deadline. */
  private deadlineOf({ query, target }: Arrival, answering: AnswerTarget): CancelTimer | undefined {
    if (isLongRunning(target)) return undefined;
    return this.deadlines.begin(query, () => {
      if (!answering.response.headersSent) void this.sendFailure(answering, answerOverdue());
    });
  }

  private async serveResource(
    resource: ResourceRequest,
    user: RequestUser,
    target: AnswerTarget,
  ): Promise<void> {
    const { request, response } = target;
    const watching = resource.verb === 'watch';
    const accepted = this.acceptedOf(resource, request);
    const answering = { ...target, accepted };
    const aborter = watching ? new AbortController() : undefined;
    if (watching)
      response.once('close', () => {
        aborter?.abort();
      });
    const apiRequest: ApiRequest = {
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      query: target.query,
      user,
      target: resource,
      body: () => readBody(request),
      signal: aborter?.signal ?? neverAborted,
      warnings: target.warnings as string[],
      userAgent: request.headers['user-agent'] ?? '',
    };
    try {
      const answer = await this.options.gate.handle(apiRequest);
      // An answer that came too late has been given without it.
      if (!response.headersSent) await this.send(answering, answer);
    } catch (error) {
      if (!watching || response.headersSent || !sendWatchError(answering, error)) throw error;
    }
  }

  /** Throws a 406. What is handed through is not ours to negotiate. */
  private acceptedOf(resource: ResourceRequest, request: IncomingMessage): Accepted {
    if (handedThrough.has(resource.subresource)) return fallbackFormat;
    const watching = resource.verb === 'watch';
    const protobufObjects = this.options.hasProtobuf(resource);
    return negotiateOrThrow(request.headers.accept, { watching, protobufObjects });
  }

  private send(target: AnswerTarget, answer: ApiAnswer): Promise<void> {
    switch (answer.type) {
      case 'object':
        return sendObject(target, answer);
      case 'list':
        return sendList(target, answer);
      case 'watch':
        return this.options.metrics.whileWatching(answer.resource, () =>
          sendWatch(target, answer, this.watchPace),
        );
      case 'agent':
        return forwardRequest(
          this.options.agents.backend(answer.connection),
          target.request,
          target.response,
        );
      case 'proxy':
        return forwardRequest(answer.backend, target.request, target.response);
      case 'redirect':
        target.response.writeHead(301, { Location: answer.location }).end();
        return Promise.resolve();
    }
  }

  /** The extension server that answers for the path, if one does. */
  private extensionFor(
    { path }: Arrival,
    request: IncomingMessage,
    user: RequestUser,
  ): Backend | undefined {
    return this.options.aggregator.backendFor(path, request.url ?? '/', user);
  }

  /** Which server a request for another protocol goes on to; throws where the resource offers none. */
  private async upgradeBackend(
    { target, query }: Arrival,
    request: IncomingMessage,
    user: RequestUser,
  ): Promise<Backend> {
    if (target === undefined) throw badRequest('this path offers no other protocol');
    const answer = await this.options.gate.handle({
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      query,
      user,
      target,
      body: () => ({ type: 'bytes', bytes: Buffer.alloc(0), mediaType: '' }),
      signal: neverAborted,
      warnings: [],
      userAgent: request.headers['user-agent'] ?? '',
    });
    return this.backendOf(answer);
  }

  private backendOf(answer: ApiAnswer): Backend {
    if (answer.type === 'proxy') return answer.backend;
    if (answer.type === 'agent') return this.options.agents.backend(answer.connection);
    throw badRequest('this resource offers no other protocol');
  }

  private async sendFailure(target: AnswerTarget, error: unknown): Promise<void> {
    const { request, response } = target;
    if (response.headersSent) {
      if (!response.writableEnded) response.destroy();
      return;
    }
    const failure = this.asStatus(error, request);
    // What is left of a body nobody will read would hold the connection.
    if (!request.complete) {
      response.setHeader('Connection', 'close');
      request.resume();
    }
    const accepted = negotiate(request.headers.accept) ?? fallbackFormat;
    try {
      await sendStatus({ ...target, accepted }, failure);
    } catch (cause) {
      this.options.logger.warn('could not send a failure', { error: cause });
      response.destroy();
    }
  }

  private asStatus(error: unknown, request: IncomingMessage): Status {
    if (isStatusError(error)) return error.status;
    if (error instanceof URIError) return badRequest('the path is not properly escaped').status;
    if (!request.destroyed) {
      this.options.logger.error('a request failed unexpectedly', {
        method: request.method,
        path: request.url?.split('?', 1)[0],
        error,
      });
    }
    return internalError(error).status;
  }

  /** A request that wants another protocol goes to an agent, or is refused in HTTP. */
  private async serveUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): Promise<void> {
    const arrival = arrivalOf(request);
    socket.on('error', () => socket.destroy());
    try {
      const user = await this.identify(request);
      const { gate } = this.options;
      const impersonated = gate.impersonate(user, request, arrival);
      gate.authorize(impersonated, request.method ?? 'GET', arrival);
      const backend =
        this.extensionFor(arrival, request, impersonated) ??
        (await this.upgradeBackend(arrival, request, impersonated));
      await forwardUpgrade(backend, { request, socket, head });
    } catch (error) {
      socket.end(rawAnswer(this.asStatus(error, request)));
    }
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
    close: async () => {
      const closed = once(api.server, 'close');
      api.server.close();
      api.destroyConnections();
      await closed;
    },
  };
}
