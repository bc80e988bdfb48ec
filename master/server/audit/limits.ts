/** Bounds of what auditing holds back for a slow disk or server. */

/** Beyond so much text waiting for the disk, events are dropped and counted. */
export const maxLogBacklogBytes = 64 * 1024 * 1024;
/** Beyond so many events waiting for the webhook, events are dropped and counted; Kubernetes' number. */
export const maxWebhookBacklog = 10_000;
/** Events sent to the webhook at once; Kubernetes' number. */
export const webhookBatchSize = 400;
/** How long an event waits for others to be sent with; Kubernetes' time. */
export const webhookBatchWaitMs = 30_000;
/** How often a batch is offered before it is dropped. */
export const webhookAttempts = 4;
/** The pause before a batch is offered again; doubled every time. */
export const webhookRetryMs = 10_000;
/** Longer texts by which clients call themselves are cut. */
export const maxUserAgentLength = 1024;
/** The size at which the log is begun anew where no flag says otherwise. */
export const defaultLogSizeMb = 100;
