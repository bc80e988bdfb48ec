/** NodeUnschedulable: a cordoned node takes only pods that tolerate the taint a cordon stands for. */
import { toleratesTaint } from '../../../api/core/v1/tolerations.js';
import type { NodeFilter, Plugin, Rejection } from './plugin.js';
import type { PodFacts } from './pod-facts.js';

const name = 'NodeUnschedulable';
const rejection: Rejection = {
  plugin: name,
  reasons: ['node(s) were unschedulable'],
  unresolvable: true,
};
const cordon = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const;

function filter(pod: PodFacts): NodeFilter | undefined {
  if (pod.tolerations.some((toleration) => toleratesTaint(toleration, cordon))) return undefined;
  return (node) => (node.facts.unschedulable ? rejection : undefined);
}

export const nodeUnschedulable: Plugin = {
  name,
  filter,
  requeueOn: ['NodeAdded', 'NodeUpdated'],
};
