/** The master under test, in the namespace of the soak: started, ended, killed, and looked at. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readKubeconfig } from '../../machinery/client/kubeconfig.js';
import type { ServerConnection } from '../../machinery/client/https-transport.js';
import { startProcess } from '../../machinery/exec/process.js';
import type { RunningProcess } from '../../machinery/exec/process.js';
import { eventually } from '../../testing/eventually.js';
import { pintleCommand } from '../lab/cluster.js';
import { ask } from './requests.js';

export class SoakMaster {
  readonly dataDir: string;
  private readonly nodeIp: string;
  private process: RunningProcess | undefined;

  constructor(dataDir: string, nodeIp: string) {
    this.dataDir = dataDir;
    this.nodeIp = nodeIp;
  }

  get connection(): ServerConnection {
    return readKubeconfig(path.join(this.dataDir, 'admin.conf'));
  }

  /** Memory in MB: `own` is the process's alone, `mapped` are the pages of the store's file it has looked at, which the kernel takes back. */
  get memory(): { readonly own: number; readonly mapped: number } {
    const status = readFileSync(`/proc/${String(this.process?.pid ?? 0)}/status`, 'utf8');
    const megabytes = (name: string): number =>
      (Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) * 1024) / 1e6;
    return { own: megabytes('RssAnon'), mapped: megabytes('RssFile') + megabytes('RssShmem') };
  }

  async start(): Promise<void> {
    this.process = await startProcess(
      [
        process.execPath,
        pintleCommand,
        'master',
        `--data-dir=${this.dataDir}`,
        `--node-ip=${this.nodeIp}`,
      ],
      { output: { file: path.join(this.dataDir, 'master.log') } },
    );
    await eventually(
      async () => {
        const { code } = await ask(this.connection, '/readyz');
        if (code !== 200) throw new Error(`readyz: ${String(code)}`);
      },
      { what: 'the master becomes ready', timeoutMs: 60_000 },
    );
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.process?.kill(signal);
    await this.process?.exited;
  }
}
