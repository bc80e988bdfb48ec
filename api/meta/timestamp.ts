/** Times as the API writes them: RFC 3339 in UTC, in whole seconds. Pure. */

/** The timestamp of a moment in milliseconds since the epoch. */
export const timestampText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
