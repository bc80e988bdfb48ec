/**
 * Remembers, for the pods decided last, what every node's answer was, so that a decision can be explained after the fact.
 * Bounded in pods and in nodes over all pods; what was decided longest ago goes first.
 */
import { verdictNodesKept, verdictsKept } from './limits.js';
import type { Decision } from './select-node.js';

/** One node's answer. */
export interface NodeVerdict {
  readonly node: string;
  readonly plugin: string;
  readonly reasons: readonly string[];
}

export interface Verdict {
  /** Milliseconds since the epoch. */
  readonly decidedMs: number;
  /** Undefined when no node took the pod. */
  readonly chosenNode: string | undefined;
  /** One for each node that could not take the pod; empty when one could. */
  readonly rejections: readonly NodeVerdict[];
}

interface Kept {
  readonly decidedMs: number;
  readonly decision: Decision;
}

export class Verdicts {
  private readonly kept = new Map<string, Kept>();
  private nodesKept = 0;

  /** `key` is `namespace/name`. Replaces what was said of the pod before. */
  record(key: string, decision: Decision, decidedMs: number): void {
    this.forget(key);
    this.kept.set(key, { decidedMs, decision });
    this.nodesKept += sizeOf(decision);
    while (this.kept.size > verdictsKept || this.nodesKept > verdictNodesKept) {
      const oldest = this.kept.keys().next();
      if (oldest.done === true) return;
      this.forget(oldest.value);
    }
  }

  forget(key: string): void {
    const kept = this.kept.get(key);
    if (kept === undefined) return;
    this.kept.delete(key);
    this.nodesKept -= sizeOf(kept.decision);
  }

  explain(key: string): Verdict | undefined {
    const kept = this.kept.get(key);
    if (kept === undefined) return undefined;
    const { decidedMs, decision } = kept;
    if (decision.type === 'placed') {
      return { decidedMs, chosenNode: decision.nodeName, rejections: [] };
    }
    const rejections = decision.rejections.map(({ plugin, reasons }, index) => ({
      node: decision.nodeNames[index] ?? '',
      plugin,
      reasons,
    }));
    return { decidedMs, chosenNode: undefined, rejections };
  }
}

const sizeOf = (decision: Decision): number =>
  decision.type === 'placed' ? 0 : decision.rejections.length;
