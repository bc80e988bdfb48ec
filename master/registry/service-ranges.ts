/**
 * The ranges that the cluster addresses of Services come from: the configured one and those of every ServiceCIDR that is
 * ready. Ranges may overlap; an address is held by one owner whatever range it was asked of, and stays held when its range
 * goes. Pure bookkeeping, rebuilt on start.
 *
 * Called by `ServiceAddresses`; hears of ServiceCIDR objects through `openRegistries`.
 */
import type { ServiceCIDR } from '../../api/networking/v1/types.js';
import { firstAddressOf, parseCidr } from '../../api/validation/addresses.js';
import type { Random } from '../../machinery/clock/random.js';
import { invariant } from '../../machinery/invariant.js';
import { HeldNumbers } from './held-numbers.js';
import { maxReservedAddresses } from './limits.js';
import { NumberPool } from './number-pool.js';

/** The first and last usable address of an IPv4 range; undefined for another family or a range without any. */
export function addressRange(
  cidr: string,
): { readonly first: number; readonly last: number } | undefined {
  const parsed = parseCidr(cidr);
  if (parsed?.family !== 'IPv4') return undefined;
  const start = Number(firstAddressOf(parsed));
  const range = { first: start + 1, last: start + 2 ** (32 - parsed.prefixLength) - 2 };
  return range.first > range.last ? undefined : range;
}

/** The first address that the configured range gives out: that of the Service `kubernetes`. */
export function firstServiceAddress(cidr: string): number {
  const range = addressRange(cidr);
  invariant(range !== undefined, `${cidr} is an IPv4 range with addresses`);
  return range.first;
}

type Readiness = 'yes' | 'no' | 'unsaid';

function readinessOf({ metadata, status }: ServiceCIDR): Readiness {
  if (metadata.deletionTimestamp !== undefined) return 'no';
  const condition = status.conditions?.find(({ type }) => type === 'Ready');
  if (condition === undefined) return 'unsaid';
  return condition.status === 'True' ? 'yes' : 'no';
}

/** One range, with the ServiceCIDRs that name it. */
interface Range {
  readonly pool: NumberPool;
  readonly objects: Map<string, Readiness>;
}

export class ServiceRanges {
  /** Who holds which address, of a range or not. */
  readonly held = new HeldNumbers();
  private readonly ranges = new Map<string, Range>();
  private readonly configured: string;
  private readonly random: Random;

  constructor({ configured, random }: { readonly configured: string; readonly random: Random }) {
    this.configured = configured;
    this.random = random;
    const isRange = this.rangeOf(configured) !== undefined;
    invariant(isRange, `${configured} is an IPv4 range with addresses`);
  }

  /** What a ServiceCIDR has become, and what it was. */
  changed(current: ServiceCIDR | undefined, previous: ServiceCIDR | undefined): void {
    const name = (current ?? previous)?.metadata.name ?? '';
    for (const cidr of previous?.spec.cidrs ?? []) this.forget(cidr, name);
    if (current === undefined) return;
    for (const cidr of current.spec.cidrs ?? []) {
      this.rangeOf(cidr)?.objects.set(name, readinessOf(current));
    }
  }

  /** Whether a range that is ready has the address. */
  contains(number: number): boolean {
    return this.open().some((pool) => pool.contains(number));
  }

  /** Takes any free address of a range that is ready; undefined when all are full. */
  takeAny(owner: string): number | undefined {
    for (const pool of this.open()) {
      const number = pool.takeAny(owner);
      if (number !== undefined) return number;
    }
    return undefined;
  }

  private rangeOf(cidr: string): Range | undefined {
    const known = this.ranges.get(cidr);
    if (known !== undefined) return known;
    const bounds = addressRange(cidr);
    if (bounds === undefined) return undefined;
    const size = bounds.last - bounds.first + 1;
    const reserved = Math.min(Math.max(16, Math.floor(size / 16)), maxReservedAddresses, size - 1);
    const pool = new NumberPool({ ...bounds, reserved, random: this.random, held: this.held });
    const range: Range = { pool, objects: new Map() };
    this.ranges.set(cidr, range);
    return range;
  }

  private forget(cidr: string, name: string): void {
    const range = this.ranges.get(cidr);
    range?.objects.delete(name);
    if (range?.objects.size === 0 && cidr !== this.configured) this.ranges.delete(cidr);
  }

  /**
   * Where addresses may be taken from now. The configured range is, too, before its ServiceCIDR is there or says anything:
   * the first Services come before it.
   */
  private open(): readonly NumberPool[] {
    return [...this.ranges].flatMap(([cidr, { pool, objects }]) => {
      const said = [...objects.values()];
      const isReady = said.includes('yes') || (cidr === this.configured && !said.includes('no'));
      return isReady ? [pool] : [];
    });
  }
}
