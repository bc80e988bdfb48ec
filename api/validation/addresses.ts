/**
 * Checks and small arithmetic of IP addresses and CIDR ranges, with Kubernetes' texts.
 *
 * Called by the kinds that hold addresses (Service, Node, EndpointSlice, Pod). Pure: no resolver, no sockets.
 */
import { isIP, isIPv4, isIPv6 } from 'node:net';

export type IPFamily = 'IPv4' | 'IPv6';

const invalidIP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const invalidCidr = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

/** IPv4 with a leading zero in an octet is ambiguous and refused, as in Kubernetes. */
export const isIPAddress = (value: string): boolean => isIP(value) !== 0 && !value.includes('%');

/** What is wrong with a text as an IP address of either family. */
export const ipErrors = (value: string): string[] => (isIPAddress(value) ? [] : [invalidIP]);

/** An address with the zeros taken off that lead decimal numbers, which some read as octal and others do not. */
export function withoutLeadingZeros(value: string): string {
  const start = value.lastIndexOf(':') + 1;
  const octets = value.slice(start).split('.');
  if (octets.length !== 4) return value;
  return value.slice(0, start) + octets.map((octet) => octet.replace(/^0+(?=\d)/, '')).join('.');
}

/**
 * What is wrong with a text as an IP address in a field from before there was one form for them: it need not be in that form,
 * but has to mean the same to everybody. Addresses that are `known` from the stored object may stay as they are.
 */
export function legacyIPErrors(value: string, known: readonly string[] = []): string[] {
  if (known.includes(value)) return [];
  const plain = withoutLeadingZeros(value);
  if (!isIPAddress(plain)) return [invalidIP];
  const errors = plain === value ? [] : ['must not have leading 0s'];
  const number = ipToBigInt(plain);
  return number !== undefined && isIPv6(plain) && isMapped(number)
    ? [...errors, 'must not be an IPv4-mapped IPv6 address']
    : errors;
}

/** The same of a range. */
export function legacyCidrErrors(value: string, known: readonly string[] = []): string[] {
  if (known.includes(value)) return [];
  const [, address = '', length = ''] = /^([^/]+)\/([0-9]+)$/.exec(value) ?? [];
  const plain = `${withoutLeadingZeros(address)}/${length.replace(/^0+(?=\d)/, '')}`;
  const cidr = parseCidr(plain);
  if (cidr === undefined) return [invalidCidr];
  if (plain !== value) return ['must not have leading 0s in IP or prefix length'];
  const given = ipToBigInt(cidr.address) ?? 0n;
  if (cidr.family === 'IPv6' && isMapped(given)) {
    return ['must not have an IPv4-mapped IPv6 address'];
  }
  return given === firstAddressOf(cidr) ? [] : ['must not have bits set beyond the prefix length'];
}

/** The family of an address, or undefined when it is none. */
export function ipFamilyOf(value: string): IPFamily | undefined {
  if (isIPv4(value)) return 'IPv4';
  return isIPv6(value) ? 'IPv6' : undefined;
}

export interface Cidr {
  readonly address: string;
  readonly prefixLength: number;
  readonly family: IPFamily;
}

/** Parses `address/length`; undefined when it is no CIDR. */
export function parseCidr(value: string): Cidr | undefined {
  const match = /^([^/]+)\/([0-9]{1,3})$/.exec(value);
  const [, address = '', length = ''] = match ?? [];
  const family = ipFamilyOf(address);
  const prefixLength = Number(length);
  if (match === null || family === undefined || address.includes('%')) return undefined;
  if (prefixLength > (family === 'IPv4' ? 32 : 128)) return undefined;
  if (length.length > 1 && length.startsWith('0')) return undefined;
  return { address, prefixLength, family };
}

/** What is wrong with a text as a CIDR. */
export const cidrErrors = (value: string): string[] =>
  parseCidr(value) === undefined ? [invalidCidr] : [];

/** The eight 16-bit groups of an IPv6 address that `isIPv6` accepts. */
function ipv6Groups(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').flatMap((part) => groupsOfPart(part));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const gap: number[] = new Array<number>(Math.max(0, 8 - left.length - right.length)).fill(0);
  return tail === undefined ? left : [...left, ...gap, ...right];
}

function groupsOfPart(part: string): number[] {
  if (!part.includes('.')) return [Number.parseInt(part, 16)];
  const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}

/** The address as a number, for ranges and masks; undefined when it is no address. */
export function ipToBigInt(address: string): bigint | undefined {
  if (isIPv4(address)) {
    return address.split('.').reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
  }
  if (!isIPv6(address)) return undefined;
  return ipv6Groups(address).reduce((sum, group) => sum * 65536n + BigInt(group), 0n);
}

/** Whether an address lies in a range; false where either text is malformed or the families differ. */
export function cidrContains(range: string, address: string): boolean {
  const cidr = parseCidr(range);
  if (cidr?.family !== ipFamilyOf(address) || cidr === undefined) return false;
  const [base, candidate] = [ipToBigInt(cidr.address), ipToBigInt(address)];
  if (base === undefined || candidate === undefined) return false;
  const shift = BigInt((cidr.family === 'IPv4' ? 32 : 128) - cidr.prefixLength);
  return base >> shift === candidate >> shift;
}

/** An address as RFC 5952 writes it: lower case, the longest run of zeros as `::`. */
export function canonicalAddress(value: bigint, family: IPFamily): string {
  if (family === 'IPv4') {
    return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
  }
  const groups = Array.from({ length: 8 }, (_, at) => (value >> BigInt(112 - 16 * at)) & 0xffffn);
  let [start, length] = [0, 0];
  for (let at = 0; at < 8; at += 1) {
    let end = at;
    while (end < 8 && groups[end] === 0n) end += 1;
    if (end - at > length) [start, length] = [at, end - at];
  }
  const text = (part: readonly bigint[]): string => part.map((n) => n.toString(16)).join(':');
  if (length < 2) return text(groups);
  return `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

/** Whether the number of an IPv6 address stands for an IPv4 address. */
const isMapped = (value: bigint): boolean => value >> 32n === 0xffffn;

/** What is wrong with a text as an IP address in the one form new fields allow. */
export function strictIPErrors(value: string): string[] {
  const [family, number] = [ipFamilyOf(value), ipToBigInt(value)];
  if (!isIPAddress(value) || family === undefined || number === undefined) return ipErrors(value);
  if (family === 'IPv6' && isMapped(number)) return ['must not be an IPv4-mapped IPv6 address'];
  const canonical = canonicalAddress(number, family);
  return value === canonical ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`];
}

/** The first address of a range that `parseCidr` gave. */
export function firstAddressOf({ address, prefixLength, family }: Cidr): bigint {
  const shift = BigInt((family === 'IPv4' ? 32 : 128) - prefixLength);
  return ((ipToBigInt(address) ?? 0n) >> shift) << shift;
}

/** What is wrong with a text as a range in the one form new fields allow. */
export function strictCidrErrors(value: string): string[] {
  const cidr = parseCidr(value);
  if (cidr === undefined) return cidrErrors(value);
  const first = firstAddressOf(cidr);
  if (cidr.family === 'IPv6' && isMapped(first)) {
    return ['must not have an IPv4-mapped IPv6 address'];
  }
  if (first !== ipToBigInt(cidr.address))
    return ['must not have bits set beyond the prefix length'];
  const canonical = `${canonicalAddress(first, cidr.family)}/${String(cidr.prefixLength)}`;
  return value === canonical ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`];
}

/** What is odd about a range though it is allowed; the texts are Kubernetes'. */
export function cidrWarnings(value: string, field: string): string[] {
  const cidr = parseCidr(value);
  if (cidr === undefined) return [];
  const { family, prefixLength } = cidr;
  const first = firstAddressOf(cidr);
  const range = `${canonicalAddress(first, family)}/${String(prefixLength)}`;
  const given = ipToBigInt(cidr.address) ?? 0n;
  const text = `${field}: `;
  if (given !== first) {
    const single = `${canonicalAddress(given, family)}/${family === 'IPv4' ? '32' : '128'}`;
    return [
      `${text}CIDR value ${JSON.stringify(value)} is ambiguous in this context (should be ${JSON.stringify(range)} or ${JSON.stringify(single)}?)`,
    ];
  }
  return family === 'IPv6' && value !== range
    ? [
        `${text}IPv6 CIDR value ${JSON.stringify(value)} should be in RFC 5952 canonical format (${JSON.stringify(range)})`,
      ]
    : [];
}

/** The same of an address. */
export function ipWarnings(value: string, field: string): string[] {
  const number = isIPv6(value) ? ipToBigInt(value) : undefined;
  const canonical = number === undefined ? value : canonicalAddress(number, 'IPv6');
  return value === canonical
    ? []
    : [
        `${field}: IPv6 address ${JSON.stringify(value)} should be in RFC 5952 canonical format (${JSON.stringify(canonical)})`,
      ];
}

/** Whether one range lies within another and is smaller. */
export const isStrictSubset = (inner: Cidr, outer: Cidr): boolean =>
  inner.prefixLength > outer.prefixLength &&
  cidrContains(`${outer.address}/${String(outer.prefixLength)}`, inner.address);

const specialV4 = [
  { range: '127.0.0.0/8', message: 'may not be in the loopback range (127.0.0.0/8, ::1/128)' },
  {
    range: '169.254.0.0/16',
    message: 'may not be in the link-local range (169.254.0.0/16, fe80::/10)',
  },
  {
    range: '224.0.0.0/24',
    message: 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
  },
] as const;
const specialV6 = [
  { range: '::1/128', message: specialV4[0].message },
  { range: 'fe80::/10', message: specialV4[1].message },
  { range: 'ff02::/16', message: specialV4[2].message },
] as const;

/** Addresses no endpoint or external IP may have: unspecified, loopback, link-local. */
export function specialAddressErrors(written: string): string[] {
  const address = withoutLeadingZeros(written);
  const value = ipToBigInt(address);
  if (value === undefined) return ['must be a valid IP address'];
  const errors = value === 0n ? [`may not be unspecified (${written})`] : [];
  const ranges = ipFamilyOf(address) === 'IPv4' ? specialV4 : specialV6;
  for (const { range, message } of ranges) {
    if (cidrContains(range, address)) errors.push(message);
  }
  return errors;
}

/** An IPv4 address as a number; undefined for anything else. */
export function numberFromAddress(address: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address);
  if (match === null) return undefined;
  const parts = match.slice(1).map(Number);
  return parts.some((part) => part > 255)
    ? undefined
    : parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** The same the other way. */
export const addressFromNumber = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
