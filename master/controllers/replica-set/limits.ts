/** Bounds of the ReplicaSet controller. */

/** Pods created or deleted for one ReplicaSet in one reconcile. */
export const burstReplicas = 500;

/** ReplicaSets worked on at once. */
export const workers = 16;
