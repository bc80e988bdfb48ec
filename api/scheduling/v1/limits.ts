/** Bounds of priorities, as in Kubernetes. */

/** The highest priority anybody but the system can give. */
export const highestUserPriority = 1_000_000_000;
