/**
 * `pintle up`: a one-node cluster in one foreground process tree. Starts the master, joins an agent to it as any other node is
 * joined, and prints one line a phase with its time. Ends when it is told to, or when a child ends by itself; containers keep
 * running and are adopted by the next `pintle up`.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { nodes } from '../api/core/v1/node.js';
import { createClient } from '../machinery/client/api-client.js';
import type { Client } from '../machinery/client/client.js';
import { createHttpsTransport } from '../machinery/client/https-transport.js';
import { readKubeconfig } from '../machinery/client/kubeconfig.js';
import { type Clock, systemClock } from '../machinery/clock/clock.js';
import { systemRandom } from '../machinery/clock/random.js';
import { type RunningProcess, startProcess } from '../machinery/exec/process.js';
import { joinCommand } from './join-command.js';
import * as limits from './limits.js';
import { createBootstrapToken } from './token.js';
import type { UpConfig } from './up-config.js';
import { errorText } from '../machinery/error-text.js';

/** A phase that failed or took too long, in words for the person at the keyboard. */
export class UpError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UpError';
  }
}

export interface UpOptions {
  readonly config: UpConfig;
  /** Flags for `pintle master` and for `pintle agent`. */
  readonly masterFlags: readonly string[];
  readonly agentFlags: readonly string[];
  /** The file that runs `pintle`. */
  readonly program: string;
  readonly print: (line: string) => void;
  /** Aborted when the person ends the program. */
  readonly signal: AbortSignal;
}

class Launcher {
  private readonly options: UpOptions;
  private readonly clock: Clock = systemClock;
  private readonly children: RunningProcess[] = [];
  private ended: string | undefined;

  constructor(options: UpOptions) {
    this.options = options;
  }

  private async start(
    component: 'master' | 'agent',
    flags: readonly string[],
    input?: Promise<string>,
  ): Promise<void> {
    const child = await startProcess(
      [process.execPath, this.options.program, component, ...flags],
      {
        output: 'inherit',
        detached: true,
        ...(input === undefined ? {} : { input }),
      },
    );
    this.children.push(child);
    void child.exited.then(({ exitCode, signal }) => {
      const how = signal === undefined ? `exit status ${String(exitCode)}` : `signal ${signal}`;
      this.ended ??= `pintle ${component} ended with ${how}; its last lines above say why`;
    });
  }

  /** Tries until it works, a child ends, or the time is up. */
  private async until<T>(what: string, timeoutMs: number, attempt: () => Promise<T>): Promise<T> {
    const startedMs = this.clock.monotonicMs();
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (this.ended !== undefined) throw new UpError(this.ended);
        if (this.options.signal.aborted) throw new UpError('told to end before all was ready');
        if (this.clock.monotonicMs() - startedMs > timeoutMs) {
          const why = errorText(error);
          throw new UpError(`${what} within ${String(timeoutMs / 1000)} s: ${why}`, {
            cause: error,
          });
        }
      }
      await this.clock.sleep(limits.pollMs);
    }
  }

  private async phase<T>(name: string, work: () => Promise<T>): Promise<T> {
    const startedMs = this.clock.monotonicMs();
    const result = await work();
    const seconds = ((this.clock.monotonicMs() - startedMs) / 1000).toFixed(1);
    this.options.print(`${name.padEnd(28)} ${seconds} s`);
    return result;
  }

  private get kubeconfig(): string {
    return path.join(this.options.config.dataDir, 'admin.conf');
  }

  private async apiReady(): Promise<Client> {
    return this.until('the API did not become ready', limits.masterReadyMs, async () => {
      const transport = createHttpsTransport(readKubeconfig(this.kubeconfig));
      try {
        await transport.request({ method: 'GET', path: '/readyz' });
        return createClient(transport);
      } catch (error) {
        transport.close();
        throw error;
      }
    });
  }

  /** Starts an agent that gets itself ready until it is told, once the API is there, how to join. */
  private async startAgent(client: Promise<Client>): Promise<void> {
    const { config, agentFlags } = this.options;
    const dataDir = path.join(config.dataDir, 'agent');
    mkdirSync(dataDir, { recursive: true });
    const flags = [...agentFlags, '--join=-', `--data-dir=${dataDir}`];
    await this.start(
      'agent',
      flags,
      client.then((ready) => this.orderToJoin(ready)),
    );
  }

  private async orderToJoin(client: Client): Promise<string> {
    const { serverUrl, caPem } = readKubeconfig(this.kubeconfig);
    const created = await createBootstrapToken({
      client,
      caPem,
      clock: this.clock,
      random: systemRandom,
      lifetimeMs: limits.upTokenLifetimeMs,
    });
    return joinCommand({ serverUrl, ...created });
  }

  /** The node reports anew when its agent works; what it reported in an earlier life does not count. */
  private waitForNode(client: Client, nodeName: string, startedMs: number): Promise<void> {
    // The API's times have whole seconds.
    const sinceMs = Math.floor(startedMs / 1000) * 1000;
    return this.until(`node ${nodeName} did not become Ready`, limits.nodeReadyMs, async () => {
      const node = await client.get(nodes, { name: nodeName });
      const ready = node.status.conditions?.find(({ type }) => type === 'Ready');
      const reportedMs = Date.parse(ready?.lastHeartbeatTime ?? '');
      if (ready?.status !== 'True' || !(reportedMs >= sinceMs))
        throw new Error(ready?.message ?? 'it has not reported yet');
    });
  }

  /** Runs until the signal is aborted; rejects with UpError when something fails or ends by itself. */
  async run(nodeName: string): Promise<void> {
    const { print, signal } = this.options;
    const startedMs = this.clock.monotonicMs();
    try {
      await this.start('master', this.options.masterFlags);
      const ready = this.phase('API ready', () => this.apiReady());
      // Where starting the agent fails, nobody waits for the master any more.
      ready.catch(() => undefined);
      await this.startAgent(ready);
      const client = await ready;
      const toldToJoinMs = this.clock.now();
      await this.phase(`node ${nodeName} Ready`, () =>
        this.waitForNode(client, nodeName, toldToJoinMs),
      );
      const seconds = ((this.clock.monotonicMs() - startedMs) / 1000).toFixed(1);
      print(`Ready after ${seconds} s. To use the cluster:`);
      print(`  export KUBECONFIG=${this.kubeconfig}`);
      print('  kubectl get nodes');
      await this.untilEnd(signal);
    } finally {
      await this.stop();
    }
  }

  private async untilEnd(signal: AbortSignal): Promise<void> {
    const told = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
    await Promise.race([told, ...this.children.map((child) => child.exited)]);
    if (!signal.aborted) throw new UpError(this.ended ?? 'a part of the cluster ended');
  }

  /** The agent first, so that it can still report; a child that does not end in time is killed. */
  private async stop(): Promise<void> {
    for (const child of [...this.children].reverse()) {
      child.kill('SIGTERM');
      const killer = this.clock.after(limits.stopMs, () => {
        child.kill('SIGKILL');
      });
      await child.exited;
      killer();
    }
  }
}

/** Runs the cluster until it is told to stop. */
export const runUp = (options: UpOptions, nodeName: string): Promise<void> =>
  new Launcher(options).run(nodeName);
