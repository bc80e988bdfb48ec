/**
 * A Docker engine of a lab node, in the node's network namespace, with every file below the node's folder. containerd runs
 * beside it, as under systemd: it outlives a crash of the engine.
 */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { type Exec, systemExec } from '../../machinery/exec/exec.js';
import { startProcess } from '../../machinery/exec/process.js';
import { eventually } from '../../testing/eventually.js';
import { besideTest } from '../../testing/golden.js';
import { labCgroup } from './cleanup.js';
import { crashPid } from './crash.js';
import { inNamespace } from './namespaces.js';

export interface EngineOptions {
  readonly labId: string;
  readonly namespace: string;
  readonly folder: string;
}

export class Engine {
  readonly socket: string;
  private readonly options: EngineOptions;

  constructor(options: EngineOptions) {
    this.options = options;
    this.socket = path.join(options.folder, 'docker.sock');
  }

  private async startContainerd(): Promise<void> {
    const { folder, namespace } = this.options;
    mkdirSync(folder, { recursive: true });
    const config = path.join(folder, 'containerd.toml');
    writeFileSync(config, 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n');
    await startProcess(
      inNamespace(namespace, [
        'containerd',
        `--config=${config}`,
        `--root=${folder}/containerd-root`,
        `--state=${folder}/containerd-state`,
        `--address=${folder}/containerd.sock`,
      ]),
      { output: { file: path.join(folder, 'containerd.log') }, detached: true },
    );
    await eventually(
      () => {
        statSync(path.join(folder, 'containerd.sock'));
      },
      { what: 'containerd' },
    );
  }

  /** Starts the engine; after a crash too, with the containerd that is still there. */
  async start(): Promise<void> {
    const { folder, namespace, labId } = this.options;
    if (!existsSync(path.join(folder, 'containerd.sock'))) await this.startContainerd();
    const runtime = path.join(folder, 'runc-without-sys-resource');
    copyFileSync(besideTest(import.meta.url, 'runc-without-sys-resource.sh'), runtime);
    chmodSync(runtime, 0o755);
    await startProcess(
      inNamespace(namespace, [
        'dockerd',
        `--data-root=${folder}/data`,
        `--exec-root=${folder}/exec`,
        `--pidfile=${folder}/docker.pid`,
        `--host=unix://${this.socket}`,
        `--containerd=${folder}/containerd.sock`,
        `--cgroup-parent=${labCgroup(labId)}`,
        `--add-runtime=sandbox=${runtime}`,
        '--default-runtime=sandbox',
        '--bip=172.30.0.1/24',
      ]),
      { output: { file: path.join(folder, 'dockerd.log') }, detached: true },
    );
    await eventually(() => this.docker(['version']), { what: 'Docker engine', timeoutMs: 30_000 });
  }

  /** Runs the docker command line against this engine. */
  async docker(args: readonly string[], exec: Exec = systemExec): Promise<string> {
    return (await exec(['docker', '-H', `unix://${this.socket}`, ...args])).stdout;
  }

  /** Names of the running containers, pause containers included. */
  async containerNames(options: { readonly all?: boolean } = {}): Promise<readonly string[]> {
    const args = ['ps', '--format', '{{.Names}}', ...(options.all === true ? ['--all'] : [])];
    return (await this.docker(args)).split('\n').filter((name) => name !== '');
  }

  /** Ends the engine as a crash would; its containers' shims are left as they are. */
  async crash(): Promise<void> {
    await crashPid(Number(readFileSync(path.join(this.options.folder, 'docker.pid'), 'utf8')));
  }
}
