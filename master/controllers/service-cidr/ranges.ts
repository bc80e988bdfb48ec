/** Which ServiceCIDRs an address or a range lies in, counted as Kubernetes does. Pure. */
import type { ServiceCIDR } from '../../../api/networking/v1/types.js';
import {
  cidrContains,
  firstAddressOf,
  ipToBigInt,
  parseCidr,
  type Cidr,
} from '../../../api/validation/addresses.js';

const rangesOf = ({ spec }: ServiceCIDR): readonly Cidr[] =>
  (spec.cidrs ?? []).flatMap((text) => parseCidr(text) ?? []);

const textOf = ({ address, prefixLength }: Cidr): string => `${address}/${String(prefixLength)}`;

const includes = (outer: Cidr, inner: Cidr): boolean =>
  outer.prefixLength <= inner.prefixLength && cidrContains(textOf(outer), inner.address);

/** Whether two ServiceCIDRs have addresses in common. */
export const overlap = (left: ServiceCIDR, right: ServiceCIDR): boolean =>
  rangesOf(left).some((one) =>
    rangesOf(right).some((other) => includes(one, other) || includes(other, one)),
  );

/** Whether a Service could have the address from this range: the first is never given out, nor the last of IPv4. */
function canGive(range: Cidr, address: string): boolean {
  if (!cidrContains(textOf(range), address)) return false;
  const offset = (ipToBigInt(address) ?? 0n) - firstAddressOf(range);
  if (offset === 0n) return false;
  return range.family === 'IPv6' || offset !== 2n ** BigInt(32 - range.prefixLength) - 1n;
}

/** Whether the address is one of those the object's ranges can give. */
export const holdsAddress = (object: ServiceCIDR, address: string): boolean =>
  rangesOf(object).some((range) => canGive(range, address));

/** Whether each of its ranges lies in one of another ServiceCIDR, so that no address is lost with it. */
export const isCovered = (object: ServiceCIDR, all: readonly ServiceCIDR[]): boolean =>
  rangesOf(object).every((range) =>
    all.some(
      (other) =>
        other.metadata.name !== object.metadata.name &&
        rangesOf(other).some((outer) => includes(outer, range)),
    ),
  );

/** The first of the addresses that no ServiceCIDR but this one holds. */
export const soleAddressOf = (
  object: ServiceCIDR,
  all: readonly ServiceCIDR[],
  addresses: readonly string[],
): string | undefined =>
  addresses.find(
    (address) =>
      holdsAddress(object, address) &&
      all.every(
        (other) => other.metadata.name === object.metadata.name || !holdsAddress(other, address),
      ),
  );
