/** Bounds of the service proxy. */

/** How long changes that follow a sync are gathered before the next; the first change after quiet is applied at once. */
export const minSyncIntervalMs = 20;
/** How often it is checked that nobody flushed our chains. */
export const canaryIntervalMs = 30_000;
/** How often everything is written anew, whatever is believed to be there. */
export const fullSyncIntervalMs = 60 * 60_000;
/** Wait before a failed sync is tried again, doubled each time. */
export const retryBaseMs = 200;
export const retryMaxMs = 30_000;
/** Longest one iptables command may run. */
export const commandTimeoutMs = 120_000;
/** Most conntrack deletions running at once. */
export const maxConntrackCommands = 4;
/** Length of time session affinity lasts when a Service does not say, in seconds. */
export const defaultAffinitySeconds = 10_800;
/** Services written in one kernel transaction when everything is written. */
export const servicesPerWrite = 250;
/** Chains removed in one kernel transaction when everything is written. */
export const chainsPerRemoval = 1_000;
