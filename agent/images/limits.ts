/** Limits and delays of getting images. */

/** Back-off of failing pulls of one image: the first delay and its ceiling, Kubernetes' own. */
export const pullBackoffInitialMs = 10_000;
export const pullBackoffMaxMs = 300_000;
/** Pulls at the same time; more only share the same link. */
export const concurrentPulls = 3;
