/** IP addresses and ranges. */
import { fn, method, traversalCost } from '../overload.js';
import type { CallCost, Overload } from '../overload.js';
import { CelError, Opaque, sizeOf } from '../values.js';

interface Address {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let bits = 0n;
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bits = bits * 256n + BigInt(part);
  }
  return bits;
}

function parseGroups(text: string): bigint[] | undefined {
  if (text === '') return [];
  const groups: bigint[] = [];
  for (const group of text.split(':')) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    groups.push(BigInt(`0x${group}`));
  }
  return groups;
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const left = parseGroups(halves[0] ?? '');
  const right = parseGroups(halves[1] ?? '');
  if (left === undefined || right === undefined) return undefined;
  const missing = 8 - left.length - right.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...left, ...new Array<bigint>(missing).fill(0n), ...right];
  return groups.reduce((bits, group) => bits * 65536n + group, 0n);
}

/** Undefined for zones and IPv4 written as IPv6, which Kubernetes refuses, and for no address at all. */
function parseAddress(text: string): Address | undefined {
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return { family: 4, bits: v4 };
  const v6 = text.includes('.') ? undefined : parseIpv6(text);
  if (v6 === undefined || v6 >> 32n === 0xffffn) return undefined;
  return { family: 6, bits: v6 };
}

function addressText({ family, bits }: Address): string {
  if (family === 4)
    return [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 255n)).join('.');
  const groups = Array.from({ length: 8 }, (_, position) =>
    ((bits >> BigInt(112 - position * 16)) & 0xffffn).toString(16),
  );
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (groups[start + length] === '0') length += 1;
    if (length > best.length) best = { start, length };
  }
  if (best.start < 0) return groups.join(':');
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`;
}

class IpValue extends Opaque {
  readonly typeName = 'net.IP';
  readonly address: Address;
  constructor(address: Address) {
    super();
    this.address = address;
  }
  override equals(other: Opaque): boolean {
    return (
      other instanceof IpValue &&
      other.address.family === this.address.family &&
      other.address.bits === this.address.bits
    );
  }
  /** Whether the address lies in a range. */
  isIn(range: string): boolean {
    return cidrFrom(range).contains(this.address);
  }
}

class CidrValue extends Opaque {
  readonly typeName = 'net.CIDR';
  readonly address: Address;
  readonly prefix: number;
  constructor(address: Address, prefix: number) {
    super();
    this.address = address;
    this.prefix = prefix;
  }
  private network(bits: bigint): bigint {
    const width = this.address.family === 4 ? 32 : 128;
    return bits >> BigInt(width - this.prefix);
  }
  contains({ family, bits }: Address): boolean {
    return family === this.address.family && this.network(bits) === this.network(this.address.bits);
  }
  masked(): CidrValue {
    const shift = BigInt((this.address.family === 4 ? 32 : 128) - this.prefix);
    const bits = (this.address.bits >> shift) << shift;
    return new CidrValue({ family: this.address.family, bits }, this.prefix);
  }
  override equals(other: Opaque): boolean {
    return other instanceof CidrValue && cidrText(other) === cidrText(this);
  }
}

const cidrText = ({ address, prefix }: CidrValue): string =>
  `${addressText(address)}/${String(prefix)}`;

function parseCidr(text: string): CidrValue | undefined {
  const [host = '', bits = '', ...rest] = text.split('/');
  const address = parseAddress(host);
  if (address === undefined || rest.length > 0 || !/^(?:0|[1-9]\d{0,2})$/.test(bits))
    return undefined;
  const prefix = Number(bits);
  return prefix <= (address.family === 4 ? 32 : 128) ? new CidrValue(address, prefix) : undefined;
}

function ipFrom(text: string): IpValue {
  const address = parseAddress(text);
  if (address !== undefined) return new IpValue(address);
  throw new CelError(
    `IP Address ${JSON.stringify(text)} parse error during conversion from string: ParseAddr(${JSON.stringify(text)}): unable to parse IP`,
  );
}

function cidrFrom(text: string): CidrValue {
  const cidr = parseCidr(text);
  if (cidr !== undefined) return cidr;
  throw new CelError(
    `network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)}): no '/'`,
  );
}

const inAny = (ip: IpValue, ranges: readonly string[]): boolean =>
  ranges.some((range) => ip.isIn(range));

const multicast = ['224.0.0.0/4', 'ff00::/8'];
const linkLocal = ['169.254.0.0/16', 'fe80::/10'];
const loopback = ['127.0.0.0/8', '::1/128'];

const isUnspecified = ({ address }: IpValue): boolean => address.bits === 0n;

function isGlobalUnicast(ip: IpValue): boolean {
  const isBroadcast = ip.address.family === 4 && ip.address.bits === 0xffffffffn;
  return (
    !isBroadcast && !isUnspecified(ip) && !inAny(ip, [...multicast, ...linkLocal, ...loopback])
  );
}

/** Compares as many bytes as the prefix has; what is given as a text is read before, and a range is masked. */
const withinCost =
  (masks: 0 | 1): CallCost =>
  ([cidr, other]) => {
    const bytes = Math.ceil((cidr as CidrValue).prefix / 8);
    const reading = typeof other === 'string' ? Math.ceil(sizeOf(other) * 0.1) : 0;
    return Math.ceil(2 * bytes * 0.1) + masks * (Math.ceil(bytes * 0.1) + 1) + reading;
  };

export const networkLibrary: readonly Overload[] = [
  fn('ip(string): net.IP', ipFrom, traversalCost),
  fn('isIP(string): bool', (text: string) => parseAddress(text) !== undefined, traversalCost),
  fn(
    'ip.isCanonical(string): bool',
    (text: string) => addressText(ipFrom(text).address) === text,
    ([text]) => Math.ceil(sizeOf(text ?? null) * 0.2),
  ),
  fn('string(net.IP): string', ({ address }: IpValue) => addressText(address)),
  method('net.IP', 'family(): int', ({ address }: IpValue) => BigInt(address.family)),
  method('net.IP', 'isUnspecified(): bool', isUnspecified),
  method('net.IP', 'isLoopback(): bool', (ip: IpValue) => inAny(ip, loopback)),
  method('net.IP', 'isLinkLocalMulticast(): bool', (ip: IpValue) =>
    inAny(ip, ['224.0.0.0/24', 'ff02::/16']),
  ),
  method('net.IP', 'isLinkLocalUnicast(): bool', (ip: IpValue) => inAny(ip, linkLocal)),
  method('net.IP', 'isGlobalUnicast(): bool', isGlobalUnicast),
  fn('cidr(string): net.CIDR', cidrFrom, traversalCost),
  fn('isCIDR(string): bool', (text: string) => parseCidr(text) !== undefined, traversalCost),
  fn('string(net.CIDR): string', cidrText),
  method(
    'net.CIDR',
    'containsIP(string): bool',
    (cidr: CidrValue, text: string) => cidr.contains(ipFrom(text).address),
    withinCost(0),
  ),
  method(
    'net.CIDR',
    'containsIP(net.IP): bool',
    (cidr: CidrValue, ip: IpValue) => cidr.contains(ip.address),
    withinCost(0),
  ),
  method(
    'net.CIDR',
    'containsCIDR(string): bool',
    (cidr: CidrValue, text: string) => containsRange(cidr, cidrFrom(text)),
    withinCost(1),
  ),
  method('net.CIDR', 'containsCIDR(net.CIDR): bool', containsRange, withinCost(1)),
  method('net.CIDR', 'ip(): net.IP', ({ address }: CidrValue) => new IpValue(address)),
  method('net.CIDR', 'masked(): net.CIDR', (cidr: CidrValue) => cidr.masked()),
  method('net.CIDR', 'prefixLength(): int', ({ prefix }: CidrValue) => BigInt(prefix)),
];

function containsRange(outer: CidrValue, inner: CidrValue): boolean {
  return inner.prefix >= outer.prefix && outer.contains(inner.address);
}
