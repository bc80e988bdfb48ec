/** Limits of talking to the container engine. */

/** How often the exit code of an exec is asked for after its streams have ended. */
export const execInspectIntervalMs = 20;
/** How many times, before the exec is called lost. */
export const execInspectAttempts = 250;
/** How long the end of what attached streams carried may take after the container's own end. */
export const attachEndMs = 1000;
/** An event line longer than this ends the stream; it is opened again. */
export const maxEventLineBytes = 4 * 1024 * 1024;
