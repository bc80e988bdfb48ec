/** Bounds of the CNI library; each is a named number so that nothing grows or waits without one. */

/** Longest a third-party plugin may run before it is killed. */
export const pluginTimeoutMs = 60_000;
/** Longest a network command of our own may run. */
export const commandTimeoutMs = 20_000;
/** Largest answer read from a plugin. */
export const maxPluginOutputBytes = 1024 * 1024;
/** Largest network configuration read from standard input. */
export const maxConfigBytes = 1024 * 1024;
