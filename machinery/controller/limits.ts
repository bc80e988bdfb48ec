/** Bounds of the controller driver and the event recorder. */

/** Keys of one controller worked on at once, unless it says otherwise. */
export const defaultWorkers = 5;

/** How long a key waits for caches to show its own writes before it is reconciled regardless. */
export const expectationTimeoutMs = 5 * 60_000;

/** The first batch of creations; each batch that succeeds is followed by one twice as large. */
export const firstCreateBatch = 1;

/** Creations or deletions of one key in flight at once. */
export const maxParallelWrites = 64;

/** Events waiting to be written; beyond it the newest are dropped and counted. */
export const maxQueuedEvents = 1000;

/** Events remembered for counting repeats. */
export const maxKnownEvents = 4096;

/** Events about one object from one source that differ only in their message, before they are combined. */
export const similarEventsBeforeCombining = 10;

/** Similar events further apart than this are not combined. */
export const similarEventsWindowMs = 10 * 60_000;

/** Events about one object from one source before they are held back … */
export const eventBurst = 25;

/** … and how long one more takes to be allowed. */
export const eventRefillMs = 300_000;

/** Records kept in memory by a `RecordBuffer`. */
export const maxRecords = 1000;

/** Objects read at a time when a whole collection is deleted. */
export const collectionPageSize = 500;
