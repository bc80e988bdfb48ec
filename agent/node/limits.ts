/** How often a node reports, and what it waits for. The figures are the kubelet's where it has them. */

/** The node's lease is renewed this often, and is good for four times as long. */
export const leaseRenewMs = 10_000;
export const leaseDurationSeconds = 40;

/** How often the machine is looked at; a change is reported at once. */
export const statusCheckMs = 10_000;

/** An unchanged status is reported this often, for its heartbeat times. */
export const statusReportMs = 5 * 60_000;

/** Between attempts to reach the master. */
export const retryMs = 1000;

/** A certificate request is decided within this time, or asked anew. */
export const decisionTimeoutMs = 15 * 60_000;

/** The cluster decides in a moment; after this time it is said that a person seems to be waited for. */
export const decisionHintMs = 5000;

/** Between two looks at a certificate request whose watch ended. */
export const watchRetryMs = 500;

/** After the first renewal that failed; twice as long after each further one. */
export const renewalRetryMs = 1000;

/** Certificates are looked after never more and never less often than this. */
export const shortestRenewalWaitMs = 100;
export const longestRenewalWaitMs = 60 * 60_000;

/** How long the master may take to show its certificates. */
export const handshakeTimeoutMs = 10_000;

/** A node takes this many pods. */
export const maxPods = 110;

/** At most this many images are reported, the largest first. */
export const maxImages = 50;
