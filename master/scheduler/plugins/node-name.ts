/** NodeName: a pod that names its node fits there alone. */
import type { NodeFilter, Plugin, Rejection } from './plugin.js';
import type { PodFacts } from './pod-facts.js';

const name = 'NodeName';
const rejection: Rejection = {
  plugin: name,
  reasons: ["node(s) didn't match the requested node name"],
  unresolvable: true,
};

function filter({ pod }: PodFacts): NodeFilter | undefined {
  const wanted = pod.spec.nodeName ?? '';
  if (wanted === '') return undefined;
  return (node) => (node.facts.name === wanted ? undefined : rejection);
}

export const nodeName: Plugin = { name, filter, requeueOn: ['NodeAdded'] };
