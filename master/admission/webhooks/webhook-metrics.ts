/** What `/metrics` tells of webhooks, under Kubernetes' names. */
import type { Metrics } from '../../../machinery/metrics/metrics.js';

interface Observation {
  readonly name: string;
  /** `admit` or `validating`. */
  readonly type: string;
  readonly operation: string;
}

export interface WebhookMetrics {
  readonly called: (
    call: Observation & {
      readonly tookMs: number;
      readonly rejected: boolean;
      readonly code: number;
    },
  ) => void;
  readonly rejected: (
    rejection: Observation & { readonly errorType: string; readonly code: number },
  ) => void;
  /** It failed, and its policy is to go on. */
  readonly failedOpen: (observation: Observation) => void;
}

/** Counts nothing. */
export const noWebhookMetrics: WebhookMetrics = {
  called: () => undefined,
  rejected: () => undefined,
  failedOpen: () => undefined,
};

/** Kubernetes keeps codes above this one as one value. */
const largestCode = 600;

/** Declares the metrics. */
export function createWebhookMetrics(metrics: Metrics): WebhookMetrics {
  const duration = metrics.histogram({
    name: 'apiserver_admission_webhook_admission_duration_seconds',
    help: 'How long webhooks took to answer.',
    labels: ['name', 'operation', 'rejected', 'type'],
    buckets: [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25],
  });
  const requests = metrics.counter({
    name: 'apiserver_admission_webhook_request_total',
    help: 'Requests to webhooks.',
    labels: ['code', 'name', 'operation', 'rejected', 'type'],
  });
  const rejections = metrics.counter({
    name: 'apiserver_admission_webhook_rejection_count',
    help: 'Requests that webhooks refused, or that failed because a webhook did.',
    labels: ['error_type', 'name', 'operation', 'rejection_code', 'type'],
  });
  const open = metrics.counter({
    name: 'apiserver_admission_webhook_fail_open_count',
    help: 'Requests that went on although a webhook failed.',
    labels: ['name', 'type'],
  });
  return {
    called: ({ name, type, operation, tookMs, rejected, code }) => {
      const labels = { name, operation, type, rejected: String(rejected) };
      duration.observe(tookMs / 1000, labels);
      requests.increment({ ...labels, code: String(code) });
    },
    rejected: ({ name, type, operation, errorType, code }) => {
      rejections.increment({
        name,
        operation,
        type,
        error_type: errorType,
        rejection_code: String(Math.min(code, largestCode)),
      });
    },
    failedOpen: ({ name, type }) => {
      open.increment({ name, type });
    },
  };
}
