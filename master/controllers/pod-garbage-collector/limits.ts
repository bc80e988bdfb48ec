/** Bounds of the pod garbage collector; the numbers are Kubernetes'. */

/** Ended pods beyond this many are deleted, those created longest ago first. */
export const terminatedPodsKept = 12_500;

/** A node must be gone this long before its pods are; it may be registering anew. */
export const missingNodeGraceMs = 40_000;

/** Pods deleted in one sweep, so that one reconcile stays short. */
export const deletionsPerSweep = 500;
