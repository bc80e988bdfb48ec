/** The sentence a user reads when no node takes a pod, in the form tools and eyes know from Kubernetes. */
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

/** `0/3 nodes are available: 1 Insufficient cpu, 2 … . preemption: …`. Every node has one rejection. */
export function failureMessage(rejections: readonly Rejection[]): string {
  if (rejections.length === 0) return 'no nodes available to schedule pods';
  const available = `0/${rejections.length} nodes are available`;
  const why = histogram(rejections.map(({ reasons }) => reasons));
  const preemption = histogram(
    rejections.map(({ unresolvable }) => [
      unresolvable
        ? 'Preemption is not helpful for scheduling'
        : 'No preemption victims found for incoming pod',
    ]),
  );
  return `${available}: ${why}. preemption: ${available}: ${preemption}.`;
}
