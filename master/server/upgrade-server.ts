/**
 * The way of one request that asks for another protocol: commands and ports go on to agents, and what is proxied to whoever it is
 * for; a watch is answered here, over a WebSocket. Nothing else is looked at, let alone done, for such a request.
 *
 * Called by the request server. A client's input must never crash or hang it, nor keep its seat: whatever fails becomes a Status.
 */
import type { IncomingMessage } from 'node:http';
import { badRequest, StatusError } from '../../api/meta/status-error.js';
import type { Status } from '../../api/meta/v1/types.js';
import type { Requester } from '../../api/schema/resource.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { AgentProxy } from './agent-proxy.js';
import type { Aggregator } from './aggregation/aggregator.js';
import type { ApiAnswer } from './api-request.js';
import { arrivalOf, isWebSocket } from './arrival.js';
import type { Entrance, Entry } from './entrance.js';
import type { Accepted } from './negotiation.js';
import { forwardUpgrade } from './proxy/reverse-proxy.js';
import type { Backend, Upgrade } from './proxy/reverse-proxy.js';
import { rawAnswer } from './raw-answers.js';
import type { RequestGate } from './request-gate.js';
import { handedThrough } from './request-info.js';
import type { ResourceRequest } from './request-info.js';
import type { RequestMetrics } from './request-metrics.js';
import { openedSocket, sendWatchMessages } from './watch-messages.js';
import { isTooOld, messageEncoderOf, showsAllFirst, watchErrorMessage } from './watch-writer.js';
import type { WatchAnswer, WatchMessage, WatchPace } from './watch-writer.js';

export interface UpgradeServerOptions {
  readonly entrance: Pick<Entrance, 'pass'>;
  readonly gate: Pick<RequestGate, 'handle'>;
  readonly aggregator: Pick<Aggregator, 'backendFor'>;
  readonly agents: Pick<AgentProxy, 'backend'>;
  readonly metrics: Pick<RequestMetrics, 'whileWatching'>;
  /** Throws a 406. */
  readonly acceptedOf: (target: ResourceRequest, request: IncomingMessage) => Accepted;
  readonly asStatus: (error: unknown, request: IncomingMessage) => Status;
  readonly pace: WatchPace;
  readonly clock: Clock;
}

interface Asking {
  readonly request: IncomingMessage;
  readonly user: Requester;
  readonly signal: AbortSignal;
}

const switchingProtocols = 101;

function isOffered(target: ResourceRequest, request: IncomingMessage): boolean {
  if (handedThrough.has(target.subresource)) return true;
  return target.verb === 'watch' && request.method === 'GET' && isWebSocket(request);
}

export class UpgradeServer {
  private readonly options: UpgradeServerOptions;

  constructor(options: UpgradeServerOptions) {
    this.options = options;
  }

  /** Never rejects. */
  async serve(upgrade: Upgrade): Promise<void> {
    const { request, socket } = upgrade;
    const entry: Entry = { arrival: arrivalOf(request), trail: undefined, seat: undefined };
    socket.on('error', () => socket.destroy());
    try {
      const user = await this.options.entrance.pass(entry, request);
      const { path } = entry.arrival;
      const extension = this.options.aggregator.backendFor(path, request.url ?? '/', user);
      if (extension === undefined) await this.serveResource(entry, upgrade, user);
      else await this.forward(entry, upgrade, extension);
      entry.trail?.complete(switchingProtocols);
    } catch (error) {
      const status = this.options.asStatus(error, request);
      entry.trail?.failed(status);
      entry.trail?.complete(status.code ?? 500);
      socket.end(rawAnswer(status));
    } finally {
      entry.seat?.release();
    }
  }

  /** What takes work is to open a connection, not to have one. */
  private forward(entry: Entry, upgrade: Upgrade, backend: Backend): Promise<void> {
    entry.seat?.release();
    entry.trail?.started(switchingProtocols);
    return forwardUpgrade(backend, upgrade);
  }

  private async serveResource(entry: Entry, upgrade: Upgrade, user: Requester): Promise<void> {
    const { request, socket } = upgrade;
    const { target } = entry.arrival;
    if (target === undefined) throw badRequest('this path offers no other protocol');
    if (!isOffered(target, request)) throw badRequest('this resource offers no other protocol');
    const gone = new AbortController();
    socket.once('close', () => {
      gone.abort();
    });
    const accepted = this.options.acceptedOf(target, request);
    const asked = this.ask(entry, target, { request, user, signal: gone.signal });
    const answer = await asked.catch((error: unknown) => {
      if (target.verb === 'watch' && isTooOld(error)) return error;
      throw error;
    });
    if (answer instanceof StatusError)
      return this.tellTooOld(entry, upgrade, watchErrorMessage(answer, accepted));
    switch (answer.type) {
      case 'proxy':
        return this.forward(entry, upgrade, answer.backend);
      case 'agent':
        return this.forward(entry, upgrade, this.options.agents.backend(answer.connection));
      case 'watch':
        return this.watch(entry, upgrade, { answer, accepted });
      default:
        throw badRequest('this resource offers no other protocol');
    }
  }

  private ask(
    { arrival, trail }: Entry,
    target: ResourceRequest,
    { request, user, signal }: Asking,
  ): Promise<ApiAnswer> {
    return this.options.gate.handle({
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      query: arrival.query,
      user,
      target,
      body: () => ({ type: 'bytes', bytes: Buffer.alloc(0), mediaType: '' }),
      signal,
      warnings: [],
      userAgent: request.headers['user-agent'] ?? '',
      auditAnnotations: trail?.annotations,
    });
  }

  private async watch(
    { arrival, trail, seat }: Entry,
    upgrade: Upgrade,
    { answer, accepted }: { readonly answer: WatchAnswer; readonly accepted: Accepted },
  ): Promise<void> {
    const { clock, pace, metrics } = this.options;
    const { query } = arrival;
    const encoder = messageEncoderOf({ accepted, query, clock }, answer.resource);
    trail?.started(switchingProtocols);
    if (!showsAllFirst(query)) seat?.release();
    const shown = (): void => seat?.release();
    try {
      const socket = await openedSocket(upgrade);
      if (socket === undefined) return;
      await metrics.whileWatching(answer.resource, () =>
        sendWatchMessages(socket, answer, { encoder, clock, pace, shown }),
      );
    } finally {
      answer.watch.stop();
    }
  }

  /** A watch whose revision is too old opens all the same, and says so in its only event. */
  private async tellTooOld(
    { trail }: Entry,
    upgrade: Upgrade,
    { bytes, binary }: WatchMessage,
  ): Promise<void> {
    trail?.started(switchingProtocols);
    const socket = await openedSocket(upgrade);
    socket?.on('error', () => undefined);
    socket?.send(bytes, { binary });
    socket?.close(1000);
  }
}
