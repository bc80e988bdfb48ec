/**
 * Address allocation on one host: a file per address in use, named after it, holding the container and interface that own
 * it – the layout of the reference `host-local` plugin, so either can take over from the other.
 *
 * A lock file appears with its content by link(2), which fails when the name exists: two allocators, in any number of
 * processes, never get one address, and a crash leaves either a whole lock or none. Nothing is synced to disk, because
 * the containers that use the addresses do not survive a power cut either.
 */
import { readFileSync } from 'node:fs';
import { mkdir, link, readFile, readdir, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CniError, errorCodes } from './cni-error.js';
import { contains, ipText, lastOf, parseIp, requireIp, requireSubnet } from './ip.js';
import {
  currentVersion,
  type CniCall,
  type CniIp,
  type CniResult,
  type CniRoute,
  type Plugin,
  type PluginConfig,
} from './types.js';
import { hasErrorCode, isMissing } from '../machinery/files/file-errors.js';

export interface RangeConfig {
  readonly subnet: string;
  readonly rangeStart?: string;
  readonly rangeEnd?: string;
  readonly gateway?: string;
}

export interface HostLocalConfig {
  readonly type: 'host-local';
  /** One address is allocated from each set of ranges. */
  readonly ranges?: readonly (readonly RangeConfig[])[];
  /** Short for one set of one range. */
  readonly subnet?: string;
  readonly rangeStart?: string;
  readonly rangeEnd?: string;
  readonly gateway?: string;
  readonly routes?: readonly CniRoute[];
  /** `/var/lib/cni/networks` unless given. */
  readonly dataDir?: string;
}

interface Range {
  readonly first: number;
  readonly last: number;
  readonly gateway: number;
  readonly prefixLength: number;
}

function rangeFrom(config: RangeConfig): Range {
  const subnet = requireSubnet(config.subnet, 'ipam.subnet');
  if (subnet.prefixLength > 30)
    throw new CniError(errorCodes.invalidConfig, `ipam.subnet: ${config.subnet} is too small`);
  const gateway =
    config.gateway === undefined ? subnet.base + 1 : requireIp(config.gateway, 'ipam.gateway');
  const bound = (text: string | undefined, field: string, fallback: number): number => {
    if (text === undefined) return fallback;
    const address = requireIp(text, field);
    if (!contains(subnet, address))
      throw new CniError(errorCodes.invalidConfig, `${field}: ${text} is not in ${config.subnet}`);
    return address;
  };
  const first = bound(config.rangeStart, 'ipam.rangeStart', subnet.base + 1);
  const last = bound(config.rangeEnd, 'ipam.rangeEnd', lastOf(subnet) - 1);
  if (first > last)
    throw new CniError(errorCodes.invalidConfig, 'ipam: rangeStart lies after rangeEnd');
  return { first, last, gateway, prefixLength: subnet.prefixLength };
}

function rangeSetsFrom(ipam: HostLocalConfig): readonly (readonly Range[])[] {
  const single =
    ipam.subnet === undefined ? [] : [[{ ...ipam, subnet: ipam.subnet } satisfies RangeConfig]];
  const sets = [...single, ...(ipam.ranges ?? [])];
  if (sets.length === 0 || sets.some((set) => set.length === 0))
    throw new CniError(errorCodes.invalidConfig, 'ipam: no ranges are given');
  return sets.map((set) => set.map(rangeFrom));
}

/** The `ipam` section of a plugin's configuration, checked. */
function hostLocalConfigOf(config: PluginConfig): HostLocalConfig {
  const ipam = config.ipam;
  if (typeof ipam !== 'object' || ipam === null || !('type' in ipam))
    throw new CniError(errorCodes.invalidConfig, 'ipam: a section with a type is needed');
  return ipam as HostLocalConfig;
}

const defaultDataDir = '/var/lib/cni/networks';

/** The locks of one network. */
class AddressLocks {
  private readonly folder: string;

  constructor(network: string, dataDir: string = defaultDataDir) {
    this.folder = path.join(dataDir, network);
  }

  async held(): Promise<ReadonlySet<string>> {
    await mkdir(this.folder, { recursive: true });
    return new Set((await readdir(this.folder)).filter((name) => parseIp(name) !== undefined));
  }

  /** Takes an address; false when someone else has it. */
  async take(address: string, owner: string): Promise<boolean> {
    const draft = path.join(this.folder, `.draft-${address}-${owner.split('\n')[0] ?? ''}`);
    await writeFile(draft, owner);
    try {
      await link(draft, path.join(this.folder, address));
      return true;
    } catch (error) {
      if (hasErrorCode(error, 'EEXIST')) return false;
      throw error;
    } finally {
      await unlink(draft).catch(() => undefined);
    }
  }

  ownerOf(address: string): string | undefined {
    try {
      return readFileSync(path.join(this.folder, address), 'utf8').trim();
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async addressesOf(owner: string): Promise<readonly string[]> {
    return (await this.owners()).filter((lock) => lock.owner === owner).map((lock) => lock.address);
  }

  async owners(): Promise<readonly { readonly address: string; readonly owner: string }[]> {
    // Read synchronously: some hundred tiny cached files cost less so than their trips through the thread pool.
    return [...(await this.held())].flatMap((address) => {
      const owner = this.ownerOf(address);
      return owner === undefined ? [] : [{ address, owner }];
    });
  }

  async release(address: string): Promise<void> {
    await unlink(path.join(this.folder, address)).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }

  /** Where the next search starts: behind the address given out last, so that freed ones rest for a while. */
  async cursor(set: number): Promise<number | undefined> {
    try {
      return parseIp(
        (await readFile(path.join(this.folder, `last_reserved_ip.${set}`), 'utf8')).trim(),
      );
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async moveCursor(set: number, address: string): Promise<void> {
    await writeFile(path.join(this.folder, `last_reserved_ip.${set}`), address);
  }
}

/** Addresses of a set in the order they are tried: from behind the cursor round to it. */
function* candidates(
  ranges: readonly Range[],
  cursor: number | undefined,
): Generator<[number, Range]> {
  const behind = (range: Range): boolean =>
    cursor !== undefined && cursor >= range.first && cursor <= range.last;
  const start = Math.max(ranges.findIndex(behind), 0);
  const from = ranges[start];
  if (from === undefined) return;
  const resume = cursor !== undefined && behind(from) ? cursor + 1 : from.first;
  for (let address = resume; address <= from.last; address++) yield [address, from];
  for (let step = 1; step < ranges.length; step++) {
    const range = ranges[(start + step) % ranges.length];
    if (range === undefined) continue;
    for (let address = range.first; address <= range.last; address++) yield [address, range];
  }
  for (let address = from.first; address < resume; address++) yield [address, from];
}

async function allocate(
  locks: AddressLocks,
  owner: string,
  { ranges, set }: { ranges: readonly Range[]; set: number },
): Promise<CniIp> {
  const ipOf = (address: number, range: Range): CniIp => ({
    address: `${ipText(address)}/${range.prefixLength}`,
    gateway: ipText(range.gateway),
  });
  for (const text of await locks.addressesOf(owner)) {
    const address = parseIp(text) ?? 0;
    const range = ranges.find(({ first, last }) => address >= first && address <= last);
    if (range !== undefined) return ipOf(address, range);
  }
  const held = await locks.held();
  for (const [address, range] of candidates(ranges, await locks.cursor(set))) {
    const text = ipText(address);
    if (address === range.gateway || held.has(text)) continue;
    if (!(await locks.take(text, owner))) continue;
    await locks.moveCursor(set, text);
    return ipOf(address, range);
  }
  const spans = ranges.map(({ first, last }) => `${ipText(first)}-${ipText(last)}`).join(', ');
  throw new CniError(errorCodes.noAddressLeft, `every address of ${spans} is in use`);
}

const ownerOf = (call: CniCall): string => `${call.containerId}\n${call.ifName}`;

/** The host-local plugin. ADD answers the addresses an attachment has already, should it be repeated. */
export const hostLocal: Plugin = {
  add: async (config, call): Promise<CniResult> => {
    const ipam = hostLocalConfigOf(config);
    const locks = new AddressLocks(config.name, ipam.dataDir);
    const sets = rangeSetsFrom(ipam);
    const ips: CniIp[] = [];
    for (const [set, ranges] of sets.entries())
      ips.push(await allocate(locks, ownerOf(call), { ranges, set }));
    return { cniVersion: currentVersion, ips, routes: ipam.routes ?? [] };
  },
  check: async (config, call) => {
    const locks = new AddressLocks(config.name, hostLocalConfigOf(config).dataDir);
    if ((await locks.addressesOf(ownerOf(call))).length === 0)
      throw new CniError(errorCodes.checkFailed, `no address is held by ${call.containerId}`);
  },
  del: async (config, call) => {
    const locks = new AddressLocks(config.name, hostLocalConfigOf(config).dataDir);
    for (const address of await locks.addressesOf(ownerOf(call))) await locks.release(address);
  },
  status: (config) => {
    rangeSetsFrom(hostLocalConfigOf(config));
    return Promise.resolve();
  },
  gc: async (config) => {
    const locks = new AddressLocks(config.name, hostLocalConfigOf(config).dataDir);
    const valid = new Set(
      (config['cni.dev/valid-attachments'] ?? []).map((at) => `${at.containerID}\n${at.ifname}`),
    );
    for (const { address, owner } of await locks.owners())
      if (!valid.has(owner)) await locks.release(address);
  },
};
