/** Bounds of admission. */

/** How long a pod's creation waits for the `default` service account of a new namespace, as Kubernetes does. */
export const defaultAccountWaitMs = 1500;

/** How often it looks. */
export const defaultAccountPollMs = 20;
/** Rounds tried where the quotas of a namespace are changed by others meanwhile. */
export const maxQuotaAttempts = 10;
/** Pods looked at when a namespace's level is raised, to warn of those that violate it. */
export const maxPodsChecked = 3000;
/** Events that EventRateLimit lets pass, where it is enabled. */
export const eventLimits = {
  standard: [
    { type: 'Server', perSecond: 1000, burst: 5000, kept: 1 },
    { type: 'Namespace', perSecond: 50, burst: 500, kept: 4096 },
  ],
  /** Namespaces, users or objects that are remembered where a configuration does not say how many. */
  kept: 4096,
} as const;
/** How long a pod that says nothing stays on a node that fails. */
export const defaultTolerationSeconds = 300;
/** What all match conditions of one webhook or policy may cost in a request, in CEL's units. */
export const matchConditionCostBudget = 2_500_000;
/** For webhooks that do not say how long to wait. */
export const defaultWebhookTimeoutSeconds = 10;
/** What all expressions of one policy may cost in a request, in CEL's units; Kubernetes' figure. */
export const policyCostBudget = 10_000_000;
/** A message that an expression computes; longer ones are not used. */
export const maxEvaluatedMessageBytes = 5 * 1024;
/** A fact for the audit record; longer ones are cut. */
export const maxAuditValueBytes = 10 * 1024;
