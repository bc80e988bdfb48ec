/**
 * The way of controllers and the scheduler to the API while they run in the master's process: the same gate, admission and
 * registry as for clients on the network, but parsed objects instead of bytes. What it hands out is shared and must not be
 * changed.
 */
import { badRequest, isStatusError, pathNotFound } from '../../api/meta/status-error.js';
import type { KubeObject, ListMeta } from '../../api/meta/v1/types.js';
import type { Transport, TransportRequest } from '../../machinery/client/transport.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { ApiAnswer, ApiBody, ApiRequest } from './api-request.js';
import type { Auditor, AuditTrail } from './audit/auditor.js';
import type { Arrival, RequestGate } from './request-gate.js';
import { resourceRequestOf } from './request-info.js';
import type { Requester } from '../../api/schema/resource.js';

const noQuery = new URLSearchParams();
const never = new AbortController().signal;

function bookmarkObject(line: Buffer): KubeObject {
  return (JSON.parse(line.toString('utf8')) as { object: KubeObject }).object;
}

function valueOf(answer: ApiAnswer): unknown {
  switch (answer.type) {
    case 'object':
      return answer.object;
    case 'list': {
      const metadata: ListMeta = {
        resourceVersion: String(answer.page.revision),
        ...(answer.continueToken === undefined ? {} : { continue: answer.continueToken }),
        ...(answer.page.remaining === undefined
          ? {}
          : { remainingItemCount: answer.page.remaining }),
      };
      const { listKind: kind, apiVersion } = answer.resource;
      return { kind, apiVersion, metadata, items: answer.page.items.map((item) => item.object) };
    }
    case 'watch':
      answer.watch.stop();
      throw badRequest('a watch was asked for as a single answer');
    case 'agent':
    case 'proxy':
    case 'redirect':
      throw badRequest('streams and proxies are not offered in process');
  }
}

/**
 * The program a user stands for: controllers run in one, whatever account each has, and the others are known by their user,
 * such as `system:kube-scheduler`.
 */
const programOf = (username: string): string =>
  username.startsWith('system:serviceaccount:kube-system:')
    ? 'kube-controller-manager'
    : username.slice(username.lastIndexOf(':') + 1);

class InProcessTransport implements Transport {
  private readonly gate: RequestGate;
  private readonly user: Requester;
  private readonly clock: Clock;
  private readonly audit: Auditor | undefined;

  constructor(user: Requester, { gate, clock, audit }: InProcessOptions) {
    this.gate = gate;
    this.user = user;
    this.clock = clock;
    this.audit = audit;
  }

  async request(request: TransportRequest): Promise<unknown> {
    const arrival = arrivalOf(request);
    const trail = this.begin(request, arrival);
    if (trail === undefined) return valueOf(await this.answer(request, arrival, never));
    try {
      const answer = await this.answer(request, arrival, never, trail);
      trail.answered(answer);
      trail.complete(answer.type === 'object' ? answer.status : 200);
      return valueOf(answer);
    } catch (error) {
      if (isStatusError(error)) trail.failed(error.status);
      trail.complete(isStatusError(error) ? error.code : 500);
      throw error;
    }
  }

  async *watch(request: TransportRequest): AsyncGenerator<{ type: string; object: KubeObject }> {
    const aborter = new AbortController();
    const signal =
      request.signal === undefined
        ? aborter.signal
        : AbortSignal.any([aborter.signal, request.signal]);
    if (signal.aborted) return;
    const opened = await this.openWatch(request, signal);
    if ('error' in opened) {
      yield { type: 'ERROR', object: opened.error };
      return;
    }
    const { watch, timeoutMs } = opened;
    const cancel = this.clock.after(timeoutMs, watch.stop);
    opened.trail?.started(200);
    try {
      for (let batch = await watch.next(); batch !== undefined; batch = await watch.next()) {
        for (const event of batch) {
          const object = event.stored?.object ?? bookmarkObject(event.line());
          yield { type: event.type, object };
        }
      }
    } finally {
      cancel();
      watch.stop();
      aborter.abort();
      opened.trail?.complete(200);
    }
  }

  /** A watch that is too old opens and says so, as over the network. */
  private async openWatch(
    request: TransportRequest,
    signal: AbortSignal,
  ): Promise<OpenWatch | { readonly error: KubeObject }> {
    const arrival = arrivalOf(request);
    const trail = this.begin(request, arrival);
    try {
      const answer = await this.answer(request, arrival, signal, trail);
      if (answer.type === 'watch') return { ...answer, trail };
      throw badRequest('the path does not ask for a watch');
    } catch (error) {
      if (isStatusError(error)) trail?.failed(error.status);
      trail?.complete(isStatusError(error) ? error.code : 500);
      if (isStatusError(error) && error.code === 410) {
        return { error: error.status as unknown as KubeObject };
      }
      throw error;
    }
  }

  private begin(request: TransportRequest, { path, target }: Arrival): AuditTrail | undefined {
    const trail = this.audit?.begin(this.user, {
      method: request.method,
      uri: request.path,
      path,
      target,
      sourceIps: [],
      userAgent: programOf(this.user.username),
      auditId: undefined,
    });
    trail?.received();
    return trail;
  }

  private answer(
    request: TransportRequest,
    arrival: Arrival,
    signal: AbortSignal,
    trail?: AuditTrail,
  ): Promise<ApiAnswer> {
    const { query, target } = arrival;
    if (target === undefined) throw pathNotFound();
    const allowed = this.gate.authorize(this.user, request.method, arrival, trail?.annotations);
    const body: ApiBody = {
      type: 'value',
      value: request.body,
      mediaType: request.contentType ?? 'application/json',
    };
    trail?.sent(body);
    const apiRequest: ApiRequest = {
      method: request.method,
      path: request.path,
      query,
      user: this.user,
      target,
      body: () => body,
      signal,
      warnings: [],
      userAgent: programOf(this.user.username),
      auditAnnotations: trail?.annotations,
    };
    return allowed === undefined
      ? this.gate.handle(apiRequest)
      : allowed.then(() => this.gate.handle(apiRequest));
  }
}

type OpenWatch = ApiAnswer & { readonly type: 'watch' } & {
  readonly trail: AuditTrail | undefined;
};

function arrivalOf({ method, path: uri }: TransportRequest): Arrival {
  const mark = uri.indexOf('?');
  const path = mark < 0 ? uri : uri.slice(0, mark);
  const query = mark < 0 ? noQuery : new URLSearchParams(uri.slice(mark + 1));
  return { path, query, target: resourceRequestOf(method, path, query) };
}

export interface InProcessOptions {
  readonly gate: RequestGate;
  readonly clock: Clock;
  /** Records requests; absent where no audit policy asks for it. */
  readonly audit?: Auditor | undefined;
}

/** A transport that makes its requests as a user. */
export const createInProcessTransport = (user: Requester, options: InProcessOptions): Transport =>
  new InProcessTransport(user, options);
