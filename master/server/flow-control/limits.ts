/** Bounds of fairness; Kubernetes' numbers. */

/** What part of the time it has for its answer a request waits for its turn before it is refused. */
export const shareOfWaiting = 0.25;
/** What part of a priority level with queues one request takes at most. */
export const shareOfOneRequest = 0.15;
/** A list takes a seat for so much of what it may have to hold at a time. */
export const listBytesPerSeat = 100_000;
/** Lists are written as they are read, so that they never hold more than about this. */
export const maxListBytesHeld = 1_000_000;
/** What a refused client is told to wait at most, in seconds. */
export const maxRetryAfterSeconds = 32;
/** What a request is reckoned to take until it is known, in milliseconds. */
export const reckonedServiceMs = 3;
/** Requests served at the same time by default, reads and writes. */
export const defaultReads = 400;
export const defaultWrites = 200;
/** So many refusals a second of what clients are told to wait double it. */
export const manyRefusalsPerSecond = 3;
/** Waits beyond this many are not kept for the next scrape of metrics. */
export const maxKeptWaits = 10_000;
