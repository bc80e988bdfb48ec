/** The subcommands: what each is for, its flags, and what runs it. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { agentTable } from '../agent/config.js';
import { createClient } from '../machinery/client/api-client.js';
import type { Client } from '../machinery/client/client.js';
import { createHttpsTransport } from '../machinery/client/https-transport.js';
import { readKubeconfig } from '../machinery/client/kubeconfig.js';
import { keepProcessAlive, systemClock } from '../machinery/clock/clock.js';
import { systemRandom } from '../machinery/clock/random.js';
import * as rows from '../machinery/config/shared-rows.js';
import {
  ConfigError,
  type ConfigSources,
  helpText,
  parseConfig,
} from '../machinery/config/config.js';
import { defaultNodeName } from '../machinery/config/machine.js';
import { masterTable } from '../master/config.js';
import { checkMachine, checkReport } from './check.js';
import { engineHost } from './engine.js';
import { joinCommand, withJoinCommand } from './join-command.js';
import * as limits from './limits.js';
import { resetMachine } from './reset.js';
import { createBootstrapToken, listBootstrapTokens, revokeBootstrapToken } from './token.js';
import { upTable } from './up-config.js';
import { runUp } from './up.js';
import { pintleVersion } from './version.js';

export interface Command {
  readonly summary: string;
  readonly usage: string;
  readonly flags: () => string;
  /** Resolves with the exit status. */
  readonly run: (sources: ConfigSources) => Promise<number>;
}

const dataDirTable = { dataDir: rows.dataDir };
const machineTable = {
  dataDir: rows.dataDir,
  listen: rows.listen,
  dockerHost: rows.dockerHost,
  agentPort: rows.agentPort,
};

const program = fileURLToPath(new URL('../../bin/pintle', import.meta.url));
const print = (line: string): void => {
  console.log(line);
};

/** Aborted by the first SIGINT or SIGTERM. */
function terminationSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      controller.abort(new Error(`ended by ${name}`));
    });
  }
  return controller.signal;
}

interface Component {
  readonly stop: () => Promise<void>;
}

/** Runs a component until it is told to end; one that is starting still is not waited for, as it may be killed at any time. */
async function runUntilTold(start: () => Promise<Component>): Promise<number> {
  const signal = terminationSignal();
  const release = keepProcessAlive();
  const told = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
  const component = await Promise.race([start(), told]);
  await told;
  await component?.stop();
  release();
  return 0;
}

/** The flags a component's table has in common with given settings, as its command line. */
function flagsFor(
  table: Readonly<Record<string, { readonly flag: string }>>,
  settings: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const known = new Set(Object.values(table).map(({ flag }) => flag));
  return Object.entries(settings)
    .filter(([flag, value]) => known.has(flag) && value !== undefined)
    .map(([flag, value]) => `--${flag}=${value ?? ''}`);
}

async function up(sources: ConfigSources): Promise<number> {
  const given = parseConfig(upTable, sources);
  const config = { ...given, dockerHost: engineHost(given) };
  const settings = Object.fromEntries(
    Object.entries(upTable).map(([name, { flag }]) => {
      const value = config[name as keyof typeof config];
      const text =
        typeof value === 'object' ? `${value.host}:${String(value.port)}` : value?.toString();
      return [flag, text];
    }),
  );
  const { 'data-dir': _dataDir, ...forAgent } = settings;
  const release = keepProcessAlive();
  await runUp(
    {
      config,
      masterFlags: flagsFor(masterTable, settings),
      agentFlags: flagsFor(agentTable, forAgent),
      program,
      print,
      signal: terminationSignal(),
    },
    config.nodeName ?? defaultNodeName(),
  );
  release();
  return 0;
}

const adminClient = (dataDir: string): { client: Client; serverUrl: string; caPem: string } => {
  const connection = readKubeconfig(path.join(dataDir, 'admin.conf'));
  const { serverUrl, caPem } = connection;
  return { client: createClient(createHttpsTransport(connection)), serverUrl, caPem };
};

async function token(sources: ConfigSources): Promise<number> {
  const [action = '', ...rest] = sources.args;
  const words = rest.filter((word) => !word.startsWith('-'));
  const args = action === 'revoke' ? rest.filter((word) => word !== words[0]) : rest;
  const { dataDir } = parseConfig(dataDirTable, { ...sources, args });
  const { client, serverUrl, caPem } = adminClient(dataDir);
  switch (action) {
    case 'create': {
      const created = await createBootstrapToken({
        client,
        caPem,
        clock: systemClock,
        random: systemRandom,
        lifetimeMs: limits.tokenLifetimeMs,
      });
      print(joinCommand({ serverUrl, ...created }));
      return 0;
    }
    case 'list':
      for (const { id, expires } of await listBootstrapTokens(client)) print(`${id}  ${expires}`);
      return 0;
    case 'revoke':
      if (words[0] === undefined) throw new ConfigError('which token? pintle token revoke ID');
      await revokeBootstrapToken(client, words[0]);
      return 0;
    default:
      throw new ConfigError(`pintle token ${action}: use create, list or revoke`);
  }
}

async function check(sources: ConfigSources): Promise<number> {
  const config = parseConfig(machineTable, sources);
  const results = await checkMachine({
    dataDir: config.dataDir,
    dockerSocket: engineHost(config).replace('unix://', ''),
    ports: [config.listen.port, config.agentPort],
  });
  print(checkReport(results));
  return results.some(({ verdict }) => verdict === 'failed') ? 1 : 0;
}

async function reset(sources: ConfigSources): Promise<number> {
  const config = parseConfig({ dataDir: rows.dataDir, dockerHost: rows.dockerHost }, sources);
  const { dataDir } = config;
  for (const line of await resetMachine({ dataDir, dockerHost: engineHost(config) })) print(line);
  return 0;
}

/** The subcommands by name, in the order help lists them. */
export const commands: Readonly<Record<string, Command>> = {
  up: {
    summary: 'A one-node cluster: master and agent on this machine, in the foreground',
    usage: '[FLAGS]',
    flags: () => helpText(upTable),
    run: up,
  },
  master: {
    summary: 'The control plane alone',
    usage: '[FLAGS]',
    flags: () => helpText(masterTable),
    run: async (sources) => {
      const config = parseConfig(masterTable, sources);
      const { startMaster } = await import('../master/main.js');
      return runUntilTold(() => startMaster(config));
    },
  },
  agent: {
    summary: 'A node that joins a master',
    usage: '--server=URL [--token=TOKEN --ca-hash=sha256:HASH] [FLAGS]  or  --join=- [FLAGS]',
    flags: () => helpText(agentTable),
    run: async (sources) => {
      // Loading the agent takes longer than waiting for what to join, which begins meanwhile.
      const loading = import('../agent/main.js');
      const config = parseConfig(agentTable, await withJoinCommand(sources, process.stdin));
      const { startAgent } = await loading;
      return runUntilTold(() => startAgent(config));
    },
  },
  token: {
    summary: 'Tokens with which nodes join: create prints the whole command to run there',
    usage: 'create|list|revoke ID [FLAGS]',
    flags: () => helpText(dataDirTable),
    run: token,
  },
  check: {
    summary:
      'Looks whether this machine can be a master or a node, and says what to do where it cannot',
    usage: '[FLAGS]',
    flags: () => helpText(machineTable),
    run: check,
  },
  reset: {
    summary:
      'Removes every container, link, route, rule and mount Pintle made on this machine, and its data',
    usage: '[FLAGS]',
    flags: () => helpText({ dataDir: rows.dataDir, dockerHost: rows.dockerHost }),
    run: reset,
  },
  version: {
    summary: 'The version',
    usage: '',
    flags: () => '',
    run: () => {
      print(pintleVersion);
      return Promise.resolve(0);
    },
  },
};
