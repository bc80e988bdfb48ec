/** The formats of texts that are checked; others mean nothing to the server. */
import { durationFromWords } from '../../cel/library/time-text.js';
import { isQuantity } from '../../quantity.js';
import {
  isBase64,
  isCidrFormat,
  isCreditCard,
  isDate,
  isDateTime,
  isEmail,
  isHexColor,
  isHostname,
  isIPv4Format,
  isIPv6Format,
  isIsbn,
  isMac,
  isRequestUri,
  isRgbColor,
  isSocialSecurityNumber,
  uuidPattern,
} from '../../validation/text-formats.js';

type Check = (text: string) => boolean;

const matching =
  (pattern: RegExp): Check =>
  (text) =>
    pattern.test(text);

const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['bsonobjectid', matching(/^[0-9a-fA-F]{24}$/)],
  ['uri', isRequestUri],
  ['email', isEmail],
  ['hostname', isHostname],
  ['ipv4', isIPv4Format],
  ['ipv6', isIPv6Format],
  ['cidr', isCidrFormat],
  ['mac', isMac],
  ['uuid', matching(uuidPattern())],
  ['uuid3', matching(uuidPattern('3'))],
  ['uuid4', matching(uuidPattern('4', '[89abAB]'))],
  ['uuid5', matching(uuidPattern('5', '[89abAB]'))],
  ['isbn', (text) => isIsbn(text, 10) || isIsbn(text, 13)],
  ['isbn10', (text) => isIsbn(text, 10)],
  ['isbn13', (text) => isIsbn(text, 13)],
  ['creditcard', isCreditCard],
  ['ssn', isSocialSecurityNumber],
  ['hexcolor', isHexColor],
  ['rgbcolor', isRgbColor],
  ['byte', isBase64],
  ['date', isDate],
  ['datetime', isDateTime],
  ['password', () => true],
  ['quantity', isQuantity],
  ['duration', (text) => durationFromWords(text) !== undefined],
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
