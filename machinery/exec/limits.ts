/** Bounds of what is run beside this process. */

/** Longest a command may run unless its caller says otherwise. */
export const defaultTimeoutMs = 30_000;

/** Most that a command may write to one stream unless its caller says otherwise. */
export const defaultMaxOutputBytes = 64 * 1024 * 1024;

/** A child in a network namespace ends after so long without anything to dial. */
export const dialerIdleMs = 10_000;
