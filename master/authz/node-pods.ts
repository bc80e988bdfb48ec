/** The pods of each node, kept equal to the registry by its change notifications. */
import type { Pod } from '../../api/core/v1/types.js';

/** A pod as the watch cache holds it. */
export interface HeldPod {
  readonly key: string;
  readonly object: Pod;
}

const nodeOf = (held: HeldPod | undefined): string => held?.object.spec.nodeName ?? '';

export class NodePods {
  private readonly byNode = new Map<string, Map<string, HeldPod>>();

  /** Takes in what a pod has become from what it was. */
  changed(current: HeldPod | undefined, previous: HeldPod | undefined): void {
    const left = nodeOf(previous);
    const now = nodeOf(current);
    if (previous !== undefined && left !== '' && left !== now) this.remove(left, previous.key);
    if (current === undefined || now === '') return;
    const pods = this.byNode.get(now) ?? new Map<string, HeldPod>();
    this.byNode.set(now, pods);
    pods.set(current.key, current);
  }

  /** The pods of a node, in one namespace or in all. */
  *on(nodeName: string, namespace?: string): Generator<Pod> {
    for (const { object } of this.byNode.get(nodeName)?.values() ?? []) {
      if (namespace === undefined || object.metadata.namespace === namespace) yield object;
    }
  }

  private remove(nodeName: string, key: string): void {
    const pods = this.byNode.get(nodeName);
    pods?.delete(key);
    if (pods?.size === 0) this.byNode.delete(nodeName);
  }
}
