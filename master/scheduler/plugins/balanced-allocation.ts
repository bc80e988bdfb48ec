/**
 * NodeResourcesBalancedAllocation: prefers nodes whose CPU and memory would be used to a similar share, so that neither
 * is stranded. Pods that request nothing are placed without it, as in Kubernetes.
 */
import { maxScore, type NodeScorer, type Plugin } from './plugin.js';
import type { PodFacts } from './pod-facts.js';

const share = (used: number, have: number): number => (have === 0 ? 0 : Math.min(1, used / have));

function score(pod: PodFacts): NodeScorer | undefined {
  const { milliCpu, memoryBytes } = pod.requests;
  if (milliCpu === 0 && memoryBytes === 0) return undefined;
  return {
    score: ({ facts: { allocatable }, requested }) => {
      const cpu = share(requested.milliCpu + milliCpu, allocatable.milliCpu);
      const memory = share(requested.memoryBytes + memoryBytes, allocatable.memoryBytes);
      // The standard deviation of two numbers is half their distance.
      return Math.floor((1 - Math.abs(cpu - memory) / 2) * maxScore);
    },
  };
}

export const balancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  score,
  weight: 1,
  requeueOn: [],
};
