/** Follows a packet through `iptables-restore` text as the kernel would: how tests read rules instead of comparing them. */

export interface Packet {
  readonly source: string;
  readonly destination: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
}

export interface TraceOptions {
  /** Addresses the node holds itself. */
  readonly localAddresses: readonly string[];
  /** Decides `statistic` matches: whether one of this probability takes. */
  readonly chance: (probability: number) => boolean;
  /** `recent` lists the source is in. */
  readonly recent?: ReadonlySet<string>;
}

export interface Verdict {
  readonly outcome: 'accepted' | 'refused' | 'dropped';
  /** `address:port` after destination NAT. */
  readonly destination: string;
  readonly masqueraded: boolean;
  /** Names the `recent` lists the source was put into. */
  readonly remembered: ReadonlySet<string>;
  readonly chains: readonly string[];
}

interface State {
  destination: string;
  port: number;
  mark: number;
  readonly remembered: Set<string>;
  readonly chains: string[];
}

type Chains = ReadonlyMap<string, readonly (readonly string[])[]>;

const words = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');

/** Reads restore text into chains by `table chain`. Handles `-A`, `-I` (at the head) and `-X`. */
export function parseRestore(text: string): Chains {
  const chains = new Map<string, (readonly string[])[]>();
  let table = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1);
    else if (line.startsWith(':')) chains.set(`${table} ${words(line.slice(1))[0] ?? ''}`, []);
    else {
      const [verb, chain = '', ...rule] = words(line);
      const key = `${table} ${chain}`;
      const rules = chains.get(key) ?? [];
      if (verb === '-A') rules.push(rule);
      else if (verb === '-I') rules.unshift(rule);
      if (verb === '-X') chains.delete(key);
      else if (verb === '-A' || verb === '-I') chains.set(key, rules);
    }
  }
  return chains;
}

const numberOf = (address: string): number =>
  address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);

function inSubnet(address: string, subnet: string): boolean {
  const [base = '', length = '32'] = subnet.split('/');
  const sizeOfBlock = 2 ** (32 - Number(length));
  return Math.floor(numberOf(address) / sizeOfBlock) === Math.floor(numberOf(base) / sizeOfBlock);
}

type Matcher = (
  value: string,
  given: { packet: Packet; state: State; options: TraceOptions },
) => boolean;

const isLocal = (address: string, options: TraceOptions): boolean =>
  inSubnet(address, '127.0.0.0/8') || options.localAddresses.includes(address);

const matchers: Readonly<Record<string, Matcher>> = {
  '-s': (value, { packet }) => inSubnet(packet.source, value),
  '-d': (value, { state }) => inSubnet(state.destination, value),
  '-p': (value, { packet }) => packet.protocol === value,
  '--dport': (value, { state }) => state.port === Number(value),
  '--dst-type': (_, { state, options }) => isLocal(state.destination, options),
  '--src-type': (_, { packet, options }) => isLocal(packet.source, options),
  '--probability': (value, { options }) => options.chance(Number(value)),
  '--mark': (value, { state }) =>
    (state.mark & Number(value.split('/')[1])) === Number(value.split('/')[0]),
  // Packets traced are the first of their flow.
  '--ctstate': (value) => value.split(',').includes('NEW'),
};

/** Options that take a value and decide nothing. */
const ignored = new Set([
  '-m',
  '--comment',
  '--mode',
  '--seconds',
  '--set-xmark',
  '--to-destination',
]);

type Step = { readonly jump: string; readonly argument: string } | undefined;

/** Whether a rule takes the packet, and where it sends it. */
function applyRule(
  rule: readonly string[],
  given: { packet: Packet; state: State; options: TraceOptions },
): Step {
  let inverted = false;
  let list = '';
  let argument = '';
  for (let at = 0; at < rule.length; at++) {
    const word = rule[at] ?? '';
    const value = rule[at + 1] ?? '';
    const matcher = matchers[word];
    if (word === '!') inverted = true;
    else if (matcher !== undefined) {
      if (matcher(value, given) === inverted) return undefined;
      inverted = false;
      at++;
    } else if (word === '--name') {
      list = value;
      at++;
    } else if (word === '--rcheck') {
      const name = rule[rule.indexOf('--name') + 1] ?? '';
      if (given.options.recent?.has(name) !== true) return undefined;
    } else if (word === '--set') given.state.remembered.add(list);
    else if (word === '-j')
      return { jump: value, argument: argument || rule.slice(at + 2).join(' ') };
    else if (ignored.has(word)) {
      if (word === '--set-xmark') argument = value;
      at++;
    } else if (!['--reap', '--random-fully'].includes(word))
      throw new Error(`the tracer does not know ${word} in ${rule.join(' ')}`);
  }
  throw new Error(`a rule without a target: ${rule.join(' ')}`);
}

type End = 'continue' | 'accepted' | 'refused' | 'dropped' | 'translated' | 'masqueraded';

function walk(
  chains: Chains,
  name: string,
  given: { packet: Packet; state: State; options: TraceOptions },
): End {
  const table = name.split(' ')[0] ?? '';
  given.state.chains.push(name);
  for (const rule of chains.get(name) ?? []) {
    const step = applyRule(rule, given);
    if (step === undefined) continue;
    switch (step.jump) {
      case 'RETURN':
        return 'continue';
      case 'ACCEPT':
        return 'accepted';
      case 'DROP':
        return 'dropped';
      case 'REJECT':
        return 'refused';
      case 'MASQUERADE':
        return 'masqueraded';
      case 'MARK': {
        const [value, mask] = step.argument.replace('--set-xmark ', '').split('/').map(Number);
        given.state.mark = (given.state.mark & ~(mask ?? 0)) ^ (value ?? 0);
        break;
      }
      case 'DNAT': {
        const [address = '', port = ''] = step.argument.replace('--to-destination ', '').split(':');
        given.state.destination = address;
        given.state.port = Number(port);
        return 'translated';
      }
      default: {
        const end = walk(chains, `${table} ${step.jump}`, given);
        if (end !== 'continue') return end;
      }
    }
  }
  return 'continue';
}

/** Follows the first packet of a connection that comes in from elsewhere, or starts on the node itself. */
export function tracePacket(chains: Chains, packet: Packet, options: TraceOptions): Verdict {
  const state: State = {
    destination: packet.destination,
    port: packet.port,
    mark: 0,
    remembered: new Set(),
    chains: [],
  };
  const given = { packet, state, options };
  const fromHere = isLocal(packet.source, options);
  walk(chains, fromHere ? 'nat OUTPUT' : 'nat PREROUTING', given);
  const forHere = isLocal(state.destination, options);
  // What the node sends to itself leaves by OUTPUT and comes in again by INPUT.
  const hooks = [...(fromHere ? ['OUTPUT'] : []), ...(forHere ? ['INPUT'] : [])];
  const ends = (hooks.length === 0 ? ['FORWARD'] : hooks).map((hook) =>
    walk(chains, `filter ${hook}`, given),
  );
  const outcome = ends.find((end) => end === 'refused' || end === 'dropped') ?? 'accepted';
  return {
    outcome,
    destination: `${state.destination}:${state.port}`,
    masqueraded: walk(chains, 'nat POSTROUTING', given) === 'masqueraded',
    remembered: state.remembered,
    chains: state.chains,
  };
}
