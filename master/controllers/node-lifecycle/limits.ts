/** Bounds of the node lifecycle controller. */

/**
 * How long a node may be silent before it counts as unreachable. `standard` is Kubernetes' own; `fast` suits small clusters
 * on one network, where fifteen seconds of silence mean something.
 */
export const graceMs = { standard: 40_000, fast: 15_000 } as const;

/** A node that has never reported gets this long after its registration, or the grace above if that is longer. */
export const startupGraceMs = 60_000;

/** A zone with this share of its nodes not ready, and more than two of them, is thought to be cut off rather than dead. */
export const disruptedShare = 0.55;

/** In clusters up to this size nothing is evicted from a zone thought to be cut off. */
export const smallClusterNodes = 50;
