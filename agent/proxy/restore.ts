/** Rules as `iptables-restore --noflush` input: everything, or what changed. Pure. */
import { isServiceChain } from './chain-names.js';
import { chainsPerRemoval, servicesPerWrite } from './limits.js';
import {
  fixedChains,
  jumps,
  nodePortJump,
  sharedChains,
  type ServiceRules,
  type SharedChain,
  type Table,
} from './ruleset.js';

const none: ServiceRules = { chains: new Map(), shared: new Map(), udp: new Map() };

interface TableLines {
  readonly declared: string[];
  readonly rules: string[];
  readonly removed: string[];
}

const emptyLines = (): TableLines => ({ declared: [], rules: [], removed: [] });

/** Declaring a chain empties it, or makes it. */
const declaration = (chain: string): string => `:${chain} - [0:0]`;

function textOf(tables: Readonly<Record<Table, TableLines>>): string {
  return (['filter', 'nat'] as const)
    .flatMap((table) => {
      const { declared, rules, removed } = tables[table];
      const lines = [...declared, ...rules, ...removed];
      return lines.length === 0 ? [] : [`*${table}`, ...lines, 'COMMIT'];
    })
    .map((line) => `${line}\n`)
    .join('');
}

const splitShared = (chain: SharedChain): readonly [Table, string] => {
  const [table = '', name = ''] = chain.split(' ');
  return [table === 'nat' ? 'nat' : 'filter', name];
};

/** What `iptables-save` found, as far as a full write needs it. */
export interface KernelState {
  readonly chains: Readonly<Record<Table, ReadonlySet<string>>>;
  /** Lines of the kernel's own chains, as saved. */
  readonly rules: Readonly<Record<Table, readonly string[]>>;
}

const emptyKernelState: KernelState = {
  chains: { nat: new Set(), filter: new Set() },
  rules: { nat: [], filter: [] },
};

/** Reads the output of `iptables-save`. */
export function parseSaved(text: string): KernelState {
  const chains = { nat: new Set<string>(), filter: new Set<string>() };
  const rules: Record<Table, string[]> = { nat: [], filter: [] };
  let table: Table | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) {
      const name = line.slice(1);
      table = name === 'nat' || name === 'filter' ? name : undefined;
    } else if (table !== undefined && line.startsWith(':'))
      chains[table].add(line.slice(1).split(' ')[0] ?? '');
    else if (table !== undefined && /^-A [A-Z]+ /.test(line) && !line.startsWith('-A KUBE'))
      rules[table].push(line);
  }
  return { chains, rules };
}

/** Saved rules order their matches in their own way; the chain, its target and the comment tell a jump of ours. */
function hasJump(saved: readonly string[], chain: string, rule: string): boolean {
  const target = rule.slice(rule.lastIndexOf('-j '));
  const note = /--comment ("[^"]*")/.exec(rule)?.[1] ?? '';
  return saved.some(
    (line) => line.startsWith(`-A ${chain} `) && line.endsWith(target) && line.includes(note),
  );
}

type Tables = Readonly<Record<Table, TableLines>>;

const emptyTables = (): Tables => ({ nat: emptyLines(), filter: emptyLines() });

function declare(tables: Tables, table: Table, chain: string, lines: readonly string[]): void {
  tables[table].declared.push(declaration(chain));
  for (const line of lines) tables[table].rules.push(`-A ${chain} ${line}`);
}

/** Parts of at most `size` members. */
function* inParts<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}

function fixedPart(): Tables {
  const part = emptyTables();
  for (const table of ['nat', 'filter'] as const)
    for (const [chain, lines] of fixedChains[table]) declare(part, table, chain, lines);
  return part;
}

function servicesPart(services: readonly ServiceRules[]): Tables {
  const part = emptyTables();
  for (const { chains } of services)
    for (const [chain, lines] of chains) declare(part, 'nat', chain, lines);
  return part;
}

/** Shared chains with the rules of every service, and the jumps into them. */
function sharedPart(services: readonly ServiceRules[], kernel: KernelState): Tables {
  const part = emptyTables();
  for (const shared of sharedChains) {
    const [table, chain] = splitShared(shared);
    declare(
      part,
      table,
      chain,
      services.flatMap((service) => service.shared.get(shared) ?? []),
    );
  }
  part.nat.rules.push(`-A KUBE-SERVICES ${nodePortJump}`);
  for (const table of ['nat', 'filter'] as const)
    // Inserted before what others have there, the last one first, so that they stand in the order given.
    for (const [chain, rule] of [...jumps[table]].reverse())
      if (!hasJump(kernel.rules[table], chain, rule)) part[table].rules.push(`-I ${chain} ${rule}`);
  return part;
}

function stalePart(chains: readonly string[]): Tables {
  const part = emptyTables();
  for (const chain of chains) {
    part.nat.declared.push(declaration(chain));
    part.nat.removed.push(`-X ${chain}`);
  }
  return part;
}

function merged(parts: readonly Tables[]): Tables {
  const all = emptyTables();
  for (const part of parts)
    for (const table of ['nat', 'filter'] as const)
      for (const key of ['declared', 'rules', 'removed'] as const)
        for (const line of part[table][key]) all[table][key].push(line);
  return all;
}

/**
 * Writes every chain anew, adds missing jumps and removes service chains nobody wants. One text is one kernel transaction.
 *
 * What iptables needs for a transaction grows with the square of the chains in it, so many services are written in several:
 * their own chains first, then the shared chains that lead to them, then the removal of what nothing leads to any more.
 */
export function fullRestore(
  wanted: ReadonlyMap<string, ServiceRules>,
  kernel: KernelState = emptyKernelState,
): readonly string[] {
  const services = [...wanted.values()];
  const kept = new Set(services.flatMap(({ chains }) => [...chains.keys()]));
  const stale = [...kernel.chains.nat].filter((chain) => isServiceChain(chain) && !kept.has(chain));
  const parts = [
    fixedPart(),
    ...[...inParts(services, servicesPerWrite)].map(servicesPart),
    sharedPart(services, kernel),
    ...[...inParts(stale, chainsPerRemoval)].map(stalePart),
  ];
  const few = services.length <= servicesPerWrite && stale.length <= chainsPerRemoval;
  return few ? [textOf(merged(parts))] : parts.map(textOf);
}

const sameLines = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((line, at) => line === b[at]);

/** One service before and after; undefined where it did not or does not exist. */
export interface ServiceChange {
  readonly before: ServiceRules | undefined;
  readonly after: ServiceRules | undefined;
}

/**
 * Writes only what differs: a service's chains that changed are written whole; in the shared chains single rules are taken
 * out and put in. Empty when nothing differs. Assumes the kernel holds what was written before.
 */
export function deltaRestore(changes: Iterable<ServiceChange>): string {
  const tables = { nat: emptyLines(), filter: emptyLines() };
  const inserted: Record<Table, string[]> = { nat: [], filter: [] };
  for (const { before = none, after = none } of changes) {
    for (const [chain, lines] of after.chains) {
      if (sameLines(lines, before.chains.get(chain) ?? []) && before.chains.has(chain)) continue;
      tables.nat.declared.push(declaration(chain));
      for (const line of lines) tables.nat.rules.push(`-A ${chain} ${line}`);
    }
    for (const chain of before.chains.keys())
      if (!after.chains.has(chain)) {
        tables.nat.declared.push(declaration(chain));
        tables.nat.removed.push(`-X ${chain}`);
      }
    for (const shared of sharedChains) {
      const [table, chain] = splitShared(shared);
      const old = before.shared.get(shared) ?? [];
      const fresh = after.shared.get(shared) ?? [];
      for (const line of old)
        if (!fresh.includes(line)) tables[table].rules.push(`-D ${chain} ${line}`);
      for (const line of fresh)
        if (!old.includes(line)) inserted[table].push(`-I ${chain} ${line}`);
    }
  }
  // Deletions first: an address that moves to another service must not meet the old rule.
  for (const table of ['nat', 'filter'] as const) tables[table].rules.push(...inserted[table]);
  return textOf(tables);
}

/** Takes everything of ours out of the kernel. */
export function cleanupRestore(kernel: KernelState): string {
  const tables = { nat: emptyLines(), filter: emptyLines() };
  for (const table of ['nat', 'filter'] as const) {
    const lines = tables[table];
    for (const line of kernel.rules[table])
      if (/-j KUBE-[A-Z-]+$/.test(line)) lines.rules.push(line.replace('-A ', '-D '));
    const shared = sharedChains.map(splitShared).filter(([in_]) => in_ === table);
    const ours = new Set([...fixedChains[table].keys(), ...shared.map(([, chain]) => chain)]);
    for (const chain of kernel.chains[table])
      if (ours.has(chain) || (table === 'nat' && isServiceChain(chain))) {
        lines.declared.push(declaration(chain));
        lines.removed.push(`-X ${chain}`);
      }
  }
  return textOf(tables);
}
