/** The sentence a user reads when no node takes a pod, in the form tools and eyes know from Kubernetes. */
import type { Pod } from '../../api/core/v1/types.js';
import type { Rejection } from './plugins/plugin.js';

function histogram(reasons: Iterable<readonly string[]>): string {
  const counts = new Map<string, number>();
  for (const some of reasons) {
    for (const reason of some) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}

const whyNoneMakesRoom = ({ unresolvable }: Rejection): string =>
  unresolvable
    ? 'Preemption is not helpful for scheduling'
    : 'No preemption victims found for incoming pod';

/**
 * `0/3 nodes are available: 1 Insufficient cpu, 2 … . no new claims to deallocate, preemption: …`. Every node has one
 * rejection. Kubernetes says of every pod without claims for devices that it has none to give back.
 */
export function failureMessage(rejections: readonly Rejection[], { spec }: Pod): string {
  if (rejections.length === 0) return 'no nodes available to schedule pods';
  const available = `0/${rejections.length} nodes are available`;
  const why = histogram(rejections.map(({ reasons }) => reasons));
  const preemption =
    spec.preemptionPolicy === 'Never'
      ? 'not eligible due to preemptionPolicy=Never'
      : `${available}: ${histogram(rejections.map((rejection) => [whyNoneMakesRoom(rejection)]))}`;
  return `${available}: ${why}. no new claims to deallocate, preemption: ${preemption}.`;
}
