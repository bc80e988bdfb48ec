/**
 * Schedules as cron writes them: five fields, or a descriptor such as `@hourly` or `@every 1h30m`. Errors carry the texts of
 * the parser that Kubernetes uses.
 *
 * Called by the validation of CronJobs. Pure.
 */

/** A text that is no schedule; the message is the parser's own. */
export class ScheduleError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ScheduleError';
  }
}

/** The values a field of cron may have, and whether it was left open with `*`. */
export interface CronField {
  readonly values: ReadonlySet<number>;
  readonly isAny: boolean;
}

/** Either the fields a time has to meet, or a fixed distance between times. */
export type CronSchedule =
  | {
      readonly type: 'fields';
      readonly minute: CronField;
      readonly hour: CronField;
      readonly dayOfMonth: CronField;
      readonly month: CronField;
      readonly dayOfWeek: CronField;
    }
  | { readonly type: 'every'; readonly seconds: number };

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const bounds = {
  minute: { min: 0, max: 59, names: [] },
  hour: { min: 0, max: 23, names: [] },
  dayOfMonth: { min: 1, max: 31, names: [] },
  month: {
    min: 1,
    max: 12,
    names: 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' '),
  },
  dayOfWeek: { min: 0, max: 6, names: 'sun mon tue wed thu fri sat'.split(' ') },
} as const satisfies Readonly<Record<string, Bounds>>;

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const fieldCount = 5;

function numberFrom(text: string): number {
  if (!/^[+-]?[0-9]+$/.test(text)) {
    const why = `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
    throw new ScheduleError(`failed to parse int from ${text}: ${why}`);
  }
  const value = Number(text);
  if (value < 0) {
    throw new ScheduleError(`negative number (${String(value)}) not allowed: ${text}`);
  }
  return value;
}

function valueFrom(text: string, { names, min }: Bounds): number {
  const position = names.indexOf(text.toLowerCase());
  return position < 0 ? numberFrom(text) : position + min;
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

function checkRange({ start, end, step }: Range, { min, max }: Bounds, text: string): void {
  const refuse = (why: string): never => {
    throw new ScheduleError(`${why}: ${text}`);
  };
  if (start < min) {
    refuse(`beginning of range (${String(start)}) below minimum (${String(min)})`);
  }
  if (end > max) refuse(`end of range (${String(end)}) above maximum (${String(max)})`);
  if (start > end) {
    refuse(`beginning of range (${String(start)}) beyond end of range (${String(end)})`);
  }
  if (step === 0) refuse('step of range should be a positive number');
}

/** One element of a field: a value, a range, or either with a step. */
function rangeFrom(
  text: string,
  limits: Bounds,
): { readonly range: Range; readonly isAny: boolean } {
  const [span = '', stepText, ...moreSteps] = text.split('/');
  const [low = '', high, ...more] = span.split('-');
  const isAny = low === '*' || low === '?';
  let [start, end]: [number, number] = [limits.min, limits.max];
  if (!isAny) {
    start = valueFrom(low, limits);
    if (more.length > 0) throw new ScheduleError(`too many hyphens: ${text}`);
    end = high === undefined ? start : valueFrom(high, limits);
  }
  if (moreSteps.length > 0) throw new ScheduleError(`too many slashes: ${text}`);
  const step = stepText === undefined ? 1 : numberFrom(stepText);
  // A single value with a step goes on from there to the end.
  if (stepText !== undefined && high === undefined) end = limits.max;
  const range = { start, end, step };
  checkRange(range, limits, text);
  return { range, isAny: isAny && step <= 1 };
}

function fieldFrom(text: string, limits: Bounds): CronField {
  const values = new Set<number>();
  let isAny = false;
  for (const element of text.split(',').filter((part) => part !== '')) {
    const parsed = rangeFrom(element, limits);
    isAny ||= parsed.isAny;
    const { start, end, step } = parsed.range;
    for (let value = start; value <= end; value += step) values.add(value);
  }
  return { values, isAny };
}

const unitSeconds: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** A duration as Go writes it; at least a second, and whole seconds only. */
function durationFrom(text: string): number {
  const whole = /^[+-]?((\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+$/;
  if (!whole.test(text)) {
    const why = `time: invalid duration ${JSON.stringify(text)}`;
    throw new ScheduleError(`failed to parse duration @every ${text}: ${why}`);
  }
  const parts = text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g);
  let seconds = 0;
  for (const [, amount, unit] of parts) seconds += Number(amount) * (unitSeconds[unit ?? ''] ?? 0);
  return text.startsWith('-') ? 1 : Math.max(1, Math.floor(seconds));
}

/** Parses a schedule. Throws `ScheduleError`. */
export function parseSchedule(text: string): CronSchedule {
  if (text === '') throw new ScheduleError('empty spec string');
  if (text.startsWith('@every ')) {
    return { type: 'every', seconds: durationFrom(text.slice('@every '.length)) };
  }
  const spec = text.startsWith('@') ? descriptors[text] : text;
  if (spec === undefined) throw new ScheduleError(`unrecognized descriptor: ${text}`);
  const fields = spec.split(/\s+/).filter((field) => field !== '');
  if (fields.length !== fieldCount) {
    throw new ScheduleError(
      `expected exactly ${String(fieldCount)} fields, found ${String(fields.length)}: [${fields.join(' ')}]`,
    );
  }
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = ''] = fields;
  return {
    type: 'fields',
    minute: fieldFrom(minute, bounds.minute),
    hour: fieldFrom(hour, bounds.hour),
    dayOfMonth: fieldFrom(dayOfMonth, bounds.dayOfMonth),
    month: fieldFrom(month, bounds.month),
    dayOfWeek: fieldFrom(dayOfWeek, bounds.dayOfWeek),
  };
}
