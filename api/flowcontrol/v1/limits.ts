/** Bounds and defaults of fairness objects, as Kubernetes has them. */

export const defaultPrecedence = 1000;
export const maxPrecedence = 10_000;
/** Only the schema `exempt` may come first. */
export const exemptPrecedence = 1;
export const defaultShares = 30;
export const defaultHandSize = 8;
export const defaultQueues = 64;
export const defaultQueueLength = 50;
/** Queues of one level. */
export const maxQueues = 10_000_000;
/** Choosing a hand of queues may take no more bits of a flow's hash than this. */
export const maxHandEntropyBits = 60;
