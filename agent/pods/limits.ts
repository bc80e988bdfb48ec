/** Limits and delays of pod workers, Kubernetes' where it has them. */

/** Back-off of restarts: the first delay, its ceiling, and how long a container must have run to start over. */
export const crashBackoffInitialMs = 10_000;
export const crashBackoffMaxMs = 300_000;
export const crashBackoffResetMs = 600_000;
/** Back-off of steps that fail: doubling from the first to the second. */
export const stepBackoffInitialMs = 500;
export const stepBackoffMaxMs = 60_000;
/** Grace where a pod says nothing. */
export const defaultGraceMs = 30_000;
/** What a process gets after SIGTERM at least, when its preStop hook has used up the grace period. */
export const minimumGraceMs = 2_000;
/** SIGKILL is sent again when the engine has not reported the end by then. */
export const killRepeatMs = 10_000;
/** Dead instances of a container kept besides the newest, for `kubectl logs --previous`. */
export const keptDeadInstances = 1;
/** Bytes of a termination message that go into the status. */
export const terminationMessageBytes = 4096;
/** Bytes and lines taken from the log when a container leaves no message. */
export const terminationLogBytes = 2048;
export const terminationLogLines = 80;
/** How often the engine's containers are compared with what the event stream told. */
export const relistIntervalMs = 60_000;
/** Reconnecting to the engine: doubling from the first to the second. */
export const reconnectInitialMs = 100;
export const reconnectMaxMs = 5_000;
/** A status that could not be written is tried again after this long, doubling to the second. */
export const statusRetryInitialMs = 250;
export const statusRetryMaxMs = 30_000;
/** Bytes kept of what a hook or an exec probe writes. */
export const execHookOutputBytes = 64 * 1024;
