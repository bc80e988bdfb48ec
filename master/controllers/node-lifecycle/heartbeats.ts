/**
 * When each node was last heard of, by this process's own clock: node clocks may be wrong, and a master that was away must
 * not take its own silence for the nodes'. Heard of means that the lease or a status heartbeat changed.
 */
import type { Lease } from '../../../api/coordination/v1/types.js';
import type { Node } from '../../../api/core/v1/types.js';

interface Heartbeat {
  readonly mark: string;
  readonly heardMs: number;
}

const markOf = (node: Node, lease: Lease | undefined): string =>
  [
    node.metadata.uid,
    lease?.spec.renewTime ?? '',
    ...(node.status.conditions ?? []).map((condition) => condition.lastHeartbeatTime ?? ''),
  ].join('|');

export class Heartbeats {
  private readonly byNode = new Map<string, Heartbeat>();

  /** Whether the node was ever heard of. */
  knows(node: string): boolean {
    return this.byNode.has(node);
  }

  /** Milliseconds since the node was last heard of, 0 when that is news. */
  silentMs(node: Node, lease: Lease | undefined, nowMs: number): number {
    const mark = markOf(node, lease);
    const known = this.byNode.get(node.metadata.name);
    if (known?.mark === mark) return Math.max(nowMs - known.heardMs, 0);
    this.byNode.set(node.metadata.name, { mark, heardMs: nowMs });
    return 0;
  }

  forget(node: string): void {
    this.byNode.delete(node);
  }
}
