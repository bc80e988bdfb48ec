/**
 * A person at a shell with a stock kubectl, in a Kubernetes namespace of their own. Command lines are written as in the
 * documentation; single quotes keep words together, and nothing else is special.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isExecError, systemExec } from '../../machinery/exec/exec.js';
import { type RunningProcess, startProcess } from '../../machinery/exec/process.js';
import { type LabCluster } from '../lab/cluster.js';
import { type KubectlVersion, helmPath, kubectlArgv, kubectlPath } from '../lab/stock-clients.js';

export interface ShellOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

export interface BackgroundCommand {
  readonly process: RunningProcess;
  /** Both output streams, so far. */
  readonly output: () => string;
}

/** Splits a command line at blanks; single quotes keep words together. */
const words = (line: string): readonly string[] =>
  line.match(/(?:'[^']*'|[^\s'])+/g)?.map((word) => word.replaceAll("'", '')) ?? [];

function assertPrinted(line: string, output: string, pattern: RegExp): void {
  const said = output.length > 2000 ? `${output.slice(0, 2000)}…` : output;
  assert.ok(
    pattern.test(output),
    `kubectl ${line} does not print ${String(pattern)} but:\n${said}`,
  );
}

export class Shell {
  readonly version: KubectlVersion;
  readonly namespace: string;
  readonly folder: string;
  private readonly cluster: LabCluster;
  private started = 0;

  constructor(cluster: LabCluster, version: KubectlVersion, area: string) {
    this.cluster = cluster;
    this.version = version;
    this.namespace = `${area}-${version.replace('.', '-')}`;
    this.folder = path.join(cluster.folder, 'shells', this.namespace);
    mkdirSync(this.folder, { recursive: true });
  }

  /** Writes a file into the shell's folder and returns its path. */
  file(name: string, text: string, mode = 0o644): string {
    const file = path.join(this.folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text, { mode });
    return file;
  }

  private kubectl(line: string): Promise<readonly string[]> {
    // What needs no server is spared the flag: kubectl 1.24 confuses it with flags of `config set-context`.
    const where = line.startsWith('config ') ? [] : ['-n', this.namespace];
    return kubectlArgv(this.cluster.kubectlSetting, this.version, [...where, ...words(line)]);
  }

  private async exec(
    argv: readonly string[],
    options: ShellOptions,
  ): Promise<{ readonly stdout: string; readonly stderr: string }> {
    return systemExec(argv, {
      timeoutMs: options.timeoutMs ?? 60_000,
      cwd: this.folder,
      env: { HOME: this.folder, ...options.env },
      ...(options.input === undefined ? {} : { input: options.input }),
    });
  }

  /** Runs kubectl and returns what it printed on standard output; rejects with its message when it exits non-zero. */
  async run(line: string, options: ShellOptions = {}): Promise<string> {
    return (await this.exec(await this.kubectl(line), options)).stdout;
  }

  /** Runs kubectl and asserts that what it printed, on both streams, matches every pattern. */
  async expect(line: string, ...patterns: readonly RegExp[]): Promise<string> {
    return this.expectWith(line, {}, ...patterns);
  }

  async expectWith(
    line: string,
    options: ShellOptions,
    ...patterns: readonly RegExp[]
  ): Promise<string> {
    const { stdout, stderr } = await this.exec(await this.kubectl(line), options);
    for (const pattern of patterns) assertPrinted(line, stdout + stderr, pattern);
    return stdout;
  }

  /** Runs kubectl, asserts that it fails with a message that matches, and returns all it printed. */
  async refused(
    line: string,
    pattern: RegExp,
    options: ShellOptions & { readonly exitCode?: number } = {},
  ): Promise<string> {
    const error = await this.exec(await this.kubectl(line), options).then(
      ({ stdout }) => assert.fail(`kubectl ${line} succeeded: ${stdout}`),
      (failure: unknown) => failure,
    );
    if (!isExecError(error)) throw error;
    const output = error.stdout + error.stderr;
    assertPrinted(line, output, pattern);
    if (options.exitCode !== undefined) {
      assert.equal(error.exitCode, options.exitCode, `kubectl ${line} exits otherwise: ${output}`);
    }
    return output;
  }

  /** Asserts what a shell would offer at the end of this line when the tabulator key is pressed. */
  async completes(line: string, pattern: RegExp): Promise<void> {
    const argv = [await kubectlPath(this.version), '__complete', ...words(line)];
    const { stdout } = await this.exec(argv, { env: { KUBECONFIG: this.cluster.kubeconfig } });
    assert.match(stdout, pattern);
  }

  /** Runs the Helm that comes with this kubectl, as the cluster's administrator. */
  async helm(line: string, options: ShellOptions = {}): Promise<string> {
    const argv = [await helmPath(this.version), '-n', this.namespace, ...words(line)];
    const env = {
      KUBECONFIG: this.cluster.kubeconfig,
      HELM_CACHE_HOME: path.join(this.folder, 'helm/cache'),
      HELM_CONFIG_HOME: path.join(this.folder, 'helm/config'),
      HELM_DATA_HOME: path.join(this.folder, 'helm/data'),
      ...options.env,
    };
    return (await this.exec(argv, { timeoutMs: 120_000, ...options, env })).stdout;
  }

  /** Starts a kubectl that goes on until it is killed, for as long as `use` takes. */
  async during<T>(line: string, use: (command: BackgroundCommand) => Promise<T>): Promise<T> {
    this.started += 1;
    const file = this.file(`background-${String(this.started)}.log`, '');
    const process = await startProcess(await this.kubectl(line), {
      output: { file },
      cwd: this.folder,
      env: { HOME: this.folder },
    });
    try {
      return await use({ process, output: () => readFileSync(file, 'utf8') });
    } finally {
      process.kill('SIGKILL');
      await process.exited;
    }
  }
}
