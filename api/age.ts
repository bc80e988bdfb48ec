/**
 * Durations and ages as `kubectl get` prints them: `45s`, `3m20s`, `5h10m`, `8d`.
 *
 * Called by the table columns of every kind and by `kubectl describe`-like texts. Pure; the caller passes the time.
 */

/** A whole number of the larger unit, followed by the smaller one where it is not zero. */
const pair = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0
    ? `${String(large)}${largeUnit}`
    : `${String(large)}${largeUnit}${String(small)}${smallUnit}`;

/**
 * A duration in milliseconds with at most two units, precise where it is short and coarse where it is long. A clock that
 * is up to two seconds ahead counts as now; anything earlier is `<invalid>`.
 */
export function humanDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${String(seconds)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return pair(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${String(minutes)}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return pair(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${String(hours)}h`;
  const days = Math.floor(hours / 24);
  if (hours < 192) return pair(days, 'd', hours % 24, 'h');
  if (days < 730) return `${String(days)}d`;
  const years = Math.floor(days / 365);
  if (days < 2920) return pair(years, 'y', days % 365, 'd');
  return `${String(years)}y`;
}

/** The time from an RFC 3339 timestamp until `nowMs`; `<unknown>` where there is none or it cannot be read. */
export function ageText(fromTimestamp: string | null | undefined, nowMs: number): string {
  if (fromTimestamp === undefined || fromTimestamp === null || fromTimestamp === '') {
    return '<unknown>';
  }
  const fromMs = Date.parse(fromTimestamp);
  return Number.isNaN(fromMs) ? '<unknown>' : humanDuration(nowMs - fromMs);
}
