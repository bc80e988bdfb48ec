/** Bounds of autoscalers, as in Kubernetes. */

/** Seconds back in which recommendations may count. */
export const maxStabilizationSeconds = 3600;

/** Length in seconds of the period a scaling policy is about. */
export const maxPolicyPeriodSeconds = 1800;
