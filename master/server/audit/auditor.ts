/**
 * Records who asked for what and what came of it, as far as the audit policy wants it. A request that the policy does not
 * record has no trail, and costs no more than the look at the rules.
 *
 * Called by the HTTP server and the in-process transport for every request, where a policy is configured. What cannot be
 * written is counted and never holds up or fails a request.
 */
import { randomUUID } from 'node:crypto';
import type { Status } from '../../../api/meta/v1/types.js';
import { microTimestamp } from '../../../api/meta/timestamp.js';
import type { Clock } from '../../../machinery/clock/clock.js';
import type { ApiAnswer, ApiBody } from '../api-request.js';
import type { ResourceRequest } from '../request-info.js';
import { objectReference, statusOf, userInfo, withoutManagedFields } from './event.js';
import type { AuditEvent } from './event.js';
import { maxUserAgentLength } from './limits.js';
import { auditDecider, isAtLeast } from './policy.js';
import type { AuditDecision, AuditPolicy, AuditStage } from './policy.js';
import type { Requester } from '../../../api/schema/resource.js';

/** Takes events; must neither throw nor keep the caller waiting. */
export interface AuditSink {
  readonly write: (event: AuditEvent) => void;
  /** Writes what is held back. */
  readonly close: () => Promise<void>;
}

export interface AuditorOptions {
  readonly policy: AuditPolicy;
  readonly sinks: readonly AuditSink[];
  readonly clock: Clock;
  /** The JSON value of a request's body; undefined for what cannot be read. */
  readonly bodyValue: (target: ResourceRequest, body: ApiBody) => unknown;
  readonly recorded: () => void;
}

/** What is known of a request when it arrives. */
export interface AuditedRequest {
  readonly method: string;
  /** Path and query. */
  readonly uri: string;
  readonly path: string;
  readonly target: ResourceRequest | undefined;
  readonly sourceIps: readonly string[];
  readonly userAgent: string;
  /** The id the client gave, if it did. */
  readonly auditId: string | undefined;
}

const verbOf = ({ target, method }: AuditedRequest): string =>
  target === undefined ? method.toLowerCase() : target.verb;

export class Auditor {
  private readonly options: AuditorOptions;
  private readonly decide: ReturnType<typeof auditDecider>;

  constructor(options: AuditorOptions) {
    this.options = options;
    this.decide = auditDecider(options.policy);
  }

  /** Begins the record of a request; undefined where the policy wants none. */
  begin(user: Requester | undefined, request: AuditedRequest): AuditTrail | undefined {
    const { path, target } = request;
    const decision = this.decide({ user, verb: verbOf(request), path, target });
    if (decision.level === 'None') return undefined;
    return new AuditTrail(this.options, decision, { user, request });
  }

  async close(): Promise<void> {
    await Promise.all(this.options.sinks.map((sink) => sink.close()));
  }
}

interface Subject {
  readonly user: Requester | undefined;
  readonly request: AuditedRequest;
}

/** The record of one request while it is served. */
export class AuditTrail {
  readonly auditId: string;
  /** Facts that steps add, such as how authorisation decided. */
  readonly annotations = new Map<string, string>();
  private readonly options: AuditorOptions;
  private readonly decision: AuditDecision;
  private readonly subject: Subject;
  private readonly receivedMs: number;
  private impersonated: Requester | undefined;
  private constraint: string | undefined;
  /** Why the sender is not known. */
  private strangeness: string | undefined;
  private body: ApiBody | undefined;
  private answer: ApiAnswer | undefined;
  private failure: Status | undefined;
  private isComplete = false;

  constructor(options: AuditorOptions, decision: AuditDecision, subject: Subject) {
    this.options = options;
    this.decision = decision;
    this.subject = subject;
    this.auditId = subject.request.auditId ?? randomUUID();
    this.receivedMs = options.clock.now();
  }

  /** The sender is known, and may be. */
  received(): void {
    this.emit('RequestReceived', undefined);
  }

  /** Whom the sender speaks for; by which verb, where the impersonation is a constrained one. */
  madeAs(user: Requester, constraint?: string): void {
    if (user === this.subject.user) return;
    this.impersonated = user;
    this.constraint = constraint;
  }

  /** Nobody knows the sender, by any of these kinds of credentials. */
  sentByStranger(credentials: readonly string[]): void {
    this.strangeness =
      credentials.length === 0
        ? 'Authentication failed, no credentials provided'
        : `Authentication failed, attempted: ${credentials.join(', ')}`;
  }

  /** Whether the record tells what was sent. */
  get tellsBodies(): boolean {
    return isAtLeast(this.decision.level, 'Request');
  }

  /** The body as it came. */
  sent(body: ApiBody): void {
    if (this.tellsBodies) this.body = body;
  }

  answered(answer: ApiAnswer): void {
    this.answer = answer;
  }

  failed(status: Status): void {
    this.failure = status;
  }

  /** The head of an answer that goes on has been sent. */
  started(code: number): void {
    this.emit('ResponseStarted', code);
  }

  /** All has been answered. */
  complete(code: number): void {
    if (this.isComplete) return;
    this.isComplete = true;
    // As Kubernetes has it, the one event of a request that nobody is known to have sent.
    this.emit(this.strangeness === undefined ? 'ResponseComplete' : 'ResponseStarted', code);
  }

  private emit(stage: AuditStage, code: number | undefined): void {
    if (this.decision.omitStages.has(stage)) return;
    const event = this.eventAt(stage, code);
    this.options.recorded();
    for (const sink of this.options.sinks) sink.write(event);
  }

  private eventAt(stage: AuditStage, code: number | undefined): AuditEvent {
    const { clock } = this.options;
    const { user, request } = this.subject;
    const { target, sourceIps, userAgent } = request;
    return {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: this.decision.level,
      auditID: this.auditId,
      stage,
      requestURI: request.uri,
      verb: verbOf(request),
      user: userInfo(user),
      ...(this.impersonated === undefined ? {} : { impersonatedUser: userInfo(this.impersonated) }),
      ...(this.constraint === undefined
        ? {}
        : { authenticationMetadata: { impersonationConstraint: this.constraint } }),
      ...(sourceIps.length === 0 ? {} : { sourceIPs: sourceIps }),
      ...(userAgent === '' ? {} : { userAgent: shortened(userAgent) }),
      ...(target === undefined ? {} : { objectRef: objectReference(target, this.madeName()) }),
      ...(code === undefined ? {} : { responseStatus: this.statusWith(code) }),
      ...this.objects(target, stage),
      requestReceivedTimestamp: microTimestamp(this.receivedMs),
      stageTimestamp: microTimestamp(clock.now()),
      ...(this.annotations.size === 0
        ? {}
        : { annotations: Object.fromEntries([...this.annotations].sort()) }),
    };
  }

  private statusWith(code: number): Partial<Status> {
    const { strangeness: message } = this;
    return message === undefined ? statusOf(code, this.failure) : { metadata: {}, message, code };
  }

  /** The name the answer tells, of what was created or refused. */
  private madeName(): string {
    if (this.answer?.type === 'object' && this.answer.resource !== undefined) {
      return this.answer.object.metadata.name;
    }
    return this.failure?.details?.name ?? '';
  }

  private objects(
    target: ResourceRequest | undefined,
    stage: AuditStage,
  ): Pick<AuditEvent, 'requestObject' | 'responseObject'> {
    if (stage === 'RequestReceived' || target === undefined) return {};
    if (this.strangeness !== undefined) return {};
    const { level, omitManagedFields } = this.decision;
    const told = (value: unknown): unknown =>
      omitManagedFields ? withoutManagedFields(value) : value;
    const sent = this.body === undefined ? undefined : this.options.bodyValue(target, this.body);
    const given = isAtLeast(level, 'RequestResponse') ? this.responseObject() : undefined;
    return {
      ...(sent === undefined ? {} : { requestObject: told(sent) }),
      ...(given === undefined ? {} : { responseObject: told(given) }),
    };
  }

  private responseObject(): unknown {
    if (this.failure !== undefined) return this.failure;
    const { answer } = this;
    if (answer?.type === 'object') return answer.object;
    if (answer?.type !== 'list') return undefined;
    const { listKind: kind, apiVersion } = answer.resource;
    const metadata = { resourceVersion: String(answer.page.revision) };
    return { kind, apiVersion, metadata, items: answer.page.items.map(({ object }) => object) };
  }
}

const shortened = (userAgent: string): string =>
  userAgent.length <= maxUserAgentLength
    ? userAgent
    : `${userAgent.slice(0, maxUserAgentLength)}...TRUNCATED`;
