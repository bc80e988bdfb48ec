/**
 * The firewall rules pods need beside services, as `iptables-restore --noflush` input. Pure.
 *
 *   nat     POSTROUTING → PINTLE-MASQ: what leaves the cluster takes the node's address
 *   filter  FORWARD → PINTLE-FORWARD: pods may be forwarded to and from, whatever the policy of FORWARD (Docker's is DROP)
 */

export interface PodRulesOptions {
  /** The pods' range of the whole cluster. */
  readonly podCidr: string;
}

const comment = (text: string): string => `-m comment --comment "${text}"`;

/** The rules in the kernel's own chains that lead to ours, by table. */
export const podJumps = {
  nat: `POSTROUTING ${comment('pintle: pods leaving the cluster')} -j PINTLE-MASQ`,
  filter: `FORWARD ${comment('pintle: pods')} -j PINTLE-FORWARD`,
} as const;

/** Whether the output of `iptables -S CHAIN` has a jump. */
export const hasJump = (rules: string, jump: string): boolean => {
  const target = jump.slice(jump.lastIndexOf('-j '));
  return rules.split('\n').some((line) => line.endsWith(target));
};

/** `missing` names the tables whose jump is not there yet. */
export function podRules(
  { podCidr }: PodRulesOptions,
  missing: readonly ('nat' | 'filter')[],
): string {
  const jump = (table: 'nat' | 'filter'): readonly string[] => {
    if (!missing.includes(table)) return [];
    // Last, so that the rules of services, which may refuse or masquerade, have their say first.
    return [`-A ${podJumps[table]}`];
  };
  const lines = [
    '*nat',
    ':PINTLE-MASQ - [0:0]',
    `-A PINTLE-MASQ ! -s ${podCidr} -j RETURN`,
    `-A PINTLE-MASQ -d ${podCidr} -j RETURN`,
    '-A PINTLE-MASQ -d 224.0.0.0/4 -j RETURN',
    '-A PINTLE-MASQ -j MASQUERADE --random-fully',
    ...jump('nat'),
    'COMMIT',
    '*filter',
    ':PINTLE-FORWARD - [0:0]',
    `-A PINTLE-FORWARD -s ${podCidr} -j ACCEPT`,
    `-A PINTLE-FORWARD -d ${podCidr} -j ACCEPT`,
    ...jump('filter'),
    'COMMIT',
  ];
  return `${lines.join('\n')}\n`;
}

/** Takes the rules out again. */
export function podRulesCleanup(present: readonly ('nat' | 'filter')[]): string {
  const chains = { nat: 'PINTLE-MASQ', filter: 'PINTLE-FORWARD' } as const;
  const lines = present.flatMap((table) => [
    `*${table}`,
    `:${chains[table]} - [0:0]`,
    `-D ${podJumps[table]}`,
    `-X ${chains[table]}`,
    'COMMIT',
  ]);
  return lines.map((line) => `${line}\n`).join('');
}
