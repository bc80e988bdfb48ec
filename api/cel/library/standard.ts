/** The operators and functions of the CEL specification. */
import { maxInt64, maxUint64, minInt64 } from '../../integers.js';
import { fn, method, traversalCost } from '../overload.js';
import type { CallCost, Overload } from '../overload.js';
import {
  CelError,
  Duration,
  Timestamp,
  TypeValue,
  Uint,
  compareNumbers,
  concatLists,
  equalValues,
  sizeOf,
  typeNameOf,
} from '../values.js';
import type { Value, CelList, CelMap } from '../values.js';
import { compilePattern, matchCost } from './pattern.js';
import { durationText, parseDuration, parseTimestamp, timestampText } from './time-text.js';

/** A 64-bit integer, or CEL's overflow error. */
export function checkedInt(value: bigint): bigint {
  if (value < minInt64 || value > maxInt64) throw new CelError('integer overflow');
  return value;
}

function checkedUint(value: bigint): Uint {
  if (value < 0n || value > maxUint64) throw new CelError('unsigned integer overflow');
  return new Uint(value);
}

const minTimestamp = -62135596800n * 1_000_000_000n;
const maxTimestamp = 253402300800n * 1_000_000_000n;

function checkedTimestamp(nanos: bigint, offsetMinutes = 0): Timestamp {
  if (nanos < minTimestamp || nanos >= maxTimestamp) throw new CelError('timestamp overflow');
  return new Timestamp(nanos, offsetMinutes);
}

const checkedDuration = (nanos: bigint): Duration => new Duration(checkedInt(nanos));

const both: CallCost = (args) =>
  Math.ceil((sizeOf(args[0] ?? null) + sizeOf(args[1] ?? null)) * 0.1);
const smaller: CallCost = (args) =>
  Math.ceil(Math.min(sizeOf(args[0] ?? null), sizeOf(args[1] ?? null)) * 0.1);
const product: CallCost = (args) =>
  Math.ceil(sizeOf(args[0] ?? null) * 0.1) * Math.ceil(sizeOf(args[1] ?? null) * 0.1);

function divide(left: bigint, right: bigint): bigint {
  if (right === 0n) throw new CelError('division by zero');
  return checkedInt(left / right);
}

function modulo(left: bigint, right: bigint): bigint {
  if (right === 0n) throw new CelError('modulus by zero');
  return left % right;
}

const arithmetic: readonly Overload[] = [
  fn('_+_(int, int): int', (a: bigint, b: bigint) => checkedInt(a + b)),
  fn('_+_(uint, uint): uint', (a: Uint, b: Uint) => checkedUint(a.value + b.value)),
  fn('_+_(double, double): double', (a: number, b: number) => a + b),
  fn('_+_(string, string): string', (a: string, b: string) => a + b, both),
  fn('_+_(bytes, bytes): bytes', (a: Uint8Array, b: Uint8Array) => Uint8Array.of(...a, ...b), both),
  fn(
    '_+_(list<A>, list<A>): list<A>',
    (a: CelList, b: CelList) => concatLists(a, b),
    // Merging goes over both.
    (args) => ((args[0] as CelList).semantics === undefined ? 1 : Math.max(1, both(args, null))),
  ),
  fn('_+_(timestamp, duration): timestamp', (a: Timestamp, b: Duration) =>
    checkedTimestamp(a.nanos + b.nanos, a.offsetMinutes),
  ),
  fn('_+_(duration, timestamp): timestamp', (a: Duration, b: Timestamp) =>
    checkedTimestamp(a.nanos + b.nanos, b.offsetMinutes),
  ),
  fn('_+_(duration, duration): duration', (a: Duration, b: Duration) =>
    checkedDuration(a.nanos + b.nanos),
  ),
  fn('_-_(int, int): int', (a: bigint, b: bigint) => checkedInt(a - b)),
  fn('_-_(uint, uint): uint', (a: Uint, b: Uint) => checkedUint(a.value - b.value)),
  fn('_-_(double, double): double', (a: number, b: number) => a - b),
  fn('_-_(timestamp, timestamp): duration', (a: Timestamp, b: Timestamp) =>
    checkedDuration(a.nanos - b.nanos),
  ),
  fn('_-_(timestamp, duration): timestamp', (a: Timestamp, b: Duration) =>
    checkedTimestamp(a.nanos - b.nanos, a.offsetMinutes),
  ),
  fn('_-_(duration, duration): duration', (a: Duration, b: Duration) =>
    checkedDuration(a.nanos - b.nanos),
  ),
  fn('_*_(int, int): int', (a: bigint, b: bigint) => checkedInt(a * b)),
  fn('_*_(uint, uint): uint', (a: Uint, b: Uint) => checkedUint(a.value * b.value)),
  fn('_*_(double, double): double', (a: number, b: number) => a * b),
  fn('_/_(int, int): int', divide),
  fn('_/_(uint, uint): uint', (a: Uint, b: Uint) => new Uint(divide(a.value, b.value))),
  fn('_/_(double, double): double', (a: number, b: number) => a / b),
  fn('_%_(int, int): int', modulo),
  fn('_%_(uint, uint): uint', (a: Uint, b: Uint) => new Uint(modulo(a.value, b.value))),
  fn('-_(int): int', (a: bigint) => checkedInt(-a)),
  fn('-_(double): double', (a: number) => -a),
  fn('!_(bool): bool', (a: boolean) => !a),
];

/** -1, 0, 1, or NaN where unordered. */
function compareOrdered(left: Value, right: Value): number {
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right);
  if (
    (left instanceof Timestamp && right instanceof Timestamp) ||
    (left instanceof Duration && right instanceof Duration)
  ) {
    return left.nanos < right.nanos ? -1 : left.nanos > right.nanos ? 1 : 0;
  }
  return compareNumbers(left as bigint | number | Uint, right as bigint | number | Uint);
}

/** By code points; UTF-16 order differs only where surrogates meet the last of the basic plane. */
function compareText(left: string, right: string): number {
  if (left === right) return 0;
  const a = Array.from(left);
  const b = Array.from(right);
  for (let position = 0; position < Math.min(a.length, b.length); position += 1) {
    const difference = (a[position]?.codePointAt(0) ?? 0) - (b[position]?.codePointAt(0) ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return Math.sign(a.length - b.length);
}

export { compareOrdered };

const orderedTypes = ['bool', 'string', 'bytes', 'timestamp', 'duration'];
const numericTypes = ['int', 'uint', 'double'];

const orderOf = (operator: string, holds: (order: number) => boolean): readonly Overload[] => {
  const run = (left: Value, right: Value): boolean => holds(compareOrdered(left, right));
  return [
    ...orderedTypes.map((type) => fn(`${operator}(${type}, ${type}): bool`, run, smaller)),
    ...numericTypes.flatMap((left) =>
      numericTypes.map((right) => fn(`${operator}(${left}, ${right}): bool`, run)),
    ),
  ];
};

const relations: readonly Overload[] = [
  ...orderOf('_<_', (order) => order < 0),
  ...orderOf('_<=_', (order) => order <= 0),
  ...orderOf('_>_', (order) => order > 0),
  ...orderOf('_>=_', (order) => order >= 0),
  fn('_==_(A, A): bool', equalValues, smaller),
  fn('_!=_(A, A): bool', (a: Value, b: Value) => !equalValues(a, b), smaller),
  fn(
    '@in(A, list<A>): bool',
    (item: Value, list: CelList) => {
      for (const element of list) if (equalValues(item, element)) return true;
      return false;
    },
    (args) => sizeOf(args[1] ?? null),
  ),
  fn('@in(A, map<A, B>): bool', (key: Value, map: CelMap) => map.get(key) !== undefined),
];

/** Numbers of any type may select an element, as long as they are whole. */
export function indexOfKey(key: Value): number {
  const number = key instanceof Uint ? key.value : key;
  if (typeof number === 'bigint') return Number(number);
  if (typeof number === 'number' && Number.isInteger(number)) return number;
  throw new CelError('unsupported index type');
}

const indexing: readonly Overload[] = [
  fn('_[_](list<A>, int): A', (list: CelList, key: Value) => {
    const position = indexOfKey(key);
    if (position < 0 || position >= list.size) {
      throw new CelError(`index out of bounds: ${String(position)}`);
    }
    return list.at(position);
  }),
  fn('_[_](map<A, B>, A): B', (map: CelMap, key: Value) => {
    const value = map.get(key);
    if (value === undefined) throw new CelError(`no such key: ${keyLabel(key)}`);
    return value;
  }),
];

const keyLabel = (key: Value): string =>
  typeof key === 'string'
    ? key
    : typeof key === 'object' && key !== null
      ? key instanceof Uint
        ? String(key.value)
        : typeNameOf(key)
      : String(key);

const sizes: readonly Overload[] = ['string', 'bytes', 'list<A>', 'map<A, B>'].flatMap((type) => [
  fn(`size(${type}): int`, (value: Value) => BigInt(sizeOf(value))),
  method(type, 'size(): int', (value: Value) => BigInt(sizeOf(value))),
]);

const strings: readonly Overload[] = [
  method('string', 'contains(string): bool', (a: string, b: string) => a.includes(b), product),
  method(
    'string',
    'startsWith(string): bool',
    (a: string, b: string) => a.startsWith(b),
    traversalCost,
  ),
  method(
    'string',
    'endsWith(string): bool',
    (a: string, b: string) => a.endsWith(b),
    traversalCost,
  ),
  method(
    'string',
    'matches(string): bool',
    (text: string, pattern: string) => compilePattern(pattern).test(text),
    matchCost,
  ),
  fn(
    'matches(string, string): bool',
    (text: string, pattern: string) => compilePattern(pattern).test(text),
    matchCost,
  ),
];

function intFromDouble(value: number): bigint {
  if (!Number.isFinite(value) || value <= -(2 ** 63) || value >= 2 ** 63) {
    throw new CelError('integer overflow');
  }
  return BigInt(Math.trunc(value));
}

/** What 64 bits hold has no more; numbers of millions of digits would take long to read. */
const maxDigits = 19;

function parseInteger(text: string): bigint {
  if (!/^[-+]?\d+$/.test(text))
    throw new CelError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  const digits = text.replace(/^[-+]?0*/, '');
  const magnitude = BigInt(digits.length > maxDigits ? 0 : digits || '0');
  const value = text.startsWith('-') ? -magnitude : magnitude;
  if (digits.length > maxDigits || value < minInt64 || value > maxInt64) {
    throw new CelError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`);
  }
  return value;
}

function parseDouble(text: string): number {
  if (/^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/.test(text)) return Number(text);
  const special = /^([-+]?)(?:inf(?:inity)?|(nan))$/i.exec(text);
  if (special === null)
    throw new CelError(`strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`);
  if (special[2] !== undefined) return Number.NaN;
  return special[1] === '-' ? -Infinity : Infinity;
}

function parseBoolean(text: string): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false;
  throw new CelError(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function textFromBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CelError('invalid UTF-8 in bytes, cannot convert to string');
  }
}

/** Doubles print as Go prints them. */
function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const text = String(value);
  return text.replace(/e([-+])(\d)$/, 'e$10$2');
}

const conversions: readonly Overload[] = [
  fn('int(int): int', (value: bigint) => value),
  fn('int(uint): int', (value: Uint) => checkedInt(value.value)),
  fn('int(double): int', intFromDouble),
  fn('int(string): int', parseInteger),
  fn('int(timestamp): int', (value: Timestamp) => floorDivide(value.nanos, 1_000_000_000n)),
  fn('int(duration): int', (value: Duration) => value.nanos),
  fn('uint(uint): uint', (value: Uint) => value),
  fn('uint(int): uint', (value: bigint) => checkedUint(value)),
  fn('uint(double): uint', (value: number) => {
    if (!Number.isFinite(value) || value < 0) throw new CelError('unsigned integer overflow');
    return checkedUint(BigInt(Math.trunc(value)));
  }),
  fn('uint(string): uint', (value: string) => checkedUint(parseInteger(value))),
  fn('double(double): double', (value: number) => value),
  fn('double(int): double', (value: bigint) => Number(value)),
  fn('double(uint): double', (value: Uint) => Number(value.value)),
  fn('double(string): double', parseDouble),
  fn('bool(bool): bool', (value: boolean) => value),
  fn('bool(string): bool', parseBoolean),
  fn('string(string): string', (value: string) => value),
  fn('string(bool): string', (value: boolean) => String(value)),
  fn('string(int): string', (value: bigint) => String(value)),
  fn('string(uint): string', (value: Uint) => String(value.value)),
  fn('string(double): string', doubleText),
  fn('string(bytes): string', textFromBytes, traversalCost),
  fn('string(timestamp): string', (value: Timestamp) => timestampText(value)),
  fn('string(duration): string', (value: Duration) => durationText(value)),
  fn('bytes(bytes): bytes', (value: Uint8Array) => value),
  fn('bytes(string): bytes', (value: string) => new TextEncoder().encode(value), traversalCost),
  fn('timestamp(timestamp): timestamp', (value: Timestamp) => value),
  fn('timestamp(string): timestamp', parseTimestamp),
  fn('timestamp(int): timestamp', (seconds: bigint) => checkedTimestamp(seconds * 1_000_000_000n)),
  fn('duration(duration): duration', (value: Duration) => value),
  fn('duration(string): duration', parseDuration),
  fn('duration(int): duration', (nanos: bigint) => new Duration(nanos)),
  fn('dyn(A): dyn', (value: Value) => value),
  fn('type(A): type', (value: Value) => new TypeValue(typeNameOf(value))),
];

const floorDivide = (dividend: bigint, divisor: bigint): bigint =>
  (dividend - (((dividend % divisor) + divisor) % divisor)) / divisor;

export const standardLibrary: readonly Overload[] = [
  ...arithmetic,
  ...relations,
  ...indexing,
  ...sizes,
  ...strings,
  ...conversions,
];
