/** IPv4 arithmetic for address ranges. Addresses are unsigned 32-bit numbers inside, dotted text outside. */
import { CniError, errorCodes } from './cni-error.js';

export interface Subnet {
  readonly base: number;
  readonly prefixLength: number;
}

/** Parses dotted IPv4 text; undefined for anything else. */
export function parseIp(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const octets = match.slice(1).map(Number);
  if (octets.some((octet) => octet > 255)) return undefined;
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

/** An address as dotted text. */
export const ipText = (address: number): string =>
  [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');

/** Parses an address a configuration gave; fails with the field's name. */
export function requireIp(text: string, field: string): number {
  const address = parseIp(text);
  if (address === undefined)
    throw new CniError(errorCodes.invalidConfig, `${field}: ${text} is not an IPv4 address`);
  return address;
}

/** Parses `a.b.c.d/len`; bits beyond the prefix are cleared. */
export function requireSubnet(text: string, field: string): Subnet {
  const [addressText = '', lengthText = ''] = text.split('/');
  const prefixLength = Number(lengthText);
  if (!/^\d{1,2}$/.test(lengthText) || prefixLength > 32)
    throw new CniError(errorCodes.invalidConfig, `${field}: ${text} is not an IPv4 subnet`);
  const mask = maskOf(prefixLength);
  return { base: (requireIp(addressText, field) & mask) >>> 0, prefixLength };
}

const maskOf = (prefixLength: number): number =>
  prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0;

/** Whether the address lies in the subnet. */
export const contains = (subnet: Subnet, address: number): boolean =>
  (address & maskOf(subnet.prefixLength)) >>> 0 === subnet.base;

/** The last address of a subnet: its broadcast address. */
export const lastOf = (subnet: Subnet): number =>
  (subnet.base | ~maskOf(subnet.prefixLength)) >>> 0;

/**
 * The link-layer address of the interface that holds an IPv4 address. Derived from it, so that a neighbour entry left from
 * an earlier holder of the address is still right.
 */
export const macOfIp = (address: number): string =>
  [0x0a, 0x58, ...[24, 16, 8, 0].map((shift) => (address >>> shift) & 255)]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join(':');
