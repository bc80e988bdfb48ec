/** Bounds of pod networking. */

/** Pods whose wiring is made or removed at once; more only contend for the kernel's one routing lock. */
export const maxParallelWirings = 4;
/** Longest a routing or firewall command may run. */
export const commandTimeoutMs = 20_000;
/** Changes of nodes are gathered this long before routes follow. */
export const routeSyncDelayMs = 50;
/** Wait before routes that could not be set are tried again. */
export const routeRetryMs = 5_000;
