/**
 * Writes Events without ever delaying or failing whoever reports them. Repeats raise a count, many alike are combined, and
 * one noisy object cannot flood the API – as Kubernetes' event correlator does.
 *
 * Used by controllers through the driver, and by the scheduler and the agent directly.
 */
import { events as eventsRef } from '../../api/core/v1/event.js';
import { hasReason } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { Client } from '../client/client.js';
import { timestamp } from '../../api/meta/timestamp.js';
import { BoundedMemory } from '../bounded-memory.js';
import type { Clock } from '../clock/clock.js';
import type { Logger } from '../log/log.js';
import { TokenBuckets } from '../token-buckets.js';
import {
  eventBurst,
  eventRefillMs,
  maxKnownEvents,
  maxQueuedEvents,
  similarEventsBeforeCombining,
  similarEventsWindowMs,
} from './limits.js';

export interface EventReport {
  /** The object the event is about; a `fieldPath` names a part, such as `spec.containers{web}`. */
  readonly regarding: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>;
  readonly fieldPath?: string;
  readonly eventType: 'Normal' | 'Warning';
  readonly eventReason: string;
  readonly message: string;
}

export interface EventRecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Who reports, such as `deployment-controller`. */
  readonly component: string;
  /** The node reporting, for agents. */
  readonly host?: string;
}

interface KnownEvent {
  readonly namespace: string;
  readonly name: string;
  count: number;
}

/** The messages of events that are alike in everything else. */
interface SimilarEvents {
  readonly messages: Set<string>;
  readonly lastMs: number;
}

export class EventRecorder {
  private readonly options: EventRecorderOptions;
  private readonly queue: EventReport[] = [];
  private readonly known = new BoundedMemory<KnownEvent>(maxKnownEvents);
  private readonly similar = new BoundedMemory<SimilarEvents>(maxKnownEvents);
  private readonly budgets = new TokenBuckets({
    burst: eventBurst,
    perSecond: 1000 / eventRefillMs,
    kept: maxKnownEvents,
  });
  private dropped = 0;
  private sequence = 0;
  private writing: Promise<void> | undefined;

  constructor(options: EventRecorderOptions) {
    this.options = options;
  }

  /** Queues the event and returns at once. */
  report(report: EventReport): void {
    if (this.queue.length >= maxQueuedEvents) {
      this.dropped += 1;
      return;
    }
    this.queue.push(report);
    this.writing ??= this.writeAll();
  }

  /** Resolves once everything reported so far was written or given up. */
  async flush(): Promise<void> {
    await this.writing;
  }

  private async writeAll(): Promise<void> {
    await Promise.resolve();
    for (;;) {
      const report = this.queue.shift();
      if (report === undefined) break;
      await this.write(report);
    }
    this.writing = undefined;
    if (this.dropped === 0) return;
    this.options.logger.warn('events dropped, the queue was full', { count: this.dropped });
    this.dropped = 0;
  }

  private async write(reported: EventReport): Promise<void> {
    const nowMs = this.options.clock.now();
    const report = this.combined(reported, nowMs);
    const subject = `${report.regarding.metadata.uid}|${report.fieldPath ?? ''}`;
    if (!this.budgets.take(report.regarding.metadata.uid, nowMs)) return;
    const key = `${subject}|${report.eventType}|${report.eventReason}|${report.message}`;
    try {
      const known = this.known.get(key);
      if (known !== undefined && (await this.raiseCount(known, nowMs))) return;
      const event = this.eventFrom(report, nowMs);
      await this.options.client.create(eventsRef, event);
      const { namespace, name } = event.metadata;
      this.known.set(key, { namespace, name, count: 1 });
    } catch (error) {
      // Events about a namespace that is being deleted are refused; nothing is lost by that.
      if (hasReason(error, 'Forbidden') || hasReason(error, 'NotFound')) return;
      this.options.logger.warn('event not written', { error, reason: report.eventReason });
    }
  }

  /** Whether the count could be raised; not when the event has expired meanwhile. */
  private async raiseCount(known: KnownEvent, nowMs: number): Promise<boolean> {
    known.count += 1;
    const body = { count: known.count, lastTimestamp: timestamp(nowMs) };
    try {
      await this.options.client.patch(eventsRef, known, { type: 'merge', body });
      return true;
    } catch (error) {
      if (hasReason(error, 'NotFound')) return false;
      throw error;
    }
  }

  /** After many events alike but for their message, one combined message stands for the rest. */
  private combined(report: EventReport, nowMs: number): EventReport {
    const { regarding, eventType, eventReason, message, fieldPath } = report;
    const key = `${regarding.metadata.uid}|${fieldPath ?? ''}|${eventType}|${eventReason}`;
    const before = this.similar.get(key);
    const fresh = before !== undefined && nowMs - before.lastMs <= similarEventsWindowMs;
    const messages = fresh ? before.messages : new Set<string>();
    messages.add(message);
    this.similar.set(key, { messages, lastMs: nowMs });
    if (messages.size < similarEventsBeforeCombining) return report;
    messages.delete(message);
    return { ...report, message: `(combined from similar events): ${message}` };
  }

  private eventFrom(report: EventReport, nowMs: number) {
    const { component, host } = this.options;
    const { apiVersion, kind, metadata } = report.regarding;
    const at = timestamp(nowMs);
    this.sequence += 1;
    const unique = (BigInt(Math.trunc(nowMs)) * 1_000_000n + BigInt(this.sequence)).toString(16);
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {
        namespace: metadata.namespace ?? 'default',
        name: `${metadata.name}.${unique}`,
      },
      involvedObject: {
        apiVersion,
        kind,
        name: metadata.name,
        uid: metadata.uid,
        resourceVersion: metadata.resourceVersion,
        ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
        ...(report.fieldPath === undefined ? {} : { fieldPath: report.fieldPath }),
      },
      type: report.eventType,
      reason: report.eventReason,
      message: report.message,
      count: 1,
      firstTimestamp: at,
      lastTimestamp: at,
      source: { component, ...(host === undefined ? {} : { host }) },
      reportingComponent: component,
      reportingInstance: host ?? '',
    };
  }
}
