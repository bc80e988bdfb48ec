/**
 * The way of one request from the network: authentication, impersonation, authorisation, then the resource handler for resource
 * paths and the other routes for everything else. Nothing is served before both checks have passed.
 *
 * Called by the HTTP server. A client's input must never crash or hang it: whatever fails becomes a Status.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { badRequest, internalError, isStatusError } from '../../api/meta/status-error.js';
import type { Status } from '../../api/meta/v1/types.js';
import type { CancelTimer } from '../../machinery/clock/clock.js';
import type { Logger } from '../../machinery/log/log.js';
import type { AgentProxy } from './agent-proxy.js';
import type { Aggregator } from './aggregation/aggregator.js';
import type { AnswerTarget } from './answer-target.js';
import { sendObject, sendStatus } from './answer-writer.js';
import type { ApiAnswer, ApiBody, ApiRequest } from './api-request.js';
import { arrivalOf, readBody } from './arrival.js';
import type { AuditTrail } from './audit/auditor.js';
import { auditIdOf, Entrance } from './entrance.js';
import type { EntranceOptions, Entry } from './entrance.js';
import { maxDrainedBytes } from './limits.js';
import { sendList } from './list-writer.js';
import { negotiate, negotiateOrThrow } from './negotiation.js';
import type { Accepted, Forms } from './negotiation.js';
import { TurnRefused } from './flow-control/fairness.js';
import type { Classed } from './flow-control/fairness.js';
import { forwardRequest } from './proxy/reverse-proxy.js';
import type { Backend, Upgrade } from './proxy/reverse-proxy.js';
import { RequestDeadlines, answerOverdue, isLongRunning } from './request-deadlines.js';
import type { Arrival, RequestGate } from './request-gate.js';
import { handedThrough } from './request-info.js';
import type { ResourceRequest } from './request-info.js';
import { requestKindOf } from './request-metrics.js';
import type { RequestMetrics } from './request-metrics.js';
import { UpgradeServer } from './upgrade-server.js';
import { sendWatch, sendWatchError, showsAllFirst, WatchPace } from './watch-writer.js';
import type { Requester } from '../../api/schema/resource.js';

/** Answers a path that names no resource; the user is known and may ask for it. */
export type OtherRoutes = (request: IncomingMessage, response: ServerResponse) => void;

export interface RequestServerOptions extends EntranceOptions {
  readonly gate: RequestGate;
  readonly aggregator: Pick<Aggregator, 'backendFor'>;
  readonly otherRoutes: OtherRoutes;
  readonly agents: AgentProxy;
  readonly metrics: RequestMetrics;
  readonly formsOf: (target: ResourceRequest) => Forms;
  readonly logger: Logger;
}

const neverAborted = new AbortController().signal;
const fallbackFormat: Accepted = {
  format: 'json',
  form: 'Object',
  metaVersion: 'v1',
  pretty: false,
};

/** One request on its way through. */
interface Course extends Entry {
  readonly target: AnswerTarget;
  /** When it came, by the monotonic clock. */
  readonly arrivedMs: number;
  cancelDeadline: CancelTimer | undefined;
}

/** Whether what is left of a body may as well be read as a new connection opened. */
const isSmallBody = ({ headers }: IncomingMessage): boolean =>
  Number(headers['content-length'] ?? Infinity) <= maxDrainedBytes;

async function readAudited(request: IncomingMessage, trail: AuditTrail): Promise<ApiBody> {
  const body = await readBody(request);
  trail.sent(body);
  return body;
}

export class RequestServer {
  private readonly options: RequestServerOptions;
  private readonly entrance: Entrance;
  private readonly watchPace: WatchPace;
  private readonly deadlines: RequestDeadlines;
  private readonly upgrades: UpgradeServer;
  /** Requests being served that end by themselves. */
  private brief = 0;
  /** Watches and streams being served. */
  private readonly lasting = new Set<ServerResponse>();
  private answered: (() => void) | undefined;

  constructor(options: RequestServerOptions) {
    this.options = options;
    this.entrance = new Entrance(options);
    this.watchPace = new WatchPace(options.clock);
    this.deadlines = new RequestDeadlines(options.clock);
    this.upgrades = new UpgradeServer({
      ...options,
      entrance: this.entrance,
      pace: this.watchPace,
      acceptedOf: (target, request) => this.acceptedOf(target, request),
      asStatus: (error, request) => this.asStatus(error, request),
    });
  }

  /** Answers a request; never rejects. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { clock, metrics } = this.options;
    const startMs = clock.monotonicMs();
    const arrival = arrivalOf(request);
    const { query } = arrival;
    const isLasting = isLongRunning(arrival.target);
    const inFlight = metrics.inFlight[requestKindOf(arrival.target, request.method ?? 'GET')];
    if (isLasting) this.lasting.add(response);
    else {
      this.brief += 1;
      inFlight.begin();
    }
    const warnings: string[] = [];
    const target = { request, response, accepted: fallbackFormat, query, warnings, clock };
    const course: Course = {
      arrival,
      target,
      arrivedMs: startMs,
      trail: undefined,
      seat: undefined,
      cancelDeadline: undefined,
    };
    try {
      await this.answer(course);
    } catch (error) {
      await this.sendFailure(course, error);
    } finally {
      course.cancelDeadline?.();
      course.seat?.release();
      course.trail?.complete(response.statusCode);
      metrics.answered(arrival.target, response.statusCode, clock.monotonicMs() - startMs);
      if (isLasting) this.lasting.delete(response);
      else {
        this.brief -= 1;
        inFlight.end();
      }
      if (this.brief === 0) this.answered?.();
    }
  }

  /** Breaks off watches and streams, and resolves once every other request has been answered. */
  end(): Promise<void> {
    for (const response of this.lasting) response.destroy();
    return new Promise((resolve) => {
      this.answered = resolve;
      if (this.brief === 0) resolve();
    });
  }

  private async answer(course: Course): Promise<void> {
    const { arrival, target } = course;
    const { request, response } = target;
    course.cancelDeadline = this.deadlineOf(course);
    const passing = this.entrance.pass(course, request);
    const user = passing instanceof Promise ? await passing : passing;
    // It may have waited for its turn longer than it could be waited for, or than its client did.
    if (response.headersSent || response.destroyed || response.closed) return;
    this.tellCourse(course);
    const extension = this.extensionFor(arrival, request, user);
    if (extension !== undefined) await forwardRequest(extension, request, response);
    else if (arrival.target !== undefined) await this.serveResource(arrival.target, user, course);
    else {
      const answered = once(response, 'close');
      this.options.otherRoutes(request, response);
      await answered;
    }
  }

  /** Tells the client how its request was classed and recorded. */
  private tellCourse({ trail, seat, target }: Course, classed: Classed | undefined = seat): void {
    const { request, response } = target;
    if (response.hasHeader('Audit-Id')) return;
    response.setHeader('Audit-Id', trail?.auditId ?? auditIdOf(request) ?? randomUUID());
    if (classed === undefined) return;
    response.setHeader('X-Kubernetes-PF-FlowSchema-UID', classed.schemaUid);
    response.setHeader('X-Kubernetes-PF-PriorityLevel-UID', classed.levelUid);
  }

  /** What lasts as long as the client likes has no deadline. */
  private deadlineOf(course: Course): CancelTimer | undefined {
    const { query, target } = course.arrival;
    if (isLongRunning(target)) return undefined;
    return this.deadlines.begin(query, () => void this.sendFailure(course, answerOverdue()));
  }

  private async serveResource(
    resource: ResourceRequest,
    user: Requester,
    { target, trail, seat, arrivedMs }: Course,
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
      body: trail === undefined ? () => readBody(request) : () => readAudited(request, trail),
      signal: aborter?.signal ?? neverAborted,
      warnings: target.warnings as string[],
      userAgent: request.headers['user-agent'] ?? '',
      auditAnnotations: trail?.annotations,
      auditsBodies: trail?.tellsBodies,
      arrivedMs,
    };
    try {
      const answer = await this.options.gate.handle(apiRequest);
      trail?.answered(answer);
      if (watching) {
        trail?.started(200);
        // What takes work is to open a watch, not to have one.
        if (!showsAllFirst(target.query)) seat?.release();
      }
      // An answer that came too late has been given without it.
      if (!response.headersSent) await this.send(answering, answer, () => seat?.release());
    } catch (error) {
      if (!watching || response.headersSent || !sendWatchError(answering, error)) throw error;
    }
  }

  /** Throws a 406. What is handed through is not ours to negotiate. */
  private acceptedOf(resource: ResourceRequest, request: IncomingMessage): Accepted {
    if (handedThrough.has(resource.subresource)) return fallbackFormat;
    const watching = resource.verb === 'watch';
    const forms = this.options.formsOf(resource);
    return negotiateOrThrow(request.headers.accept, { watching, ...forms });
  }

  private send(target: AnswerTarget, answer: ApiAnswer, shown: () => void): Promise<void> {
    switch (answer.type) {
      case 'object':
        return sendObject(target, answer);
      case 'list':
        return sendList(target, answer);
      case 'watch':
        return this.options.metrics.whileWatching(answer.resource, () =>
          sendWatch(target, answer, { pace: this.watchPace, shown }),
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
    user: Requester,
  ): Backend | undefined {
    return this.options.aggregator.backendFor(path, request.url ?? '/', user);
  }

  private async sendFailure(course: Course, error: unknown): Promise<void> {
    const { target, trail } = course;
    const { request, response } = target;
    if (response.headersSent) {
      this.noteBroken(request, response, error);
      if (!response.writableEnded) response.destroy();
      return;
    }
    this.tellCourse(course, error instanceof TurnRefused ? error.classed : undefined);
    const failure = this.asStatus(error, request);
    trail?.failed(failure);
    // What is left of a body nobody will read would hold the connection.
    if (!request.complete) {
      if (!isSmallBody(request)) response.setHeader('Connection', 'close');
      request.resume();
    }
    try {
      const accepted = negotiate(request.headers.accept) ?? fallbackFormat;
      await sendStatus({ ...target, accepted }, failure);
    } catch (cause) {
      this.options.logger.warn('could not send a failure', { error: cause });
      response.destroy();
    }
  }

  /** Says why an answer broke off, unless its client went: failures of connections have a code. */
  private noteBroken(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    if (response.destroyed || !(error instanceof Error) || 'code' in error) return;
    const path = request.url?.split('?', 1)[0];
    this.options.logger.error('an answer broke off', { method: request.method, path, error });
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

  /** A request that wants another protocol. Never rejects. */
  serveUpgrade(upgrade: Upgrade): Promise<void> {
    return this.upgrades.serve(upgrade);
  }
}
