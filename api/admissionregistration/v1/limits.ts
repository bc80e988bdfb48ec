/** Bounds that Kubernetes sets on webhooks and policies. */
export const maxMatchConditions = 64;
export const maxAuditAnnotations = 20;
export const minTimeoutSeconds = 1;
export const maxTimeoutSeconds = 30;
export const defaultTimeoutSeconds = 10;
export const maxAuditExpressionBytes = 5 * 1024;
/** Kinds that the expressions of one policy are checked against. */
export const maxCheckedTypes = 10;
