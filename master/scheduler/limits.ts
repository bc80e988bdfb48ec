/** Bounds of the scheduler. */

/** A pod that could not be placed waits this long before its next attempt, doubled by each further failure. */
export const backOffBaseMs = 1000;

/** No wait between two attempts is longer. */
export const backOffMaxMs = 10_000;

/** A pod nothing has made schedulable is tried again after this long, in case a hint was missed. */
export const unschedulableMaxMs = 5 * 60_000;

/** How often pods that waited longer than `unschedulableMaxMs` are looked for. */
export const unschedulableSweepMs = 30_000;

/** Bindings under way at once. The loop pauses at this number, so that the API server is never flooded. */
export const bindsInFlight = 128;

/** Status patches and events of failed attempts under way at once; further ones wait their turn. */
export const reportsInFlight = 16;

/** Reports waiting for their turn. Beyond it the oldest is dropped; its pod reports again at its next attempt. */
export const reportsWaiting = 10_000;

/** The loop gives the process back to others after this long. */
export const sliceMs = 8;

/** Up to this many nodes, every node is looked at; in larger clusters a pod is content with a share of the feasible ones. */
export const alwaysSearchAllNodes = 100;

/** The share of nodes, in percent, that is never undercut however large the cluster is. */
export const minSearchPercent = 5;

/** Pods whose verdicts are kept for `explain`. */
export const verdictsKept = 1000;

/** Per-node entries kept over all verdicts; the oldest verdicts go first. */
export const verdictNodesKept = 200_000;

/** Quantities whose parsed number is remembered. */
export const quantitiesRemembered = 4096;
