/** What the scheduler writes: bindings, the PodScheduled condition, events. */
import { pods as podsRef } from '../../api/core/v1/pod/pod.js';
import type { Binding, Pod, PodCondition } from '../../api/core/v1/types.js';
import { hasReason } from '../../api/meta/status-error.js';
import type { ObjectMeta } from '../../api/meta/v1/types.js';
import type { Client } from '../../machinery/client/client.js';
import { timestamp } from '../../api/meta/timestamp.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Logger } from '../../machinery/log/log.js';
import { BoundedRunner } from './bounded-runner.js';
import { reportsInFlight, reportsWaiting } from './limits.js';

/** Takes events to be written in its own time; aggregates repetitions. */
export interface EventSink {
  readonly report: (event: {
    readonly regarding: {
      readonly apiVersion: string;
      readonly kind: string;
      readonly metadata: ObjectMeta;
    };
    readonly eventType: 'Normal' | 'Warning';
    readonly eventReason: string;
    readonly message: string;
  }) => void;
}

export interface PodWriterOptions {
  readonly client: Client;
  readonly events: EventSink;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Why a pod is not placed, as its PodScheduled condition says. */
export interface NotScheduled {
  readonly reason: 'Unschedulable' | 'SchedulerError' | 'SchedulingGated';
  readonly message: string;
}

const textOf = (pod: Pod): string => `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;

/** The condition to write, or undefined when the pod shows it already. */
function scheduledCondition(
  pod: Pod,
  { reason, message }: NotScheduled,
  nowMs: number,
): PodCondition | undefined {
  const present = pod.status.conditions?.find(({ type }) => type === 'PodScheduled');
  if (
    present?.status === 'False' &&
    present.reason === reason &&
    (present.message ?? '') === message
  ) {
    return undefined;
  }
  const changedAt = present?.status === 'False' ? present.lastTransitionTime : undefined;
  return {
    type: 'PodScheduled',
    status: 'False',
    reason,
    message,
    lastTransitionTime: changedAt ?? timestamp(nowMs),
    ...(pod.metadata.generation === undefined
      ? {}
      : { observedGeneration: pod.metadata.generation }),
  };
}

export class PodWriter {
  private readonly options: PodWriterOptions;
  private readonly reports = new BoundedRunner({
    running: reportsInFlight,
    waiting: reportsWaiting,
  });

  constructor(options: PodWriterOptions) {
    this.options = options;
  }

  /** Resolves when the API server has bound the pod; fails with its StatusError. */
  async bind(pod: Pod, nodeName: string): Promise<void> {
    const { client, events } = this.options;
    const { namespace, name, uid } = pod.metadata;
    const key = { namespace, name, subresource: 'binding' };
    await client.createSubresource<Binding>(podsRef, key, {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, uid, ...(namespace === undefined ? {} : { namespace }) },
      target: { apiVersion: 'v1', kind: 'Node', name: nodeName },
    });
    events.report({
      regarding: pod,
      eventType: 'Normal',
      eventReason: 'Scheduled',
      message: `Successfully assigned ${textOf(pod)} to ${nodeName}`,
    });
  }

  /** Tells the user, by condition and event, that and why the pod is not placed. Failures are logged, not thrown. */
  notScheduled(pod: Pod, why: NotScheduled): void {
    if (why.reason !== 'SchedulingGated') {
      this.options.events.report({
        regarding: pod,
        eventType: 'Warning',
        eventReason: 'FailedScheduling',
        message: why.message,
      });
    }
    const condition = scheduledCondition(pod, why, this.options.clock.now());
    if (condition === undefined) return;
    this.reports.run(pod.metadata.uid, async () => this.patchCondition(pod, condition));
  }

  private async patchCondition(pod: Pod, condition: PodCondition): Promise<void> {
    const { namespace, name, uid } = pod.metadata;
    try {
      await this.options.client.patch(
        podsRef,
        { namespace, name },
        {
          type: 'strategic',
          subresource: 'status',
          body: { metadata: { uid }, status: { conditions: [condition] } },
        },
      );
    } catch (error) {
      // The pod is gone, or another one has its name.
      if (hasReason(error, 'NotFound') || hasReason(error, 'Conflict')) return;
      this.options.logger.warn('writing the PodScheduled condition failed', {
        pod: textOf(pod),
        uid,
        error,
      });
    }
  }
}
