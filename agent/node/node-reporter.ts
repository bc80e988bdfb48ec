/**
 * Keeps this machine's Node and Lease in the API: registers it, renews the lease, reports status when it changes. Runs for as long
 * as the agent does; the master being away is no reason to stop.
 *
 * Called by `main.ts`. Must never change what others wrote on the Node: taints, foreign labels, `spec.unschedulable`.
 */
import { leases } from '../../api/coordination/v1/lease.js';
import { nodes } from '../../api/core/v1/node.js';
import { nodeLeaseNamespace } from '../../api/core/v1/system-namespaces.js';
import type { Node } from '../../api/core/v1/types.js';
import { hasReason } from '../../api/meta/status-error.js';
import type { Client } from '../../machinery/client/client.js';
import { findObject } from '../../machinery/client/find-object.js';
import { microTimestamp } from '../../api/meta/timestamp.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Logger } from '../../machinery/log/log.js';
import * as limits from './limits.js';
import { conditionEvents, starting, type NodeEvent } from './node-events.js';
import { type NodeFacts, type NodeHealth, nodeLabels, nodeStatus } from './node-status.js';

export interface NodeReporterOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodeName: string;
  readonly facts: () => NodeFacts;
  /** Looks at the machine and its engine now. */
  readonly health: () => Promise<NodeHealth>;
  /** Never delays or fails who tells it. */
  readonly tell: (node: Node, event: NodeEvent) => void;
  readonly signal: AbortSignal;
}

export class NodeReporter {
  private readonly options: NodeReporterOptions;
  private lastReportMs = -Infinity;
  private lastReported = '';
  /** Ends the wait before the next look at the machine. */
  private isAsked = false;
  private wake: () => void = () => undefined;

  constructor(options: NodeReporterOptions) {
    this.options = options;
  }

  /** Creates the Node, or adds the labels it lacks; tries until the master answers. Returns it as it then is. */
  async register(): Promise<Node> {
    const { logger, signal, clock } = this.options;
    for (;;) {
      try {
        const node = await this.tryRegister();
        this.options.tell(node, starting);
        return node;
      } catch (error) {
        signal.throwIfAborted();
        logger.warn('cannot register the node yet', { error });
        await clock.sleep(limits.retryMs, signal);
      }
    }
  }

  private async tryRegister(): Promise<Node> {
    const { client, nodeName, facts } = this.options;
    const labels = nodeLabels(nodeName, facts());
    try {
      return await client.create(nodes, {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: nodeName, labels },
        spec: {},
      });
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) throw error;
      return client.patch(
        nodes,
        { name: nodeName },
        {
          type: 'strategic',
          body: { metadata: { labels } },
        },
      );
    }
  }

  /** Reports and renews until the signal is aborted. */
  async run(): Promise<void> {
    await Promise.all([this.runLease(), this.runStatus()]);
  }

  /** Looks at the machine now instead of at the next turn, as when the engine comes or goes. */
  checkNow(): void {
    this.isAsked = true;
    this.wake();
  }

  /** Whether the agent is ending; read anew every time, since waiting takes time. */
  private isOver(): boolean {
    return this.options.signal.aborted;
  }

  /** Whether somebody wanted the machine looked at while it was being looked at. */
  private askedMeanwhile(): boolean {
    return this.isAsked;
  }

  private async runLease(): Promise<void> {
    while (!this.isOver()) {
      await this.attempt('cannot renew the node’s lease', () => this.renewLease());
      await this.pause(limits.leaseRenewMs);
    }
  }

  private async runStatus(): Promise<void> {
    while (!this.isOver()) {
      this.isAsked = false;
      const isDone = await this.attempt('cannot report the node’s status', () =>
        this.reportStatus(),
      );
      if (this.askedMeanwhile()) continue;
      await this.pause(isDone ? limits.statusCheckMs : limits.retryMs, (wake) => {
        this.wake = wake;
      });
    }
  }

  /** Failures are said and survived: the master may be away for a while. */
  private async attempt(message: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!this.isOver()) this.options.logger.warn(message, { error });
      return false;
    }
  }

  /** Ends after the time, when the agent ends, or when the function given to `offer` is called. */
  private pause(
    periodMs: number,
    offer: (wake: () => void) => void = () => undefined,
  ): Promise<void> {
    const { clock, signal } = this.options;
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = clock.after(periodMs, end);
      signal.addEventListener('abort', end);
      offer(end);
    });
  }

  private async reportStatus(): Promise<void> {
    const { client, nodeName, facts, health, clock, tell } = this.options;
    const found = await health();
    const nowMs = clock.now();
    const node = await this.currentNode();
    const status = nodeStatus(node, facts(), found, nowMs);
    const substance = JSON.stringify(status, (key, value: unknown) =>
      key === 'lastHeartbeatTime' ? undefined : value,
    );
    const isDue = nowMs - this.lastReportMs >= limits.statusReportMs;
    const isLost = (node.status.conditions ?? []).some(
      ({ type, status: value }) => type === 'Ready' && value === 'Unknown',
    );
    if (substance === this.lastReported && !isDue && !isLost) return;
    await client.patch(
      nodes,
      { name: nodeName },
      {
        type: 'strategic',
        subresource: 'status',
        body: { status },
      },
    );
    const { conditions: before = [] } = node.status;
    for (const event of conditionEvents(nodeName, before, status.conditions ?? []))
      tell(node, event);
    this.lastReportMs = nowMs;
    this.lastReported = substance;
  }

  /** The Node as it is; registered anew if somebody deleted it while the agent runs. */
  private async currentNode(): Promise<Node> {
    const { client, nodeName } = this.options;
    return (await findObject(client, nodes, { name: nodeName })) ?? this.tryRegister();
  }

  private async renewLease(): Promise<void> {
    const { client, nodeName, clock } = this.options;
    const renewTime = microTimestamp(clock.now());
    const key = { namespace: nodeLeaseNamespace, name: nodeName };
    try {
      await client.patch(leases, key, { type: 'merge', body: { spec: { renewTime } } });
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
      await client.create(leases, {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: key,
        spec: {
          holderIdentity: nodeName,
          leaseDurationSeconds: limits.leaseDurationSeconds,
          renewTime,
        },
      });
    }
  }
}
