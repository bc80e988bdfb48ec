/** The formats of texts that are checked; others mean nothing to the server. */
import { isIPv4, isIPv6 } from 'node:net';
import { parseTimestamp, durationFromText } from '../../cel/library/time-text.js';
import { CelError } from '../../cel/values.js';
import { isQuantity } from '../../quantity.js';
import { parseCidr } from '../../validation/addresses.js';

type Check = (text: string) => boolean;

const hex = '[0-9a-fA-F]';
const uuid = (version: string, variant: string): Check => {
  const pattern = new RegExp(
    `^${hex}{8}-?${hex}{4}-?${version}${hex}{3}-?${variant}${hex}{3}-?${hex}{12}$`,
  );
  return (text) => pattern.test(text);
};

const isDateTime: Check = (text) => {
  try {
    parseTimestamp(text);
    return true;
  } catch (error) {
    if (error instanceof CelError) return false;
    throw error;
  }
};

/** The check digit of an ISBN. */
function isIsbn(text: string, length: 10 | 13): boolean {
  const digits = text.replace(/[- ]/g, '');
  if (!(length === 10 ? /^\d{9}[\dX]$/ : /^\d{13}$/).test(digits)) return false;
  const sum = Array.from(digits).reduce((total, digit, position) => {
    const value = digit === 'X' ? 10 : Number(digit);
    return total + value * (length === 10 ? 10 - position : position % 2 === 0 ? 1 : 3);
  }, 0);
  return sum % (length === 10 ? 11 : 10) === 0;
}

function isCreditCard(text: string): boolean {
  const digits = text.replace(/[- ]/g, '');
  if (!/^\d{12,19}$/.test(digits)) return false;
  const sum = Array.from(digits)
    .reverse()
    .reduce((total, digit, position) => {
      const doubled = Number(digit) * (position % 2 === 1 ? 2 : 1);
      return total + (doubled > 9 ? doubled - 9 : doubled);
    }, 0);
  return sum % 10 === 0;
}

const isUri: Check = (text) => {
  try {
    return new URL(text, text.startsWith('/') ? 'http://path.invalid' : undefined).href !== '';
  } catch {
    return false;
  }
};

const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['bsonobjectid', (text) => /^[0-9a-fA-F]{24}$/.test(text)],
  ['uri', isUri],
  ['email', (text) => /^[^\s@<>]+@[^\s@<>]+$/.test(text)],
  [
    'hostname',
    (text) =>
      text.length <= 253 &&
      /^(?!-)[a-zA-Z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-zA-Z0-9-]{1,63}(?<!-))*\.?$/.test(text),
  ],
  ['ipv4', isIPv4],
  ['ipv6', isIPv6],
  ['cidr', (text) => parseCidr(text) !== undefined],
  ['mac', (text) => /^(?:[0-9a-fA-F]{2}([:-]))(?:[0-9a-fA-F]{2}\1){4,6}[0-9a-fA-F]{2}$/.test(text)],
  ['uuid', uuid(hex, hex)],
  ['uuid3', uuid('3', hex)],
  ['uuid4', uuid('4', '[89abAB]')],
  ['uuid5', uuid('5', '[89abAB]')],
  ['isbn', (text) => isIsbn(text, 10) || isIsbn(text, 13)],
  ['isbn10', (text) => isIsbn(text, 10)],
  ['isbn13', (text) => isIsbn(text, 13)],
  ['creditcard', isCreditCard],
  ['ssn', (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text)],
  ['hexcolor', (text) => /^#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text)],
  ['rgbcolor', (text) => /^rgb\(\s*\d{1,3}%?\s*,\s*\d{1,3}%?\s*,\s*\d{1,3}%?\s*\)$/.test(text)],
  ['byte', (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)],
  ['date', (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && isDateTime(`${text}T00:00:00Z`)],
  ['datetime', isDateTime],
  ['password', () => true],
  ['quantity', isQuantity],
  ['duration', (text) => durationFromText(text) !== undefined],
  ['k8s-short-name', (text) => text.length <= 63 && /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(text)],
  [
    'k8s-long-name',
    (text) =>
      text.length <= 253 &&
      /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/.test(text),
  ],
]);

// Dashes in a format's name do not count, so that date-time is datetime.
const checkOf = (format: string): Check | undefined =>
  checks.get(format) ?? checks.get(format.replaceAll('-', ''));

/** Whether a text has a format; true for formats the server does not know. */
export const hasFormat = (text: string, format: string): boolean => checkOf(format)?.(text) ?? true;

const numberFormats: ReadonlyMap<string, readonly string[]> = new Map([
  ['integer', ['int32', 'int64']],
  ['number', ['float', 'double']],
]);

/** Whether the server knows what a format asks of values of a type. */
export const isKnownFormat = (format: string, type: string): boolean =>
  type === '' || type === 'string'
    ? checkOf(format) !== undefined
    : numberFormats.get(type)?.includes(format) === true;
