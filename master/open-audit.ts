/** Opens auditing as the settings say: the policy, and where events go. */
import { openKubeconfigService } from '../machinery/client/kubeconfig-service.js';
import type { Clock } from '../machinery/clock/clock.js';
import { ConfigError } from '../machinery/config/config.js';
import { readNamedFile } from '../machinery/config/named-file.js';
import { RotatingFile } from '../machinery/files/rotating-file.js';
import type { Logger } from '../machinery/log/log.js';
import type { Metrics } from '../machinery/metrics/metrics.js';
import type { AuditConfig } from './audit-rows.js';
import type { Registries } from './registry/registries.js';
import { auditedValue } from './server/audit/audited-value.js';
import { Auditor } from './server/audit/auditor.js';
import type { AuditSink } from './server/audit/auditor.js';
import { defaultLogSizeMb, maxLogBacklogBytes } from './server/audit/limits.js';
import { logSink } from './server/audit/log-sink.js';
import { parseAuditPolicy } from './server/audit/policy.js';
import { WebhookSink } from './server/audit/webhook-sink.js';

export interface AuditOptions {
  readonly config: Partial<AuditConfig>;
  readonly registries: Registries;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

const dayMs = 24 * 3_600_000;
const mbBytes = 1024 * 1024;

type Lost = (plugin: string) => (events: number) => void;

function openLog({ config, clock, logger }: AuditOptions, file: string, lost: Lost): AuditSink {
  const dropped = lost('log');
  if (file === '-') {
    const append = (text: string): boolean => {
      process.stdout.write(text);
      return true;
    };
    return logSink({ append, flushed: () => Promise.resolve() }, dropped);
  }
  const log = new RotatingFile({
    file,
    maxSizeBytes: (config.auditLogMaxsizeMb ?? defaultLogSizeMb) * mbBytes,
    maxBackups: config.auditLogMaxbackup ?? 0,
    maxAgeMs: (config.auditLogMaxageDays ?? 0) * dayMs,
    maxBacklogBytes: maxLogBacklogBytes,
    clock,
    onError: (error) => {
      dropped(1);
      logger.error('the audit log cannot be written', { file, error });
    },
  });
  return logSink(log, dropped);
}

function openWebhook(options: AuditOptions, file: string, lost: Lost): AuditSink {
  const { config, clock, logger } = options;
  return new WebhookSink({
    ...openKubeconfigService(file),
    batchSize: config.auditWebhookBatchMaxSize,
    batchWaitMs: config.auditWebhookBatchMaxWaitMs,
    clock,
    logger,
    lost: lost('webhook'),
  });
}

/** Undefined where nothing is to be recorded. Throws ConfigError or KubeconfigError where the settings cannot be followed. */
export async function openAudit(options: AuditOptions): Promise<Auditor | undefined> {
  const { config, clock, metrics, registries } = options;
  const { auditPolicyFile, auditLogPath, auditWebhookConfigFile } = config;
  if (auditPolicyFile === undefined) {
    if (auditLogPath === undefined && auditWebhookConfigFile === undefined) return undefined;
    throw new ConfigError('audit events need --audit-policy-file, which says what is recorded');
  }
  const { value: policy } = await readNamedFile(
    { flag: 'audit-policy-file', file: auditPolicyFile },
    parseAuditPolicy,
  );
  const events = metrics.counter({
    name: 'apiserver_audit_event_total',
    help: 'Audit events that were made.',
  });
  const errors = metrics.counter({
    name: 'apiserver_audit_error_total',
    help: 'Audit events that were lost, by where they should have gone.',
    labels: ['plugin'],
  });
  const lost: Lost = (plugin) => (count) => {
    errors.increment({ plugin }, count);
  };
  const sinks = [
    ...(auditLogPath === undefined ? [] : [openLog(options, auditLogPath, lost)]),
    ...(auditWebhookConfigFile === undefined
      ? []
      : [openWebhook(options, auditWebhookConfigFile, lost)]),
  ];
  if (sinks.length === 0) return undefined;
  const find = registries.find.bind(registries);
  return new Auditor({
    policy,
    sinks,
    clock,
    bodyValue: ({ group, plural, version }, body) =>
      auditedValue(body, find(group, plural, version)?.resource),
    recorded: () => {
      events.increment();
    },
  });
}
