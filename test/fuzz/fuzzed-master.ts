/** A master in a process of its own, on a port of this machine's loopback, that forgets everything at the end. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { startProcess } from '../../machinery/exec/process.js';
import type { RunningProcess } from '../../machinery/exec/process.js';
import { readKubeconfig } from '../../machinery/client/kubeconfig.js';
import type { ServerConnection } from '../../machinery/client/https-transport.js';
import { eventually } from '../../testing/eventually.js';

const startMs = 20_000;

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}

function connected(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}

export class FuzzedMaster {
  readonly connection: ServerConnection;
  private readonly folder: string;
  private readonly process: RunningProcess;
  private ended: string | undefined;
  private readLines = 0;

  private constructor(folder: string, process: RunningProcess, connection: ServerConnection) {
    this.folder = folder;
    this.process = process;
    this.connection = connection;
    void process.exited.then(({ exitCode, signal }) => {
      this.ended = `it ended with ${exitCode === undefined ? String(signal) : String(exitCode)}`;
    });
  }

  /** `flags` come on top of those it needs; what they name in its folder is written `FOLDER/…`. */
  static async start(
    flags: readonly string[] = [],
    files: Readonly<Record<string, string>> = {},
  ): Promise<FuzzedMaster> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'pintle-fuzz-'));
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    const port = await freePort();
    const argv = [
      process.execPath,
      '--enable-source-maps',
      'bin/pintle',
      'master',
      '--store=memory',
      `--data-dir=${folder}`,
      `--listen=127.0.0.1:${String(port)}`,
      '--node-ip=127.0.0.1',
      ...flags.map((flag) => flag.replace('FOLDER', folder)),
    ];
    const running = await startProcess(argv, { output: { file: path.join(folder, 'log') } });
    try {
      const connection = await eventually(() => readKubeconfig(path.join(folder, 'admin.conf')), {
        timeoutMs: startMs,
        what: 'the kubeconfig of the master',
      });
      await eventually(() => connected(port), { timeoutMs: startMs, what: 'the master to listen' });
      return new FuzzedMaster(folder, running, connection);
    } catch (error) {
      running.kill('SIGKILL');
      throw error;
    }
  }

  /** How the process ended, if it did. */
  get end(): string | undefined {
    return this.ended;
  }

  /** Waits for the end, but no longer than that. */
  async endsWithin(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([this.process.exited.then(() => undefined), late]);
    clearTimeout(timer);
  }

  get logText(): string {
    return readFileSync(path.join(this.folder, 'log'), 'utf8');
  }

  /** A file in its folder. */
  fileText(name: string): string {
    return readFileSync(path.join(this.folder, name), 'utf8');
  }

  /** What was logged since the last call, line by line. */
  newLines(): readonly string[] {
    const lines = this.logText.split('\n');
    const fresh = lines.slice(this.readLines);
    this.readLines = lines.length - 1;
    return fresh;
  }

  get residentBytes(): number {
    const status = readFileSync(`/proc/${String(this.process.pid)}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? '0') * 1024;
  }

  /** How long the thread that serves requests has been busy: unlike a clock's, not time that other programs took. */
  get busyMs(): number {
    const pid = String(this.process.pid);
    const stat = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8');
    return Number(stat.split(' ')[0]) / 1e6;
  }

  async stop(): Promise<void> {
    this.process.kill('SIGTERM');
    const timer = setTimeout(() => {
      this.process.kill('SIGKILL');
    }, 5_000);
    await this.process.exited;
    clearTimeout(timer);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
