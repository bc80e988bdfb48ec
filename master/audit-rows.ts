/** The settings of auditing, under Kubernetes' names; rows of the master's table. */
import { durationMs, optionalRow, text, wholeNumber } from '../machinery/config/shared-rows.js';
import type { ConfigRow, ConfigTable } from '../machinery/config/config.js';
import { defaultLogSizeMb, webhookBatchSize, webhookBatchWaitMs } from './server/audit/limits.js';

export interface AuditConfig {
  readonly auditPolicyFile: string | undefined;
  readonly auditLogPath: string | undefined;
  readonly auditLogMaxageDays: number;
  readonly auditLogMaxbackup: number;
  readonly auditLogMaxsizeMb: number;
  readonly auditWebhookConfigFile: string | undefined;
  readonly auditWebhookBatchMaxSize: number;
  readonly auditWebhookBatchMaxWaitMs: number;
}

const file = (flag: string, help: string): ConfigRow<string | undefined> =>
  optionalRow(flag, text, { placeholder: 'FILE', help });

export const auditTable: ConfigTable<AuditConfig> = {
  auditPolicyFile: file(
    'audit-policy-file',
    'An audit policy, audit.k8s.io/v1, that says which requests are recorded and how much of them',
  ),
  auditLogPath: file(
    'audit-log-path',
    'Where audit events are written, one a line; - for the output',
  ),
  auditLogMaxageDays: {
    flag: 'audit-log-maxage',
    schema: wholeNumber(0),
    default: 0,
    placeholder: 'DAYS',
    help: 'How many days old audit logs are kept; 0 for ever',
  },
  auditLogMaxbackup: {
    flag: 'audit-log-maxbackup',
    schema: wholeNumber(0),
    default: 0,
    placeholder: 'N',
    help: 'How many old audit logs are kept; 0 for all',
  },
  auditLogMaxsizeMb: {
    flag: 'audit-log-maxsize',
    schema: wholeNumber(1),
    default: defaultLogSizeMb,
    placeholder: 'MB',
    help: 'The size at which the audit log is begun anew',
  },
  auditWebhookConfigFile: file(
    'audit-webhook-config-file',
    'A kubeconfig that names a server which audit events are posted to, as an EventList',
  ),
  auditWebhookBatchMaxSize: {
    flag: 'audit-webhook-batch-max-size',
    schema: wholeNumber(1),
    default: webhookBatchSize,
    placeholder: 'N',
    help: 'How many audit events are posted at once at most',
  },
  auditWebhookBatchMaxWaitMs: {
    flag: 'audit-webhook-batch-max-wait',
    schema: durationMs,
    default: webhookBatchWaitMs,
    defaultText: '30s',
    placeholder: 'DURATION',
    help: 'How long an audit event waits for others to be posted with',
  },
};
