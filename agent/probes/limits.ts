/** Limits of probes. */

/** Bytes of a probe's answer that are read. */
export const maxAnswerBytes = 10 * 1024;
/** Redirects followed on the same host. */
export const maxRedirects = 10;
/** Kubernetes' defaults, for probes whose fields are absent. */
export const defaultPeriodSeconds = 10;
export const defaultTimeoutSeconds = 1;
export const defaultFailureThreshold = 3;
export const defaultSuccessThreshold = 1;
