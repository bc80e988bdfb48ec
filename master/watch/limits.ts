/** Every bound of the watch cache. */
export const watchLimits = {
  /** Recent events a resource keeps in memory for watches that resume. Older ones are read from the store's history. */
  windowEvents: 2_000,
  /** Bytes of objects those events may hold. */
  windowBytes: 8 * 1024 * 1024,
  /** Events a watcher may be behind before it is cut off; its client resumes where it was. */
  watcherBufferEvents: 2_000,
  /** Bytes of objects those events may hold. */
  watcherBufferBytes: 8 * 1024 * 1024,
  /** Events handed to a watcher at once. */
  watcherBatchEvents: 500,
  /** Bytes of objects at which such a batch ends: it is copied for each watcher. */
  watcherBatchBytes: 256 * 1024,
  /** Events read at once from the store's history for a watch that resumes further back than the window reaches. */
  historyPageEvents: 500,
  /** Bytes of objects at which such a page ends. */
  historyPageBytes: 1024 * 1024,
  /** How often a watch that asked for bookmarks gets one. */
  bookmarkIntervalMs: 60_000,
  /** A watch that asked for bookmarks gets one so long before it is ended, to resume from. */
  bookmarkBeforeEndMs: 2_000,
  /** The longest JSON an object is stored as: that of the largest body of a request. Many patches make no more of it. */
  maxObjectBytes: 3 * 1024 * 1024,
  /** Entries read from the store at once when a cache fills or a list is shown at an older revision. */
  storePageEntries: 1_000,
} as const;
