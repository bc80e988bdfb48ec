/** Bounds of informers. */

/** Objects asked for in one page of a list. */
export const listPageSize = 2000;

/** After a failed list or watch the informer waits this long, doubled by each further failure. */
export const retryBaseMs = 200;

/** No wait between attempts is longer. */
export const retryMaxMs = 30_000;

/** Waits are stretched by up to this share, so that many clients do not return at once. */
export const retryJitter = 0.5;

/** A watch is renewed after this long to twice this long. */
export const minWatchSeconds = 300;

/** A watch that ended sooner than this counts as a failure. */
export const shortestWatchMs = 1000;
