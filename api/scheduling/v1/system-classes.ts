/** The priority classes of the system, which exist in every cluster. */

/** Above every priority a user can give. */
export const systemPriorityClasses = [
  {
    name: 'system-cluster-critical',
    value: 2_000_000_000,
    description: 'For pods the cluster cannot do without, wherever they run.',
  },
  {
    name: 'system-node-critical',
    value: 2_000_001_000,
    description: 'For pods their node cannot do without.',
  },
] as const;
