/** Limits of the agent as a whole. */

/** Between tries to reach what the agent needs when it starts. */
export const startRetryMs = 500;
/** Creations, starts and removals the engine is asked for at the same time. */
export const engineConcurrency = 8;
