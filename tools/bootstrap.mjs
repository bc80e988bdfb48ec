// Makes a bare machine able to run Pintle: npm packages, the build, Debian packages, a Docker engine. Plain JavaScript without
// dependencies, because it runs before any are installed. Says what it does, one line a step, with its time.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** What a node needs, as Debian package → a command it brings, or the path of a file. */
export const nodePackages = {
  'docker.io': 'dockerd',
  iptables: 'iptables',
  nftables: 'nft',
  iproute2: 'ip',
  conntrack: 'conntrack',
  ipset: 'ipset',
};

/** What the tests need beside that. */
export const testPackages = {
  'busybox-static': '/bin/busybox',
  unzip: 'unzip',
  procps: 'ps',
  'python3-kubernetes': '/usr/lib/python3/dist-packages/kubernetes/__init__.py',
};

/** Ends the program with a message for the person at the keyboard. */
export function fail(message) {
  console.error(`pintle: ${message}`);
  process.exit(1);
}

function step(what, work) {
  const startedMs = Date.now();
  console.log(`pintle: ${what} …`);
  const result = work();
  console.log(`pintle: ${what}: done in ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
  return result;
}

/** Runs a command with its output shown; ends the program when it fails. */
export function run(argv, options = {}) {
  const { status, error } = spawnSync(argv[0], argv.slice(1), {
    cwd: repository,
    stdio: 'inherit',
    ...options,
  });
  if (error) fail(`cannot run ${argv.join(' ')}: ${error.message}`);
  if (status !== 0) fail(`${argv.join(' ')} ended with exit status ${String(status)}`);
}

const succeeds = (argv) => spawnSync(argv[0], argv.slice(1), { stdio: 'ignore' }).status === 0;

// Administrators' commands live in sbin, which is not on everybody's PATH.
process.env.PATH = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;
const hasCommand = (command) =>
  path.isAbsolute(command) ? existsSync(command) : succeeds(['sh', '-c', `command -v ${command}`]);

export function ensureNpmPackages() {
  const installed = path.join(repository, 'node_modules/.package-lock.json');
  const isCurrent =
    existsSync(installed) &&
    statSync(installed).mtimeMs >= statSync(path.join(repository, 'package-lock.json')).mtimeMs;
  if (!isCurrent)
    step('installing npm packages from the lock file', () =>
      run(['npm', 'ci', '--no-fund', '--no-audit']),
    );
}

export function ensureBuilt() {
  step('building', () => {
    run([process.execPath, 'tools/bundle.mjs']);
  });
}

export function ensureSystemPackages(packages) {
  const missing = Object.keys(packages).filter((name) => !hasCommand(packages[name]));
  if (missing.length === 0) return;
  const install = `apt-get install --yes --no-install-recommends ${missing.join(' ')}`;
  const isDebian = hasCommand('apt-get');
  if (!isDebian || process.getuid() !== 0) {
    fail(
      `these packages are missing: ${missing.join(', ')}. ` +
        (isDebian
          ? `Run: sudo apt-get update && sudo ${install}`
          : 'Install them with your package manager, then run this again.'),
    );
  }
  step(`installing Debian packages: ${missing.join(' ')}`, () => {
    const quiet = {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'inherit'],
    };
    run(['apt-get', 'update', '-qq'], quiet);
    run(install.replace('install', 'install -qq').split(' '), quiet);
  });
}

const answers = (socket) =>
  existsSync(socket) && succeeds(['docker', '-H', `unix://${socket}`, 'version']);

const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

function waitForEngine(socket, seconds) {
  for (let tried = 0; tried < seconds * 10; tried++) {
    if (answers(socket)) return true;
    pause(100);
  }
  return false;
}

function startPrivateEngine(dataDir) {
  const folder = path.join(dataDir, 'docker');
  const socket = path.join(folder, 'docker.sock');
  if (answers(socket)) return socket;
  mkdirSync(folder, { recursive: true });
  const log = path.join(folder, 'dockerd.log');
  const output = openSync(log, 'a');
  const engine = spawn(
    'dockerd',
    [
      `--data-root=${folder}/data`,
      `--exec-root=${folder}/exec`,
      `--pidfile=${folder}/docker.pid`,
      `--host=unix://${socket}`,
    ],
    { detached: true, stdio: ['ignore', output, output] },
  );
  engine.unref();
  closeSync(output);
  if (waitForEngine(socket, 30)) return socket;
  const said = readFileSync(log, 'utf8').trim().split('\n').slice(-3).join('\n');
  return fail(`the private Docker engine did not start; ${log} ends with:\n${said}`);
}

/** The socket of a running Docker engine: the machine's own, one started as a service, or a private one. */
export function ensureDockerEngine(dataDir) {
  const socket = '/var/run/docker.sock';
  if (answers(socket)) return socket;
  return step('starting a Docker engine', () => {
    const asService =
      existsSync('/run/systemd/system') && succeeds(['systemctl', 'start', 'docker']);
    if (asService && waitForEngine(socket, 30)) return socket;
    return startPrivateEngine(dataDir);
  });
}
