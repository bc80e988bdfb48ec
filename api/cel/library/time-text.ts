/** Timestamps and durations: their texts, and the parts of a date in a time zone. */
import { maxInt64 } from '../../integers.js';
import { method } from '../overload.js';
import type { Overload } from '../overload.js';
import { CelError, Duration, Timestamp } from '../values.js';

const nanosPerSecond = 1_000_000_000n;
const nanosPerMs = 1_000_000n;

const rfc3339 =
  /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9})\d*)?([Zz]|[-+]\d{2}:\d{2})$/;

/** RFC 3339, to the nanosecond. Throws CelError. */
export function parseTimestamp(text: string): Timestamp {
  const match = rfc3339.exec(text);
  const [, date = '', time = '', fraction = '', zone = ''] = match ?? [];
  const ms = match === null ? Number.NaN : Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  const day = Number(date.slice(8));
  // The engine lets 31 April through as 1 May.
  const local = new Date(Date.parse(`${date}T00:00:00Z`));
  if (Number.isNaN(ms) || local.getUTCDate() !== day) {
    const shown = JSON.stringify(text);
    throw new CelError(
      `parsing time ${shown} as "2006-01-02T15:04:05Z07:00": cannot parse ${shown} as "2006"`,
    );
  }
  const nanos = BigInt(ms) * nanosPerMs + BigInt(fraction.padEnd(9, '0') || '0');
  return new Timestamp(nanos, offsetOf(zone));
}

/** `+01:00` in minutes. */
function offsetOf(zone: string): number {
  const [, sign, hours = '0', minutes = '0'] = /^([-+])(\d{2}):(\d{2})$/.exec(zone) ?? [];
  const offset = Number(hours) * 60 + Number(minutes);
  return sign === '-' ? -offset : offset;
}

function zoneText(offsetMinutes: number): string {
  if (offsetMinutes === 0) return 'Z';
  const digits = (value: number): string => String(value).padStart(2, '0');
  const size = Math.abs(offsetMinutes);
  return `${offsetMinutes < 0 ? '-' : '+'}${digits(Math.floor(size / 60))}:${digits(size % 60)}`;
}

const floorDivide = (dividend: bigint, divisor: bigint): bigint => {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
};

const msOf = ({ nanos }: Timestamp): number => Number(floorDivide(nanos, nanosPerMs));

/** RFC 3339 in the zone it was written in, with as many digits of a second as it needs. */
export function timestampText(value: Timestamp): string {
  const { nanos, offsetMinutes } = value;
  const seconds = floorDivide(nanos, nanosPerSecond);
  const rest = nanos - seconds * nanosPerSecond;
  const wallMs = Number(seconds) * 1000 + offsetMinutes * 60_000;
  const text = new Date(wallMs).toISOString().slice(0, 19);
  const fraction = rest === 0n ? '' : `.${String(rest).padStart(9, '0').replace(/0+$/, '')}`;
  return `${text}${fraction}${zoneText(offsetMinutes)}`;
}

const unitNanos: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: nanosPerSecond,
  m: 60n * nanosPerSecond,
  h: 3600n * nanosPerSecond,
};

/** What 64 bits hold has no more; numbers of millions of digits would take long to read. */
const maxDigits = 19;

const withoutZeros = (digits: string): string => digits.replace(/^0+/, '');

/** Go's durations: `1h30m`, `-1.5s`. Undefined for any other text. */
export function durationFromText(text: string): Duration | undefined {
  const [, sign = '', rest = ''] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (rest === '0') return new Duration(0n);
  if (!/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined;
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of rest.matchAll(
    /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g,
  )) {
    const scale = unitNanos[unit] ?? 0n;
    if (withoutZeros(whole).length > maxDigits) return undefined;
    const digits = fraction.slice(0, 18);
    nanos +=
      BigInt(withoutZeros(whole) || '0') * scale +
      (BigInt(digits || '0') * scale) / 10n ** BigInt(digits.length);
  }
  if (nanos > maxInt64) return undefined;
  return new Duration(sign === '-' ? -nanos : nanos);
}

/** The units of durations in words; the last is how longer words begin. */
const unitWords: readonly (readonly [bigint, readonly string[]])[] = [
  [1n, ['ns', 'nano']],
  [1_000n, ['us', 'µs', 'micro']],
  [1_000_000n, ['ms', 'milli']],
  [nanosPerSecond, ['s', 'sec']],
  [60n * nanosPerSecond, ['m', 'min']],
  [3600n * nanosPerSecond, ['h', 'hr', 'hour']],
  [24n * 3600n * nanosPerSecond, ['d', 'day']],
  [7n * 24n * 3600n * nanosPerSecond, ['w', 'wk', 'week']],
];

/** Go's durations, and those that name a unit somewhere: `3 days`. What is no number and unit is passed over. */
export function durationFromWords(text: string): Duration | undefined {
  const exact = durationFromText(text);
  if (exact !== undefined) return exact;
  let nanos: bigint | undefined;
  for (const [, digits = '', word = ''] of text.matchAll(/(?<!\d)(\d+)\s*([A-Za-zµ]+)/g)) {
    if (withoutZeros(digits).length > maxDigits || BigInt(digits) > maxInt64) return undefined;
    const unit = word.toLowerCase();
    const [scale] =
      unitWords.find(([, names]) => names.includes(unit) || unit.startsWith(names.at(-1) ?? '')) ??
      [];
    if (scale !== undefined) nanos = (nanos ?? 0n) + BigInt(digits) * scale;
  }
  return nanos === undefined ? undefined : new Duration(BigInt.asIntN(64, nanos));
}

/** Go's durations; throws CelError. */
export function parseDuration(text: string): Duration {
  const duration = durationFromText(text);
  if (duration === undefined) throw new CelError(`time: invalid duration ${JSON.stringify(text)}`);
  return duration;
}

/** Seconds with an `s`, as CEL prints durations. */
export function durationText({ nanos }: Duration): string {
  const magnitude = nanos < 0n ? -nanos : nanos;
  const fraction = String(magnitude % nanosPerSecond)
    .padStart(9, '0')
    .replace(/0+$/, '');
  const seconds = `${String(magnitude / nanosPerSecond)}${fraction === '' ? '' : `.${fraction}`}`;
  return `${nanos < 0n ? '-' : ''}${seconds}s`;
}

/** The same instant with its wall clock read as UTC. */
function inZone(timestamp: Timestamp, zone: string): Date {
  const ms = msOf(timestamp);
  const offset = /^([-+]?)(\d{1,2}):(\d{2})$/.exec(zone);
  if (offset !== null) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3]);
    return new Date(ms + (offset[1] === '-' ? -minutes : minutes) * 60_000);
  }
  if (zone === '' || zone === 'UTC' || zone === 'Z') return new Date(ms);
  try {
    const parts = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    }).formatToParts(new Date(ms));
    const part = (type: string): number =>
      Number(parts.find((candidate) => candidate.type === type)?.value ?? '0');
    const wall = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
    return new Date(wall + (((ms % 1000) + 1000) % 1000));
  } catch {
    throw new CelError(`unknown time zone ${zone}`);
  }
}

const dayOfYear = (date: Date): number =>
  Math.floor(
    (Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) -
      Date.UTC(date.getUTCFullYear(), 0, 1)) /
      86_400_000,
  );

const dateParts: Readonly<Record<string, (date: Date) => number>> = {
  getFullYear: (date) => date.getUTCFullYear(),
  getMonth: (date) => date.getUTCMonth(),
  getDate: (date) => date.getUTCDate(),
  getDayOfMonth: (date) => date.getUTCDate() - 1,
  getDayOfWeek: (date) => date.getUTCDay(),
  getDayOfYear: dayOfYear,
  getHours: (date) => date.getUTCHours(),
  getMinutes: (date) => date.getUTCMinutes(),
  getSeconds: (date) => date.getUTCSeconds(),
  getMilliseconds: (date) => date.getUTCMilliseconds(),
};

const durationParts: Readonly<Record<string, bigint>> = {
  getHours: 3600n * nanosPerSecond,
  getMinutes: 60n * nanosPerSecond,
  getSeconds: nanosPerSecond,
};

/** The methods of timestamps and durations. */
export const timeLibrary: readonly Overload[] = [
  ...Object.entries(dateParts).flatMap(([name, read]) => [
    method('timestamp', `${name}(): int`, (time: Timestamp) => BigInt(read(inZone(time, '')))),
    method('timestamp', `${name}(string): int`, (time: Timestamp, zone: string) =>
      BigInt(read(inZone(time, zone))),
    ),
  ]),
  ...Object.entries(durationParts).map(([name, nanos]) =>
    method('duration', `${name}(): int`, (duration: Duration) => duration.nanos / nanos),
  ),
  method('duration', 'getMilliseconds(): int', (duration: Duration) => duration.nanos / nanosPerMs),
];
