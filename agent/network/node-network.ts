/**
 * What the node itself needs so that its pods are reachable: firewall rules, forwarding, routes to other nodes' pods.
 * Made by the agent's `main.ts`. Touches only chains named PINTLE-… and routes of its own protocol number.
 */
import { writeFile } from 'node:fs/promises';
import type { Node } from '../../api/core/v1/types.js';
import { ipBatch, ipQuery } from '../../cni/network-commands.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Exec } from '../../machinery/exec/exec.js';
import type { Informer } from '../../machinery/informer/informer.js';
import type { Logger } from '../../machinery/log/log.js';
import { commandTimeoutMs, routeRetryMs, routeSyncDelayMs } from './limits.js';
import { routeCommands, routeProtocol, wantedRoutes, type PodRoute } from './routes.js';
import { hasJump, podJumps, podRules, podRulesCleanup } from './ruleset.js';

export interface NodeNetworkOptions {
  readonly nodeName: string;
  /** The pods' range of the whole cluster. */
  readonly podCidr: string;
  readonly nodes: Informer<Node>;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly logger: Logger;
}

const tables = ['nat', 'filter'] as const;

export class NodeNetwork {
  private readonly options: NodeNetworkOptions;
  private wake: (() => void) | undefined;
  private dirty = true;

  constructor(options: NodeNetworkOptions) {
    this.options = options;
  }

  /** Writes the rules pods need. Idempotent. */
  async ensureRules(): Promise<void> {
    await writeFile('/proc/sys/net/ipv4/ip_forward', '1');
    const missing = await this.tablesWithJump(false);
    await this.restore(podRules({ podCidr: this.options.podCidr }, missing));
  }

  /** Keeps routes to other nodes' pods until the signal is aborted; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { nodes, clock, logger } = this.options;
    const touch = (): void => {
      this.dirty = true;
      this.wake?.();
    };
    // A node's status changes often; only what routes are made of counts.
    const routeOf = (node: Node): string => JSON.stringify(wantedRoutes([node], ''));
    nodes.addHandler({
      onAdd: touch,
      onUpdate: (node, previous) => {
        if (routeOf(node) !== routeOf(previous)) touch();
      },
      onDelete: touch,
    });
    signal.addEventListener('abort', () => this.wake?.());
    await nodes.waitForSync(signal);
    while (!isAborted(signal)) {
      try {
        this.dirty = false;
        await this.syncRoutes();
        await this.untilDirty(signal);
        await clock.sleep(routeSyncDelayMs, signal);
      } catch (error) {
        if (isAborted(signal)) return;
        logger.warn('routes to pods of other nodes could not be set', { error });
        await clock.sleep(routeRetryMs, signal).catch(() => undefined);
      }
    }
  }

  /** Removes every rule and route this made. */
  async cleanup(): Promise<void> {
    const present = await this.tablesWithJump(true);
    if (present.length > 0) await this.restore(podRulesCleanup(present));
    const commands = routeCommands([], await this.presentRoutes());
    if (commands.length > 0) await ipBatch(this.options.exec, commands, { force: true });
  }

  private async syncRoutes(): Promise<void> {
    const { nodes, nodeName, exec } = this.options;
    const wanted = wantedRoutes(nodes.lister.list(), nodeName);
    const commands = routeCommands(wanted, await this.presentRoutes());
    // One unreachable node must not keep the others from their routes.
    if (commands.length > 0) await ipBatch(exec, commands, { force: true });
  }

  private async presentRoutes(): Promise<readonly PodRoute[]> {
    const words = ['route', 'show', 'proto', String(routeProtocol)];
    const routes = (await ipQuery(this.options.exec, words)) ?? [];
    return routes.flatMap(({ dst, gateway }) =>
      typeof dst === 'string' && typeof gateway === 'string' ? [{ destination: dst, gateway }] : [],
    );
  }

  private async untilDirty(signal: AbortSignal): Promise<void> {
    if (this.dirty || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.wake = undefined;
  }

  private async tablesWithJump(present: boolean): Promise<readonly ('nat' | 'filter')[]> {
    const found = await Promise.all(
      tables.map(async (table) => {
        const chain = podJumps[table].split(' ')[0] ?? '';
        const argv = ['iptables', '-w', '10', '-t', table, '-S', chain];
        const { stdout } = await this.options.exec(argv, { timeoutMs: commandTimeoutMs });
        return hasJump(stdout, podJumps[table]);
      }),
    );
    return tables.filter((_, at) => found[at] === present);
  }

  private async restore(text: string): Promise<void> {
    const argv = ['iptables-restore', '--noflush', '-w', '10'];
    await this.options.exec(argv, { input: text, timeoutMs: commandTimeoutMs });
  }
}

/** Behind a function, because the compiler does not expect a signal to change while it is waited for. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;
