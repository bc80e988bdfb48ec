/** Gives every node a range of pod addresses, never one that another node has. Pure. */
import { nodes as nodesResource } from '../../../api/core/v1/node.js';
import type { Node } from '../../../api/core/v1/types.js';
import type { Action, ReconcileResult } from '../../../machinery/controller/controller.js';
import { addressFromNumber, numberFromAddress } from '../../../api/validation/addresses.js';

/** Every node gets a range of this many leading bits. */
export const nodeMaskBits = 24;

export interface NodeIpamSnapshot {
  /** The pods' range of the whole cluster, such as 10.244.0.0/16. */
  readonly podCidr: string;
  readonly nodes: readonly Node[];
}

interface Range {
  readonly first: number;
  readonly size: number;
}

function rangeOf(cidr: string): Range {
  const [address = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  const number = numberFromAddress(address) ?? 0;
  return { first: number - (number % size), size };
}

const overlap = (a: Range, b: Range): boolean =>
  a.first < b.first + b.size && b.first < a.first + a.size;

/** Ranges of the cluster that no node has, the lowest first. */
function* freeRanges({ podCidr, nodes }: NodeIpamSnapshot): Generator<string, undefined> {
  const whole = rangeOf(podCidr);
  const size = 2 ** (32 - nodeMaskBits);
  const taken = nodes.flatMap(({ spec }) =>
    spec.podCIDR === undefined ? [] : [rangeOf(spec.podCIDR)],
  );
  for (let first = whole.first; first + size <= whole.first + whole.size; first += size) {
    const range = { first, size };
    if (taken.some((other) => overlap(other, range))) continue;
    yield `${addressFromNumber(first)}/${nodeMaskBits}`;
  }
  return undefined;
}

const byAge = (a: Node, b: Node): number =>
  a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp) ||
  a.metadata.name.localeCompare(b.metadata.name);

function actionFor(node: Node, podCIDR: string | undefined): Action {
  if (podCIDR === undefined) {
    return {
      type: 'event',
      regarding: node,
      eventType: 'Warning',
      eventReason: 'CIDRNotAvailable',
      message: `Node ${node.metadata.name} status is now: CIDRNotAvailable`,
      reason: 'the pods’ range of the cluster is used up',
    };
  }
  return {
    type: 'patch',
    resource: nodesResource,
    name: node.metadata.name,
    patchType: 'merge',
    // The uid guards against giving the range to a node that was made anew in the meantime.
    body: { metadata: { uid: node.metadata.uid }, spec: { podCIDR, podCIDRs: [podCIDR] } },
    reason: 'the node has no range for its pods yet',
  };
}

/** Gives ranges to the nodes that wait for one. */
export function reconcile(snapshot: NodeIpamSnapshot): ReconcileResult {
  const free = freeRanges(snapshot);
  const waiting = snapshot.nodes.filter(({ spec }) => (spec.podCIDR ?? '') === '');
  const actions = [...waiting].sort(byAge).map((node) => actionFor(node, free.next().value));
  return { actions };
}
