/** Bounds of fairness; Kubernetes' numbers. */

/** How long a request waits for its turn before it is refused. */
export const maxWaitMs = 15_000;
/** What a request takes at most of a priority level. */
export const maxSeats = 10;
/** A list takes a seat for so many objects. */
export const objectsPerSeat = 100;
/** What a refused client is told to wait, in seconds. */
export const retryAfterSeconds = 1;
/** What a request is reckoned to take until it is known, in milliseconds. */
export const reckonedServiceMs = 3;
/** Requests served at the same time by default, reads and writes. */
export const defaultReads = 400;
export const defaultWrites = 200;
