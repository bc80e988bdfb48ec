/** Bounds of workloads, as in Kubernetes. */

/** Templates of one workload. */
export const maxGroupTemplates = 8;

/** Claims that the pods of one group share. */
export const maxGroupClaims = 4;

/** What the nodes of one group have in common. */
export const maxTopologyConstraints = 1;
