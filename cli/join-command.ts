/** How an agent is told the cluster to join, other than by flags of its own, which every user of the machine can read. */
import { text } from 'node:stream/consumers';
import { ConfigError, type ConfigSources } from '../machinery/config/config.js';

/** The command with which an agent joins, as people type it. */
export const joinCommand = (order: {
  readonly serverUrl: string;
  readonly token: string;
  readonly caHash: string;
}): string =>
  `pintle agent --server=${order.serverUrl} --token=${order.token} --ca-hash=${order.caHash}`;

const wantsInput = ({ args, env }: ConfigSources): boolean =>
  env.PINTLE_JOIN === '-' ||
  args.some((arg, index) => arg === '--join=-' || (arg === '--join' && args[index + 1] === '-'));

/** Adds the flags of the join command on standard input where `--join=-` asks for it. Throws ConfigError when none comes. */
export async function withJoinCommand(
  sources: ConfigSources,
  input: NodeJS.ReadableStream,
): Promise<ConfigSources> {
  if (!wantsInput(sources)) return sources;
  const command = await text(input);
  const flags = command.split(/\s+/).filter((word) => word.startsWith('--'));
  if (flags.length === 0) throw new ConfigError('--join=-: no join command on standard input');
  return { ...sources, args: [...sources.args, ...flags] };
}
