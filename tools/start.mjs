// `npm start [-- flags of pintle up]`: sets up what is missing on this machine, then becomes `pintle up`.
import { spawn } from 'node:child_process';
import path from 'node:path';
import {
  ensureBuilt,
  ensureDockerEngine,
  ensureNpmPackages,
  ensureSystemPackages,
  fail,
  nodePackages,
  repository,
} from './bootstrap.mjs';

const flags = process.argv.slice(2);

/** The value of a flag given as `--name value` or `--name=value`, or in the environment. */
function given(name) {
  const position = flags.findIndex((flag) => flag === `--${name}` || flag.startsWith(`--${name}=`));
  if (position < 0) return process.env[`PINTLE_${name.toUpperCase().replaceAll('-', '_')}`];
  return flags[position].includes('=') ? flags[position].split('=', 2)[1] : flags[position + 1];
}

ensureNpmPackages();
ensureBuilt();
if (process.getuid() !== 0)
  fail('a node needs root for networking and containers. Run: sudo npm start');
ensureSystemPackages(nodePackages);
if (given('docker-host') === undefined) {
  flags.push(`--docker-host=unix://${ensureDockerEngine(given('data-dir') ?? '/var/lib/pintle')}`);
}
const pintle = spawn(process.execPath, [path.join(repository, 'bin/pintle'), 'up', ...flags], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => pintle.kill(signal));
pintle.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === null ? 0 : 1);
});
