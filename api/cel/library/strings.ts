/** The extended string functions. Positions count code points. */
import { byteLength } from '../../validation/names.js';
import { fn, method, traversalCost } from '../overload.js';
import type { CallCost, Overload } from '../overload.js';
import { durationText, timestampText } from './time-text.js';
import {
  ArrayList,
  CelError,
  CelList,
  CelMap,
  Duration,
  Timestamp,
  TypeValue,
  Uint,
  codePointCount,
  sizeOf,
  typeNameOf,
} from '../values.js';
import type { Value } from '../values.js';

const isPlain = (text: string): boolean => codePointCount(text) === text.length;

function substring(text: string, from: bigint, to?: bigint): string {
  const points = isPlain(text) ? text : Array.from(text);
  const end = to === undefined ? points.length : Number(to);
  const start = Number(from);
  if (start < 0 || start > points.length) throw new CelError(`index out of range: ${String(from)}`);
  if (end < 0 || end > points.length) throw new CelError(`index out of range: ${String(end)}`);
  if (start > end) {
    throw new CelError(`invalid substring range. start: ${String(start)}, end: ${String(end)}`);
  }
  return typeof points === 'string' ? points.slice(start, end) : points.slice(start, end).join('');
}

/** A position in UTF-16 units as one in code points. */
const pointIndex = (text: string, unit: number): bigint =>
  unit < 0 ? -1n : BigInt(codePointCount(text.slice(0, unit)));

const unitIndex = (text: string, point: number): number =>
  isPlain(text) ? point : Array.from(text).slice(0, point).join('').length;

function indexOf(text: string, part: string, from = 0n): bigint {
  const offset = Number(from);
  if (part === '' && offset <= codePointCount(text)) return from;
  if (offset < 0 || offset > codePointCount(text)) {
    throw new CelError(`index out of range: ${String(from)}`);
  }
  return pointIndex(text, text.indexOf(part, unitIndex(text, offset)));
}

function lastIndexOf(text: string, part: string, from?: bigint): bigint {
  const length = codePointCount(text);
  if (from === undefined)
    return part === '' ? BigInt(length) : pointIndex(text, text.lastIndexOf(part));
  const offset = Number(from);
  if (offset < 0 || offset >= length) throw new CelError(`index out of range: ${String(from)}`);
  return part === '' ? from : pointIndex(text, text.lastIndexOf(part, unitIndex(text, offset)));
}

function charAt(text: string, position: bigint): string {
  const points = isPlain(text) ? text : Array.from(text);
  if (position < 0n || position > BigInt(points.length)) {
    throw new CelError(`index out of range: ${String(position)}`);
  }
  return points[Number(position)] ?? '';
}

function replace(text: string, from: string, to: string, limit = -1n): string {
  if (limit === 0n) return text;
  const parts = from === '' ? ['', ...Array.from(text), ''] : text.split(from);
  const most = limit < 0n ? parts.length : Number(limit);
  const head = parts.slice(0, most + 1);
  const tail = parts.slice(most + 1);
  return [head.join(to), ...tail].join(from);
}

function split(text: string, separator: string, limit = -1n): CelList {
  if (limit === 0n) return new ArrayList([]);
  const parts = separator === '' ? Array.from(text) : text.split(separator);
  if (limit < 0n || parts.length <= Number(limit)) return new ArrayList(parts);
  const head = parts.slice(0, Number(limit) - 1);
  return new ArrayList([...head, parts.slice(Number(limit) - 1).join(separator)]);
}

const join = (list: CelList, separator = ''): string =>
  [...list]
    .map((item) => {
      if (typeof item !== 'string') throw new CelError('no such overload: join');
      return item;
    })
    .join(separator);

const lower = (text: string): string => text.replace(/[A-Z]+/g, (part) => part.toLowerCase());
const upper = (text: string): string => text.replace(/[a-z]+/g, (part) => part.toUpperCase());
/** Unicode's white space, as Go has it. */
const isSpace = (character = ''): boolean =>
  /^[\s\u0085]$/.test(character) && character !== '\ufeff';

function trim(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isSpace(text[start])) start += 1;
  while (end > start && isSpace(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

/** Going over a text and making another one of it. */
const twoPasses: CallCost = ([text]) => Math.ceil(sizeOf(text ?? null) * 0.2);

/** Going over a text for the place of another. */
const searchCost: CallCost = ([text]) =>
  typeof text === 'string' ? Math.floor(byteLength(text) * 0.1) : 1;

/** Twice the length of what comes out. */
const joinCost: CallCost = ([list, separator]) => {
  if (!(list instanceof CelList)) return 1;
  let total = Math.max(0, list.size - 1) * sizeOf(separator ?? '');
  for (const item of list) total += sizeOf(item);
  return Math.ceil(total * 0.2);
};

function decimalText(value: Value, precision: number, scientific: boolean): string {
  const number = value instanceof Uint ? Number(value.value) : Number(value);
  if (Number.isNaN(number)) return 'NaN';
  if (!Number.isFinite(number)) return number > 0 ? 'Infinity' : '-Infinity';
  const digits = Math.min(precision, 100);
  if (!scientific) return number.toFixed(digits);
  return number.toExponential(digits).replace(/e([-+])(\d)$/, 'e$10$2');
}

function plainText(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  if (typeof value === 'number')
    return Number.isFinite(value) ? String(value) : decimalText(value, 6, false);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Duration) return durationText(value);
  if (value instanceof TypeValue) return value.typeName;
  if (value instanceof CelList) return `[${[...value].map(plainText).join(', ')}]`;
  if (value instanceof CelMap) {
    const entries = [...value.keys()].map(
      (key) => `${plainText(key)}: ${plainText(value.get(key) ?? null)}`,
    );
    return `{${entries.sort().join(', ')}}`;
  }
  throw new CelError(
    `error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given ${typeNameOf(value)}`,
  );
}

function wholeText(value: Value, clause: string, base: number): string {
  if (typeof value === 'bigint') return value.toString(base);
  if (value instanceof Uint) return value.value.toString(base);
  if (typeof value === 'boolean' && base === 2) return value ? '1' : '0';
  if (base === 16 && typeof value === 'string') return Buffer.from(value).toString('hex');
  if (base === 16 && value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (base === 10 && typeof value === 'number' && !Number.isFinite(value)) {
    return decimalText(value, 0, false);
  }
  throw new CelError(
    `error during formatting: ${clause} clause can only be used on integers, was given ${typeNameOf(value)}`,
  );
}

function formatClause(clause: string, precision: string | undefined, value: Value): string {
  switch (clause) {
    case 's':
      return plainText(value);
    case 'd':
      return wholeText(value, 'decimal', 10);
    case 'b':
      return wholeText(value, 'binary', 2);
    case 'o':
      return wholeText(value, 'octal', 8);
    case 'x':
      return wholeText(value, 'hex', 16);
    case 'X':
      return wholeText(value, 'hex', 16).toUpperCase();
    case 'f':
    case 'e':
      if (typeof value !== 'number' && typeof value !== 'bigint' && !(value instanceof Uint)) {
        throw new CelError(
          `error during formatting: ${clause === 'f' ? 'fixed-point' : 'scientific'} clause can only be used on doubles, was given ${typeNameOf(value)}`,
        );
      }
      return decimalText(value, precision === undefined ? 6 : Number(precision), clause === 'e');
    default:
      throw new CelError(
        `could not parse formatting clause: unrecognized formatting clause "${clause}"`,
      );
  }
}

function format(template: string, list: CelList): string {
  let next = 0;
  const text = template.replace(
    /%(?:\.(\d{1,4}))?(.)?/gs,
    (_all, precision?: string, clause?: string) => {
      if (clause === undefined) throw new CelError('unexpected end of string');
      if (clause === '%') return '%';
      if (next >= list.size) throw new CelError(`index ${String(next)} out of range`);
      next += 1;
      return formatClause(clause, precision, list.at(next - 1));
    },
  );
  return text;
}

const quote = (text: string): string =>
  `"${text.replace(/["\\\p{Cc}]/gu, (letter) => escapes[letter] ?? letter)}"`;

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

export const stringLibrary: readonly Overload[] = [
  method('string', 'charAt(int): string', charAt),
  method(
    'string',
    'indexOf(string): int',
    (text: string, part: string) => indexOf(text, part),
    searchCost,
  ),
  method('string', 'indexOf(string, int): int', indexOf, searchCost),
  method(
    'string',
    'lastIndexOf(string): int',
    (text: string, part: string) => lastIndexOf(text, part),
    searchCost,
  ),
  method('string', 'lastIndexOf(string, int): int', lastIndexOf, searchCost),
  method('string', 'lowerAscii(): string', lower, traversalCost),
  method('string', 'upperAscii(): string', upper, traversalCost),
  method('string', 'trim(): string', trim, traversalCost),
  method(
    'string',
    'substring(int): string',
    (text: string, from: bigint) => substring(text, from),
    traversalCost,
  ),
  method('string', 'substring(int, int): string', substring, traversalCost),
  method(
    'string',
    'replace(string, string): string',
    (text: string, from: string, to: string) => replace(text, from, to),
    twoPasses,
  ),
  method('string', 'replace(string, string, int): string', replace, twoPasses),
  method(
    'string',
    'split(string): list<string>',
    (text: string, by: string) => split(text, by),
    twoPasses,
  ),
  method('string', 'split(string, int): list<string>', split, twoPasses),
  method('list<string>', 'join(): string', (list: CelList) => join(list), joinCost),
  method('list<string>', 'join(string): string', join, joinCost),
  method('string', 'format(list<dyn>): string', format, formatCost()),
  fn('strings.quote(string): string', quote, traversalCost),
];

/** As long as the template and everything that can be put into it. */
function formatCost(): CallCost {
  const weight = (value: Value): number => {
    if (value instanceof CelList) {
      let total = 2;
      for (const item of value) total += weight(item);
      return total;
    }
    if (value instanceof CelMap) {
      let total = 2;
      for (const key of value.keys()) total += weight(key) + weight(value.get(key) ?? null);
      return total;
    }
    return typeof value === 'string' || value instanceof Uint8Array ? sizeOf(value) : 16;
  };
  return ([template, list]) => Math.ceil((sizeOf(template ?? '') + weight(list ?? null)) * 0.1);
}
