/** Times as the API writes them, from milliseconds since the epoch. Pure. */

/** RFC 3339 in UTC with whole seconds, as `metav1.Time` is written. */
export function timestamp(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== lastSecond.second) {
    lastSecond = { second, text: `${new Date(ms).toISOString().slice(0, 19)}Z` };
  }
  return lastSecond.text;
}

/** Most timestamps are made in the same second as the one before. */
let lastSecond = { second: 0, text: '1970-01-01T00:00:00Z' };

/** RFC 3339 in UTC with microseconds, as `metav1.MicroTime` is written. */
export const microTimestamp = (ms: number): string =>
  `${new Date(ms).toISOString().slice(0, 23)}000Z`;
