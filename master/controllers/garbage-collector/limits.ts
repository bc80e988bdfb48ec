/** Bounds of the garbage collector; the number is Kubernetes'. */

/** Objects worked on at once. */
export const garbageWorkers = 20;
