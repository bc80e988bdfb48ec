/** Bounds of work queues, as client-go sets them. */

/** The first retry of a key waits this long; each further one twice as long. */
export const retryBaseMs = 5;

/** No retry waits longer. */
export const retryMaxMs = 1_000_000;
