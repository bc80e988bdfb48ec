/**
 * The service proxy: keeps the kernel's NAT rules as the cluster's services and endpoints say.
 *
 * Made by the agent's `main.ts` with two informers. The first change after a quiet time is applied at once, those that
 * follow closely are gathered. What one sync costs depends on what changed; everything is written anew only at the start,
 * after a failure, when somebody flushed our chains, and once in a long while. Never removes a rule it did not make.
 */
import { writeFile } from 'node:fs/promises';
import type { Service } from '../../api/core/v1/types.js';
import type { EndpointSlice } from '../../api/discovery/v1/types.js';
import type { Clock } from '../../machinery/clock/clock.js';
import { isExecError, type Exec } from '../../machinery/exec/exec.js';
import type { Informer } from '../../machinery/informer/informer.js';
import type { Logger } from '../../machinery/log/log.js';
import type { Metrics } from '../../machinery/metrics/metrics.js';
import { staleFlows } from './conntrack.js';
import {
  canaryIntervalMs,
  commandTimeoutMs,
  fullSyncIntervalMs,
  maxConntrackCommands,
  minSyncIntervalMs,
  retryBaseMs,
  retryMaxMs,
} from './limits.js';
import { proxyMetrics, type ProxyMetrics } from './proxy-metrics.js';
import {
  cleanupRestore,
  deltaRestore,
  fullRestore,
  parseSaved,
  type KernelState,
  type ServiceChange,
} from './restore.js';
import {
  ruleset,
  serviceKey,
  serviceKeyOfSlice,
  serviceRules,
  type ServiceRules,
} from './ruleset.js';
import type { ProxyNode } from './service-port.js';

export interface ServiceProxyOptions {
  readonly services: Informer<Service>;
  readonly endpointSlices: Informer<EndpointSlice>;
  readonly node: ProxyNode;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

const serviceIndex = 'proxied-service';
const triggerAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time';

export class ServiceProxy {
  private readonly options: ServiceProxyOptions;
  private readonly metrics: ProxyMetrics;
  private readonly dirty = new Set<string>();
  /** When the pods behind pending endpoint changes changed, milliseconds since the epoch. */
  private triggersMs: number[] = [];
  private applied = new Map<string, ServiceRules>();
  private needsFull = true;
  private lastSyncMs = -Infinity;
  private lastFullMs = 0;
  private wake: (() => void) | undefined;
  private synced = false;

  constructor(options: ServiceProxyOptions) {
    this.options = options;
    this.metrics = proxyMetrics(options.metrics);
    options.endpointSlices.addIndex(serviceIndex, (slice) => {
      const key = serviceKeyOfSlice(slice);
      return key === undefined ? [] : [key];
    });
  }

  /** Whether the rules have been written once. */
  get hasSynced(): boolean {
    return this.synced;
  }

  /** Follows the informers until the signal is aborted; never rejects. Rules stay when it ends. */
  async run(signal: AbortSignal): Promise<void> {
    const { services, endpointSlices, clock, logger } = this.options;
    this.watchInformers();
    await Promise.all([services.waitForSync(signal), endpointSlices.waitForSync(signal)]);
    const cancelCanary = this.watchCanary(signal);
    signal.addEventListener('abort', () => this.wake?.());
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.sync();
        failures = 0;
        await this.untilDirty(signal);
        const quietMs = clock.monotonicMs() - this.lastSyncMs;
        if (quietMs < minSyncIntervalMs) await clock.sleep(minSyncIntervalMs - quietMs, signal);
      } catch (error) {
        if (isAborted(signal)) break;
        this.metrics.restoreFailures.increment();
        logger.error('service rules could not be written', { error });
        this.needsFull = true;
        const delayMs = Math.min(retryBaseMs * 2 ** failures++, retryMaxMs);
        await clock.sleep(delayMs, signal).catch(() => undefined);
      }
    }
    cancelCanary();
  }

  /** Removes every chain and jump of the proxy from the kernel. */
  async cleanup(): Promise<void> {
    await this.restore(cleanupRestore(await this.kernelState()));
  }

  private watchInformers(): void {
    const { services, endpointSlices, clock } = this.options;
    const touchService = (service: Service): void => {
      this.metrics.serviceChanges.increment();
      this.touch(serviceKey(service));
    };
    const touchSlice = (slice: EndpointSlice): void => {
      this.metrics.endpointChanges.increment();
      const key = serviceKeyOfSlice(slice);
      const trigger = Date.parse(slice.metadata.annotations?.[triggerAnnotation] ?? '');
      // Old trigger times come with the first list and say nothing about us.
      if (this.synced && clock.now() - trigger < 600_000) this.triggersMs.push(trigger);
      if (key !== undefined) this.touch(key);
    };
    services.addHandler({ onAdd: touchService, onUpdate: touchService, onDelete: touchService });
    endpointSlices.addHandler({
      onAdd: touchSlice,
      onUpdate: (slice, previous) => {
        touchSlice(slice);
        const before = serviceKeyOfSlice(previous);
        if (before !== undefined && before !== serviceKeyOfSlice(slice)) this.touch(before);
      },
      onDelete: touchSlice,
    });
  }

  private touch(key: string): void {
    this.dirty.add(key);
    this.wake?.();
  }

  private async untilDirty(signal: AbortSignal): Promise<void> {
    if (this.dirty.size > 0 || this.needsFull || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.wake = undefined;
  }

  private async sync(): Promise<void> {
    const { clock, logger } = this.options;
    const startMs = clock.monotonicMs();
    const full = this.needsFull;
    const triggersMs = this.triggersMs;
    this.triggersMs = [];
    if (full) await this.syncAll();
    else await this.syncChanged();
    this.lastSyncMs = clock.monotonicMs();
    const seconds = (this.lastSyncMs - startMs) / 1000;
    this.metrics.syncSeconds.observe(seconds);
    this.metrics[full ? 'fullSyncSeconds' : 'partialSyncSeconds'].observe(seconds);
    this.metrics.lastSync.set(clock.now() / 1000);
    for (const triggerMs of triggersMs)
      this.metrics.programmingSeconds.observe((clock.now() - triggerMs) / 1000);
    if (full) {
      const tookMs = Math.round(seconds * 1000);
      logger.info('service rules written', { services: this.applied.size, tookMs });
    }
    this.synced = true;
  }

  private async syncAll(): Promise<void> {
    const { services, endpointSlices, node, clock } = this.options;
    this.dirty.clear();
    const wanted = new Map(ruleset(services.lister.list(), endpointSlices.lister.list(), node));
    for (const text of fullRestore(wanted, await this.kernelState())) await this.restore(text);
    // Not before the rule is there that keeps the network away from what listens on the loopback address.
    await writeFile('/proc/sys/net/ipv4/conf/all/route_localnet', '1');
    const keys = new Set([...this.applied.keys(), ...wanted.keys()]);
    const changes = [...keys].map((key) => ({
      before: this.applied.get(key),
      after: wanted.get(key),
    }));
    const first = this.lastFullMs === 0;
    this.applied = wanted;
    this.needsFull = false;
    this.lastFullMs = clock.monotonicMs();
    // At the start nothing is known of what was there: flows to live endpoints must survive a restart of the agent.
    if (!first) await this.forget(changes);
  }

  private async syncChanged(): Promise<void> {
    const { services, endpointSlices, node } = this.options;
    const keys = [...this.dirty];
    this.dirty.clear();
    const changes = new Map<string, ServiceChange>();
    for (const key of keys) {
      const [namespace = '', name = ''] = key.split('/');
      const service = services.lister.get({ namespace, name });
      const slices = endpointSlices.lister.byIndex(serviceIndex, key);
      const after = service === undefined ? undefined : serviceRules(service, slices, node);
      changes.set(key, { before: this.applied.get(key), after });
    }
    const text = deltaRestore(changes.values());
    if (text !== '') await this.restore(text);
    for (const [key, { after }] of changes)
      if (after === undefined) this.applied.delete(key);
      else this.applied.set(key, after);
    await this.forget(changes.values());
  }

  private async kernelState(): Promise<KernelState> {
    const saved = await Promise.all(
      ['nat', 'filter'].map((table) =>
        this.options.exec(['iptables-save', '-t', table], {
          timeoutMs: commandTimeoutMs,
          maxOutputBytes: 512 * 1024 * 1024,
        }),
      ),
    );
    return parseSaved(saved.map(({ stdout }) => stdout).join('\n'));
  }

  private async restore(text: string): Promise<void> {
    if (text === '') return;
    const argv = ['iptables-restore', '--noflush', '-w', '10'];
    await this.options.exec(argv, { input: text, timeoutMs: commandTimeoutMs });
  }

  private async forget(changes: Iterable<ServiceChange>): Promise<void> {
    const stale = [...staleFlows(changes)];
    const work = async (): Promise<void> => {
      for (let next = stale.pop(); next !== undefined; next = stale.pop())
        await this.conntrack(next);
    };
    await Promise.all(Array.from({ length: maxConntrackCommands }, work));
  }

  private async conntrack(args: readonly string[]): Promise<void> {
    try {
      await this.options.exec(['conntrack', ...args], { timeoutMs: commandTimeoutMs });
    } catch (error) {
      // Exit status 1 says that no flow matched.
      if (isExecError(error) && error.exitCode === 1) return;
      this.options.logger.warn('stale UDP flows could not be removed', { error });
    }
  }

  /** Looks now and then whether our chains are still there; firewall reloads flush them. Returns how to stop. */
  private watchCanary(signal: AbortSignal): () => void {
    const { clock, exec, logger } = this.options;
    let cancel: () => void = () => undefined;
    const look = async (): Promise<void> => {
      const due = clock.monotonicMs() - this.lastFullMs > fullSyncIntervalMs;
      const argv = ['iptables', '-w', '10', '-t', 'nat', '-S', 'KUBE-PROXY-CANARY'];
      const present = await exec(argv, { timeoutMs: commandTimeoutMs }).then(
        () => true,
        () => false,
      );
      if (!present && this.synced) logger.warn('service rules were flushed by someone else');
      if (due || !present) {
        this.needsFull = true;
        this.wake?.();
      }
      if (!signal.aborted) schedule();
    };
    const schedule = (): void => {
      cancel = clock.after(canaryIntervalMs, () => void look());
    };
    schedule();
    return () => {
      cancel();
    };
  }
}

/** Behind a function, because the compiler does not expect a signal to change while it is waited for. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;
