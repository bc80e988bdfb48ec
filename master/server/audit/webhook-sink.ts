/** Sends audit events to a server in batches, as an EventList. */
import type { Transport } from '../../../machinery/client/transport.js';
import type { CancelTimer, Clock } from '../../../machinery/clock/clock.js';
import type { Logger } from '../../../machinery/log/log.js';
import type { AuditSink } from './auditor.js';
import type { AuditEvent } from './event.js';
import {
  maxWebhookBacklog,
  webhookAttempts,
  webhookBatchSize,
  webhookBatchWaitMs,
  webhookRetryMs,
} from './limits.js';

export interface WebhookSinkOptions {
  readonly transport: Transport;
  /** The path of the server that events are posted to. */
  readonly path: string;
  readonly batchSize?: number | undefined;
  readonly batchWaitMs?: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Counts events that were given up. */
  readonly lost: (events: number) => void;
}

export class WebhookSink implements AuditSink {
  private readonly options: WebhookSinkOptions;
  private waiting: AuditEvent[] = [];
  private cancelTimer: CancelTimer | undefined;
  private sending: Promise<void> | undefined;
  private readonly closing = new AbortController();

  constructor(options: WebhookSinkOptions) {
    this.options = options;
  }

  write(event: AuditEvent): void {
    if (this.waiting.length >= maxWebhookBacklog) {
      this.options.lost(1);
      return;
    }
    this.waiting.push(event);
    const { clock, batchSize = webhookBatchSize, batchWaitMs = webhookBatchWaitMs } = this.options;
    if (this.waiting.length >= batchSize) this.flush();
    else
      this.cancelTimer ??= clock.after(batchWaitMs, () => {
        this.flush();
      });
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.flush();
    await this.sending;
  }

  private flush(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.sending ??= this.sendAll().finally(() => {
      this.sending = undefined;
    });
  }

  private async sendAll(): Promise<void> {
    const { batchSize = webhookBatchSize } = this.options;
    while (this.waiting.length > 0) await this.send(this.waiting.splice(0, batchSize));
  }

  private async send(items: readonly AuditEvent[]): Promise<void> {
    const { transport, path, logger, lost } = this.options;
    const body = { kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items };
    for (let attempt = 1; ; attempt += 1) {
      try {
        await transport.request({ method: 'POST', path, body });
        return;
      } catch (error) {
        if (attempt < webhookAttempts && !this.closing.signal.aborted) {
          await this.pause(attempt);
          continue;
        }
        lost(items.length);
        logger.error('audit events could not be delivered', { events: items.length, error });
        return;
      }
    }
  }

  /** Ends early when the master stops, for one last try. */
  private async pause(attempt: number): Promise<void> {
    const { signal } = this.closing;
    try {
      await this.options.clock.sleep(webhookRetryMs * 2 ** (attempt - 1), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
