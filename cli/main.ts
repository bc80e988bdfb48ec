/**
 * The `pintle` command: finds the subcommand, runs it, and turns every failure a person can cause into one line that says what was
 * wrong. Subcommands are loaded when they are asked for, so that the agent does not carry the master's code.
 */
import { ConfigError, processSources } from '../machinery/config/config.js';
import { JoinError } from '../agent/node/join.js';
import { isStatusError } from '../api/meta/status-error.js';
import { KubeconfigError } from '../machinery/client/kubeconfig.js';
import { commands } from './commands.js';
import { UpError } from './up.js';

const isExpected = (error: unknown): error is Error =>
  error instanceof ConfigError ||
  error instanceof UpError ||
  error instanceof JoinError ||
  error instanceof KubeconfigError ||
  isStatusError(error);

function overview(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(
    ([name, command]) => `  ${name.padEnd(width)}  ${command.summary}`,
  );
  return [
    'pintle runs a Kubernetes-compatible cluster on Docker hosts.',
    '',
    'Usage: pintle COMMAND [FLAGS]',
    '',
    ...lines,
    '',
    'pintle COMMAND --help lists the flags of a command. Every flag is also a PINTLE_* environment',
    'variable and a key of the YAML file given with --config.',
  ].join('\n');
}

/** Resolves with the exit status. */
async function run(argv: readonly string[]): Promise<number> {
  const [name = '--help', ...args] = argv;
  if (name === '--help' || name === 'help' || name === '-h') {
    console.log(overview());
    return 0;
  }
  const command = commands[name === '--version' ? 'version' : name];
  if (command === undefined) {
    throw new ConfigError(`there is no command ${name}; pintle --help lists them`);
  }
  if (args.includes('--help') || args.includes('-h')) {
    console.log(
      `Usage: pintle ${name} ${command.usage}\n\n${command.summary}.\n\n${command.flags()}`,
    );
    return 0;
  }
  return command.run(processSources(args));
}

try {
  // Connections kept for later, and what a component that failed half way had opened, do not hold the process.
  process.exit(await run(process.argv.slice(2)));
} catch (error) {
  if (!isExpected(error)) throw error;
  console.error(`pintle: ${error.message}`);
  process.exit(1);
}
