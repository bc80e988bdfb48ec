/** The texts that Kubernetes takes for the formats of OpenAPI, which are those of its Go libraries. */
import { isIP } from 'node:net';
import { parseCidr, withoutLeadingZeros } from './addresses.js';

const hex = '[0-9a-fA-F]';
const bytes = (text: string): number => Buffer.byteLength(text);

/** Of any version, or of one and a variant. */
export function uuidPattern(version = hex, variant = hex): RegExp {
  return new RegExp(`^${hex}{8}-?${hex}{4}-?${version}${hex}{3}-?${variant}${hex}{3}-?${hex}{12}$`);
}

/** Not of no text at all. */
export const isBase64 = (text: string): boolean =>
  text.length > 0 && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);

export function isDate(text: string): boolean {
  const [, day = ''] = /^\d{4}-\d{2}-(\d{2})$/.exec(text) ?? [];
  // The engine lets 31 April through as 1 May.
  return day !== '' && new Date(`${text}T00:00:00Z`).getUTCDate() === Number(day);
}

export function isDateTime(text: string): boolean {
  const [date = '', time = ''] = text.toLowerCase().split('t');
  return isDate(date) && isTime(time);
}

const isTime = (text: string): boolean => {
  const [, hour = '', minute = '', second = ''] =
    /^(\d{2}):(\d{2}):(\d{2})(?:.\d+)?(?:z|[-+]\d{2}:\d{2})$/.exec(text) ?? [];
  return hour !== '' && hour <= '23' && minute <= '59' && second <= '59';
};

/** An absolute URI, or an absolute path: what Go's `url.ParseRequestURI` takes. */
export function isRequestUri(text: string): boolean {
  // Control characters and spaces are quietly repaired by the platform's parser, and refused by Go's.
  if (/[\p{Cc} ]/u.test(text) || /%(?![0-9a-fA-F]{2})/.test(text.split('?')[0] ?? '')) return false;
  const isPath = text.startsWith('/');
  if (!isPath && !/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(text)) return false;
  return URL.canParse(text, isPath ? 'http://path.invalid' : undefined);
}

/** Letters and symbols of any script, and ASCII digits. */
const hostLetter = '[a-zA-Z0-9\\p{S}\\p{L}]';
const singleLabel = new RegExp(`^${hostLetter}-?${hostLetter}{0,62}$`, 'u');
const innerLabel = new RegExp(
  `^${hostLetter}(?:[a-zA-Z0-9\\p{S}\\p{L}-]{0,61}${hostLetter})?$`,
  'u',
);
const topLabel = new RegExp(`^${hostLetter}(?:-?${hostLetter}){1,62}$`, 'u');

/**
 * A name of one label has a hyphen after its first letter at most, the last label of a longer one two letters at least:
 * so the pattern of Kubernetes would have it.
 */
export function isHostname(text: string): boolean {
  const labels = text.split('.');
  if (bytes(text) > 255 || labels.some((label) => bytes(label) > 63)) return false;
  const top = labels.pop() ?? '';
  if (labels.length === 0) return singleLabel.test(top);
  return topLabel.test(top) && labels.every((label) => innerLabel.test(label));
}

const atomLetter = "[a-zA-Z0-9!#$%&'*+\\-/=?^_`{|}~\\u{80}-\\u{10ffff}]";
const dotAtom = `${atomLetter}+(?:\\.${atomLetter}+)*`;
const quoted = '"(?:[^"\\\\\\p{Cc}]|\\\\[^\\p{Cc}])*"';
const address = `(?:${dotAtom}|(?!"")${quoted})@(?:${dotAtom}|\\[([!-Z^-~]*)\\])`;
const plainAddress = new RegExp(`^\\s*${address}\\s*(?:\\([^()\\\\]*\\)\\s*)?$`, 'u');
const bracketedAddress = new RegExp(`^${address}$`, 'u');
const displayName = new RegExp(`^(?:${atomLetter}|[.\\s]|${quoted})*$`, 'u');

/** What stands before and between the last brackets; undefined where the text does not end with any. */
function inBrackets(text: string): { readonly name: string; readonly inner: string } | undefined {
  const whole = text.trimEnd();
  const open = whole.lastIndexOf('<');
  if (open < 0 || !whole.endsWith('>')) return undefined;
  const inner = whole.slice(open + 1, -1).trimStart();
  const name = whole.slice(0, open);
  // Other brackets may stand in quotes only.
  const isName = !name.includes('<') || name.trimEnd().endsWith('"');
  return isName && !inner.includes('>') ? { name, inner } : undefined;
}

/** An address, alone or after a name and in brackets: what Go's `mail.ParseAddress` takes, but for groups. */
export function isEmail(text: string): boolean {
  const bracketed = inBrackets(text);
  if (bracketed !== undefined && !displayName.test(bracketed.name)) return false;
  const match =
    bracketed === undefined ? plainAddress.exec(text) : bracketedAddress.exec(bracketed.inner);
  return match !== null && (match[1] === undefined || isIP(match[1]) !== 0);
}

const isAddress = (text: string): boolean =>
  isIP(withoutLeadingZeros(text)) !== 0 && !text.includes('%');

/** Octets may begin with zeros here. */
export const isIPv4Format = (text: string): boolean => isAddress(text) && text.includes('.');
export const isIPv6Format = (text: string): boolean => isAddress(text) && text.includes(':');

export function isCidrFormat(text: string): boolean {
  const [, ip = '', length = ''] = /^([^/]+)\/(\d+)$/.exec(text) ?? [];
  return parseCidr(`${withoutLeadingZeros(ip)}/${length.replace(/^0+(?=\d)/, '')}`) !== undefined;
}

/** 6, 8 or 20 bytes, in pairs of digits with colons or hyphens, or in fours with dots. */
export function isMac(text: string): boolean {
  const [, separator = ''] = /^[0-9a-fA-F]+([-:.])/.exec(text) ?? [];
  const groups = separator === '' ? [] : text.split(separator);
  const size = separator === '.' ? 4 : 2;
  return (
    [6, 8, 20].includes((groups.length * size) / 2) &&
    groups.every((group) => group.length === size && /^[0-9a-fA-F]+$/.test(group))
  );
}

/** The check digit of an ISBN. */
export function isIsbn(text: string, length: 10 | 13): boolean {
  const digits = text.replace(/[\s-]/g, '');
  if (!(length === 10 ? /^\d{9}[\dX]$/ : /^\d{13}$/).test(digits)) return false;
  const sum = Array.from(digits).reduce((total, digit, position) => {
    const value = digit === 'X' ? 10 : Number(digit);
    return total + value * (length === 10 ? 10 - position : position % 2 === 0 ? 1 : 3);
  }, 0);
  return sum % (length === 10 ? 11 : 10) === 0;
}

const cardNumber =
  /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11})$/;

/** The numbers that were issued, with anything that is no digit in between. */
export function isCreditCard(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  if (!cardNumber.test(digits)) return false;
  const sum = Array.from(digits)
    .reverse()
    .reduce((total, digit, position) => {
      const doubled = Number(digit) * (position % 2 === 1 ? 2 : 1);
      return total + (doubled > 9 ? doubled - 9 : doubled);
    }, 0);
  return sum % 10 === 0;
}

export const isSocialSecurityNumber = (text: string): boolean =>
  text.length === 11 && /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text);

export const isHexColor = (text: string): boolean =>
  /^#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text);

const colorPart = '\\s*(?:0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])\\s*';
const rgbColor = new RegExp(`^rgb\\(${colorPart},${colorPart},${colorPart}\\)$`);

export const isRgbColor = (text: string): boolean => rgbColor.test(text);
