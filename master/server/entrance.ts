/**
 * What stands before every request: who sends it, as whom, when it is its turn, and whether it may be made. Keeps the audit record
 * of those who do not get past.
 *
 * Called by the request server, for requests and for connections that want another protocol. Waits for nothing that can be told
 * at once.
 */
import type { IncomingMessage } from 'node:http';
import type { Requester } from '../../api/schema/resource.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Authenticator } from '../authn/authenticator.js';
import type { AccessMetrics } from './access-metrics.js';
import { isWebSocket, sourceIpsOf } from './arrival.js';
import type { AuditedRequest, Auditor, AuditTrail } from './audit/auditor.js';
import { ConnectionCertificates } from './connection-certificates.js';
import type { ClientAuthorities } from './connection-certificates.js';
import type { Seat } from './flow-control/fairness.js';
import type { RequestTurns } from './flow-control/request-turns.js';
import type { Impersonation } from './impersonation.js';
import type { Arrival, RequestGate } from './request-gate.js';

export interface EntranceOptions extends ClientAuthorities {
  readonly authenticate: Authenticator;
  readonly gate: Pick<RequestGate, 'impersonate' | 'authorize'>;
  /** Records requests; absent where no audit policy asks for it. */
  readonly audit?: Auditor | undefined;
  /** Says whose turn it is; absent where everything is served at once. */
  readonly fairness?: RequestTurns | undefined;
  readonly accessMetrics: Pick<AccessMetrics, 'authenticated'>;
  readonly clock: Clock;
}

/** What is known of a request on its way in. */
export interface Entry {
  readonly arrival: Arrival;
  /** Its audit record, where one is kept. */
  trail: AuditTrail | undefined;
  /** Held while it is served, where requests are limited. */
  seat: Seat | undefined;
  /** What is known of the token it came with, for the record. */
  facts?: (readonly [string, string])[];
}

/** The name a client gave its request, to find it again in the audit log. */
export const auditIdOf = ({ headers }: IncomingMessage): string | undefined => {
  const { 'audit-id': id } = headers;
  return typeof id === 'string' && id !== '' ? id : undefined;
};

const auditedRequestOf = (request: IncomingMessage, arrival: Arrival): AuditedRequest => ({
  method: request.method ?? 'GET',
  uri: request.url ?? '/',
  path: arrival.path,
  target: arrival.target,
  sourceIps: sourceIpsOf(request),
  userAgent: request.headers['user-agent'] ?? '',
  auditId: auditIdOf(request),
});

export class Entrance {
  private readonly options: EntranceOptions;
  private readonly certificates: ConnectionCertificates;

  constructor(options: EntranceOptions) {
    this.options = options;
    this.certificates = new ConnectionCertificates(options);
  }

  /** Who the request is made as; throws where the sender is unknown or may not. Fills in the trail and the seat. */
  pass(entry: Entry, request: IncomingMessage): Requester | Promise<Requester> {
    const { clock, accessMetrics } = this.options;
    const startMs = clock.monotonicMs();
    const refused = (error: unknown): never => {
      this.countStranger(request, clock.monotonicMs() - startMs);
      this.auditStranger(entry, request);
      throw error;
    };
    const known = (user: Requester): Requester | Promise<Requester> => {
      accessMetrics.authenticated('success', clock.monotonicMs() - startMs, user.username);
      return this.impersonate(user, entry, request);
    };
    let sender: Requester | Promise<Requester>;
    try {
      sender = this.identify(entry, request);
    } catch (error) {
      return refused(error);
    }
    return sender instanceof Promise ? sender.then(known, refused) : known(sender);
  }

  private countStranger({ headers }: IncomingMessage, durationMs: number): void {
    const result = headers.authorization === undefined ? 'failure' : 'error';
    this.options.accessMetrics.authenticated(result, durationMs);
  }

  private identify(entry: Entry, request: IncomingMessage): Requester | Promise<Requester> {
    const { audit } = this.options;
    const certificate = this.certificates.of(request.socket, this.options.clock.now());
    const { authorization, 'sec-websocket-protocol': webSocketProtocols } = request.headers;
    return this.options.authenticate({
      ...(certificate === undefined ? {} : { certificate }),
      ...(authorization === undefined ? {} : { authorization }),
      ...(webSocketProtocols === undefined || !isWebSocket(request) ? {} : { webSocketProtocols }),
      headers: () => request.headersDistinct,
      path: entry.arrival.path,
      ...(audit === undefined
        ? {}
        : { note: (key, value) => void (entry.facts ??= []).push([key, value]) }),
    });
  }

  /** Begins the record, with what is known of the sender so far. */
  private record(entry: Entry, sender: Requester | undefined, request: IncomingMessage): void {
    const trail = this.options.audit?.begin(sender, auditedRequestOf(request, entry.arrival));
    for (const [key, value] of entry.facts ?? []) trail?.annotations.set(key, value);
    entry.trail = trail;
  }

  private impersonate(
    sender: Requester,
    entry: Entry,
    request: IncomingMessage,
  ): Requester | Promise<Requester> {
    this.record(entry, sender, request);
    entry.trail?.received();
    const speaking = this.options.gate.impersonate(sender, request, entry.arrival);
    return speaking instanceof Promise
      ? speaking.then((known) => this.takeTurn(known, entry, request))
      : this.takeTurn(speaking, entry, request);
  }

  private takeTurn(
    { user, constraint }: Impersonation,
    entry: Entry,
    request: IncomingMessage,
  ): Requester | Promise<Requester> {
    const { gate, fairness } = this.options;
    const { arrival } = entry;
    entry.trail?.madeAs(user, constraint);
    const begin = (seat: Seat | undefined): Requester | Promise<Requester> => {
      entry.seat = seat;
      const method = request.method ?? 'GET';
      const allowed = gate.authorize(user, method, arrival, entry.trail?.annotations);
      return allowed === undefined ? user : allowed.then(() => user);
    };
    const turn = fairness?.(user, request, arrival);
    return turn instanceof Promise ? turn.then(begin) : begin(turn);
  }

  /** By which kinds of credentials somebody tried to be known. */
  private credentialsOf({ headers, socket, url = '/' }: IncomingMessage): readonly string[] {
    const [scheme = '', ...more] = (headers.authorization ?? '').trim().split(' ');
    const sent = more.length === 0 ? '' : scheme.toLowerCase();
    const certificate = this.certificates.of(socket, this.options.clock.now());
    return [
      ...(sent === 'basic' || sent === 'bearer' ? [sent] : []),
      ...(new URLSearchParams(url.split('?')[1]).has('access_token') ? ['access_token'] : []),
      ...(certificate === undefined ? [] : ['x509']),
    ];
  }

  private auditStranger(entry: Entry, request: IncomingMessage): void {
    this.record(entry, undefined, request);
    entry.trail?.sentByStranger(this.credentialsOf(request));
  }
}
