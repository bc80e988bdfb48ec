/**
 * The way of controllers and the scheduler to the API while they run in the master's process: the same gate, admission and
 * registry as for clients on the network, but parsed objects instead of bytes. What it hands out is shared and must not be
 * changed.
 */
import { badRequest, isStatusError, pathNotFound } from '../../api/meta/status-error.js';
import type { KubeObject, ListMeta } from '../../api/meta/v1/types.js';
import type { Transport, TransportRequest } from '../../machinery/client/transport.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { RequestUser } from '../authn/authenticator.js';
import type { ApiAnswer, ApiRequest } from './api-request.js';
import type { RequestGate } from './request-gate.js';
import { resourceRequestOf } from './request-info.js';

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
  private readonly user: RequestUser;
  private readonly clock: Clock;

  constructor(gate: RequestGate, user: RequestUser, clock: Clock) {
    this.gate = gate;
    this.user = user;
    this.clock = clock;
  }

  async request(request: TransportRequest): Promise<unknown> {
    return valueOf(await this.answer(request, never));
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
    }
  }

  /** A watch that is too old opens and says so, as over the network. */
  private async openWatch(
    request: TransportRequest,
    signal: AbortSignal,
  ): Promise<(ApiAnswer & { type: 'watch' }) | { readonly error: KubeObject }> {
    try {
      const answer = await this.answer(request, signal);
      if (answer.type === 'watch') return answer;
      throw badRequest('the path does not ask for a watch');
    } catch (error) {
      if (isStatusError(error) && error.code === 410) {
        return { error: error.status as unknown as KubeObject };
      }
      throw error;
    }
  }

  private answer(request: TransportRequest, signal: AbortSignal): Promise<ApiAnswer> {
    const mark = request.path.indexOf('?');
    const path = mark < 0 ? request.path : request.path.slice(0, mark);
    const query = mark < 0 ? noQuery : new URLSearchParams(request.path.slice(mark + 1));
    const target = resourceRequestOf(request.method, path, query);
    if (target === undefined) throw pathNotFound();
    this.gate.authorize(this.user, request.method, { path, query, target });
    const apiRequest: ApiRequest = {
      method: request.method,
      path: request.path,
      query,
      user: this.user,
      target,
      body: () => ({
        type: 'value',
        value: request.body,
        mediaType: request.contentType ?? 'application/json',
      }),
      signal,
      warnings: [],
      userAgent: programOf(this.user.username),
    };
    return this.gate.handle(apiRequest);
  }
}

/** A transport that makes its requests as a user. */
export const createInProcessTransport = (
  gate: RequestGate,
  user: RequestUser,
  clock: Clock,
): Transport => new InProcessTransport(gate, user, clock);
