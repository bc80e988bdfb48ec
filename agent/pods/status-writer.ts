/**
 * Writes one pod's status to the API: one request at a time, only when something has changed, always the newest. Failures
 * are retried until they succeed or the pod is gone.
 */
import { pods } from '../../api/core/v1/pod/pod.js';
import { isDeepStrictEqual } from 'node:util';
import type { Pod, PodCondition, PodStatus } from '../../api/core/v1/types.js';
import { hasReason, isStatusError } from '../../api/meta/status-error.js';
import type { Client } from '../../machinery/client/client.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Logger } from '../../machinery/log/log.js';
import { statusRetryInitialMs, statusRetryMaxMs } from './limits.js';

export interface StatusWriterOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Wanted {
  readonly pod: Pod;
  readonly status: PodStatus;
}

/** What the API holds of the fields the agent owns, in the shape the agent writes them. */
function ownedPart(stored: PodStatus, wanted: PodStatus): unknown {
  const ownedTypes = new Set(wanted.conditions?.map(({ type }) => type));
  const part: Record<string, unknown> = {};
  for (const name of Object.keys(wanted) as (keyof PodStatus)[]) part[name] = stored[name];
  part.conditions = stored.conditions
    ?.filter(({ type }) => ownedTypes.has(type))
    .sort((a, b) => a.type.localeCompare(b.type));
  return part;
}

/** Through JSON, so that absent and undefined are the same. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function sameStatus(stored: PodStatus, wanted: PodStatus): boolean {
  const sorted = {
    ...wanted,
    conditions: [...(wanted.conditions ?? [])].sort((a, b) => a.type.localeCompare(b.type)),
  };
  return isDeepStrictEqual(plain(ownedPart(stored, wanted)), plain(sorted));
}

/** Absent fields of a condition are cleared, because conditions are merged by type. */
const wholeCondition = (condition: PodCondition): unknown => ({
  reason: null,
  message: null,
  ...condition,
});

/** A strategic merge patch; lists with merge keys whose old elements must go are replaced whole. */
function patchBody({ pod, status }: Wanted): unknown {
  const replaced = { $patch: 'replace' };
  return {
    metadata: { uid: pod.metadata.uid },
    status: {
      reason: null,
      message: null,
      ...status,
      conditions: status.conditions?.map(wholeCondition),
      ...(status.podIPs === undefined ? {} : { podIPs: [...status.podIPs, replaced] }),
      ...(status.hostIPs === undefined ? {} : { hostIPs: [...status.hostIPs, replaced] }),
    },
  };
}

export class StatusWriter {
  private readonly options: StatusWriterOptions;
  private wanted: Wanted | undefined;
  private written: PodStatus | undefined;
  private writing: Promise<void> | undefined;
  private gone = false;

  constructor(options: StatusWriterOptions) {
    this.options = options;
  }

  /** Takes note of the newest status and writes it in the background. */
  submit(pod: Pod, status: PodStatus): void {
    if (this.gone || sameStatus(this.written ?? pod.status, status)) {
      this.wanted = undefined;
      return;
    }
    this.wanted = { pod, status };
    this.writing ??= this.writeAll().finally(() => {
      this.writing = undefined;
    });
  }

  /** Resolves when the newest status is written or the pod is gone. */
  async flush(): Promise<void> {
    await this.writing;
  }

  private async writeAll(): Promise<void> {
    let delayMs = statusRetryInitialMs;
    while (this.wanted !== undefined) {
      const wanted: Wanted = this.wanted;
      try {
        await this.write(wanted);
        delayMs = statusRetryInitialMs;
        // A newer status may have been submitted while this one was on its way.
        if (this.wanted === wanted) this.wanted = undefined;
      } catch (error) {
        this.options.logger.warn('writing a pod’s status failed', {
          error,
          pod: wanted.pod.metadata.name,
          namespace: wanted.pod.metadata.namespace,
        });
        // Refused for what it says: the next change brings another one.
        if (hasReason(error, 'Invalid') || hasReason(error, 'BadRequest')) {
          this.written = wanted.status;
          if (this.wanted === wanted) this.wanted = undefined;
          continue;
        }
        await this.options.clock.sleep(delayMs);
        delayMs = Math.min(delayMs * 2, statusRetryMaxMs);
      }
    }
  }

  private async write(wanted: Wanted): Promise<void> {
    const { name, namespace } = wanted.pod.metadata;
    try {
      await this.options.client.patch(
        pods,
        { namespace, name },
        { type: 'strategic', subresource: 'status', body: patchBody(wanted) },
      );
      this.written = wanted.status;
    } catch (error) {
      // Another pod of the name, or none: there is nothing left to tell.
      const replaced = isStatusError(error) && error.reason === 'Conflict';
      if (!hasReason(error, 'NotFound') && !replaced) throw error;
      this.gone = true;
      this.wanted = undefined;
    }
  }
}
