/**
 * Amounts of resources as the API writes them (`500m`, `1.5Gi`, `12e6`), exact to a billionth like Kubernetes'
 * `resource.Quantity`.
 *
 * Called by defaulting, validation, the scheduler and the agent. Never goes through floating point except where a
 * function's name says it returns a number.
 */

/** Which family of suffixes a quantity was written with, and is printed with again. */
export type QuantityFormat = 'BinarySI' | 'DecimalSI' | 'DecimalExponent';

/** An amount in billionths of the unit, with the format it prints in. */
export interface Quantity {
  readonly nanos: bigint;
  readonly format: QuantityFormat;
}

/** A text that is no quantity; the message is Kubernetes' own. */
export class QuantityError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'QuantityError';
  }
}

const nanosPerUnit = 1_000_000_000n;
const nanosPerMilli = 1_000_000n;
const largestUnits = 2n ** 63n - 1n;
/** Longest exponent worth computing with: everything above is capped anyway, everything below rounds to one nano. */
const largestExponent = 64;

const decimalSuffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'] as const;
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;

const formatError =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const pattern = /^([+-]?)([0-9]*)(?:\.([0-9]*))?((?:[eEinumkKMGTP]+[-+]?[0-9]*|[-+][0-9]*)?)$/;

interface Suffix {
  readonly format: QuantityFormat;
  readonly base: 2 | 10;
  readonly exponent: number;
}

function suffixFrom(text: string): Suffix {
  const binary = binarySuffixes.indexOf(text as (typeof binarySuffixes)[number]);
  if (binary > 0) return { format: 'BinarySI', base: 2, exponent: binary * 10 };
  const decimal = decimalSuffixes.indexOf(text as (typeof decimalSuffixes)[number]);
  if (decimal >= 0) return { format: 'DecimalSI', base: 10, exponent: decimal * 3 - 9 };
  if (/^[eE][-+]?[0-9]+$/.test(text)) {
    return { format: 'DecimalExponent', base: 10, exponent: Number(text.slice(1)) };
  }
  throw new QuantityError("unable to parse quantity's suffix");
}

/** Division that rounds away from zero, the way Kubernetes rounds every quantity. */
function divideUp(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  if (dividend % divisor === 0n) return quotient;
  return dividend < 0n ? quotient - 1n : quotient + 1n;
}

function scaled(digits: bigint, fractionDigits: number, suffix: Suffix): bigint {
  const exponent = Math.max(-largestExponent, Math.min(largestExponent, suffix.exponent));
  let numerator = digits * nanosPerUnit;
  let denominator = 10n ** BigInt(fractionDigits);
  const factor = BigInt(suffix.base) ** BigInt(Math.abs(exponent));
  if (exponent >= 0) numerator *= factor;
  else denominator *= factor;
  return divideUp(numerator, denominator);
}

/** Quantities parsed before: objects repeat the same few. */
const parsed = new Map<string | number, Quantity>();
const maxParsed = 4096;
/** Nobody writes longer ones twice; keeping them would let clients fill memory. */
const maxRememberedChars = 32;

/** Parses a quantity. Throws `QuantityError`. Fractions below a billionth round away from zero; 2^63-1 caps the rest. */
export function parseQuantity(text: string | number): Quantity {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const quantity = parseAnew(text);
  if (typeof text === 'string' && text.length > maxRememberedChars) return quantity;
  if (parsed.size >= maxParsed) parsed.clear();
  parsed.set(text, quantity);
  return quantity;
}

function parseAnew(text: string | number): Quantity {
  const match = pattern.exec(String(text).trim());
  if (match === null) throw new QuantityError(formatError);
  const [, sign = '', whole = '', fraction = '', suffixText = ''] = match;
  if (whole === '' && fraction === '') throw new QuantityError(formatError);
  const suffix = suffixFrom(suffixText);
  const magnitude = scaled(BigInt(whole + fraction), fraction.length, suffix);
  const capped = magnitude > largestUnits * nanosPerUnit ? largestUnits * nanosPerUnit : magnitude;
  const belowOne = suffix.format === 'BinarySI' && capped > 0n && capped < nanosPerUnit;
  return {
    nanos: sign === '-' ? -capped : capped,
    format: belowOne ? 'DecimalSI' : suffix.format,
  };
}

/** Whether a text is a quantity. */
export function isQuantity(text: string | number): boolean {
  try {
    parseQuantity(text);
    return true;
  } catch (error) {
    if (error instanceof QuantityError) return false;
    throw error;
  }
}

/** Divides by `factor` while nothing is lost and while `times` is below `most`. */
function withoutFactor(value: bigint, factor: bigint, most: number): [bigint, number] {
  let rest = value;
  let times = 0;
  while (times < most && rest % factor === 0n) {
    rest /= factor;
    times += 1;
  }
  return [rest, times];
}

function formatDecimal(nanos: bigint, format: QuantityFormat): string {
  const [mantissa, thousands] = withoutFactor(nanos, 1000n, decimalSuffixes.length - 1);
  if (format !== 'DecimalExponent') {
    return `${String(mantissa)}${decimalSuffixes[thousands] ?? ''}`;
  }
  const exponent = thousands * 3 - 9;
  return exponent === 0 ? String(mantissa) : `${String(mantissa)}e${String(exponent)}`;
}

/** The canonical text: no fraction, the largest suffix of the format that loses nothing. */
export function formatQuantity(quantity: Quantity): string {
  const { nanos, format } = quantity;
  if (nanos === 0n) return '0';
  const units = nanos / nanosPerUnit;
  const small = units > -1024n && units < 1024n;
  if (format !== 'BinarySI') return formatDecimal(nanos, format);
  if (small || nanos % nanosPerUnit !== 0n) return formatDecimal(nanos, 'DecimalSI');
  const [mantissa, times] = withoutFactor(units, 1024n, binarySuffixes.length - 1);
  return `${String(mantissa)}${binarySuffixes[times] ?? ''}`;
}

/** Digits that Kubernetes reads without going through big numbers; only what it reads so keeps its spelling. */
const quickDigits = 18;
const quickBinaryDigits = 14;

/**
 * The power of ten of a text that Kubernetes keeps as it is written, `+5` and `1.250` too; undefined for what it spells anew.
 * It looks only at whether the last digits could make a larger suffix, and so its clients see just these spellings.
 */
function keptScale(text: string): number | undefined {
  const [, , whole = '', fraction = '', suffixText = ''] = pattern.exec(text) ?? [];
  const { base, exponent } = suffixFrom(suffixText);
  const digits = (whole.replace(/^0+/, '') || '0') + fraction;
  if (base === 2) {
    const isQuick = digits.length <= quickBinaryDigits - Math.trunc((exponent * 3) / 10);
    return fraction === '' && isQuick && BigInt(digits) % 8n !== 0n ? 0 : undefined;
  }
  const scale = exponent - fraction.length;
  const isQuick = digits.length <= quickDigits && scale >= -9 && scale % 3 === 0;
  return isQuick && !digits.startsWith('0') && !digits.endsWith('000') ? scale : undefined;
}

/** The canonical spelling of a quantity: `0.5Mi` is `512Ki`. Throws `QuantityError`. */
export function canonicalQuantity(text: string | number): string {
  const quantity = parseQuantity(text);
  let canonical = canonicalTexts.get(quantity);
  if (canonical === undefined) {
    const written = String(text).trim();
    canonical = keptScale(written) === undefined ? formatQuantity(quantity) : written;
    canonicalTexts.set(quantity, canonical);
  }
  return canonical;
}

const canonicalTexts = new WeakMap<Quantity, string>();

/** Rounds up to whole thousandths, the finest a list of resources may hold, and spells canonically. */
export function canonicalMilliQuantity(text: string | number): string {
  const quantity = parseQuantity(text);
  let canonical = canonicalMilliTexts.get(quantity);
  if (canonical === undefined) {
    canonical = roundedToMilli(quantity, String(text).trim());
    canonicalMilliTexts.set(quantity, canonical);
  }
  return canonical;
}

const canonicalMilliTexts = new WeakMap<Quantity, string>();

function roundedToMilli({ nanos, format }: Quantity, written: string): string {
  if ((keptScale(written) ?? -9) >= -3) return written;
  return formatQuantity({ nanos: divideUp(nanos, nanosPerMilli) * nanosPerMilli, format });
}

const quantityFrom = (value: Quantity | string | number): Quantity =>
  typeof value === 'object' ? value : parseQuantity(value);

/** -1, 0 or 1. Texts are parsed and may throw `QuantityError`. */
export function compareQuantities(
  left: Quantity | string | number,
  right: Quantity | string | number,
): -1 | 0 | 1 {
  const difference = quantityFrom(left).nanos - quantityFrom(right).nanos;
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

/** The sum, in the format of the first operand unless that is zero. */
export function addQuantities(
  left: Quantity | string | number,
  right: Quantity | string | number,
): Quantity {
  const [a, b] = [quantityFrom(left), quantityFrom(right)];
  return { nanos: a.nanos + b.nanos, format: a.nanos === 0n ? b.format : a.format };
}

/** The difference, in the format of the first operand unless that is zero. */
export function subtractQuantities(
  left: Quantity | string | number,
  right: Quantity | string | number,
): Quantity {
  const [a, b] = [quantityFrom(left), quantityFrom(right)];
  return { nanos: a.nanos - b.nanos, format: a.nanos === 0n ? b.format : a.format };
}

/** Whole units, rounded away from zero. A number: exact up to 2^53. */
export const quantityValue = (value: Quantity | string | number): number =>
  Number(divideUp(quantityFrom(value).nanos, nanosPerUnit));

/** The amount in whole units, rounded away from zero. */
export const ceilQuantity = ({ nanos, format }: Quantity): Quantity => ({
  nanos: divideUp(nanos, nanosPerUnit) * nanosPerUnit,
  format,
});

/** Whole thousandths of a unit, rounded away from zero; what CPU is counted in. */
export const quantityMilliValue = (value: Quantity | string | number): number =>
  Number(divideUp(quantityFrom(value).nanos, nanosPerMilli));

/** The amount as a floating-point number of units, for metrics and display only. */
export const quantityAsNumber = (value: Quantity | string | number): number =>
  Number(quantityFrom(value).nanos) / 1e9;

/** A quantity of whole units. */
export const quantityFromUnits = (
  units: number | bigint,
  format: QuantityFormat = 'DecimalSI',
): Quantity => ({ nanos: BigInt(units) * nanosPerUnit, format });

/** -1, 0 or 1 after the sign of the amount. */
export const quantitySign = (value: Quantity | string | number): -1 | 0 | 1 =>
  compareQuantities(value, { nanos: 0n, format: 'DecimalSI' });
