/** Waiting in tests: on a condition with a deadline, never on a fixed sleep. */

export interface EventuallyOptions {
  readonly timeoutMs?: number;
  /** The longest pause between two attempts; the first pauses are shorter. */
  readonly intervalMs?: number;
  readonly what?: string;
}

/** Tries `attempt` until it stops throwing, and returns what it gave; throws its last error at the deadline. */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<T> {
  const { timeoutMs = 10_000, intervalMs = 20, what = 'condition' } = options;
  const deadlineMs = Date.now() + timeoutMs;
  for (let pauseMs = 1; ; pauseMs = Math.min(2 * pauseMs, intervalMs)) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() >= deadlineMs) {
        // The test runner does not print causes.
        const last = error instanceof Error ? error.message : String(error);
        throw new Error(`${what} did not hold within ${String(timeoutMs)} ms: ${last}`, {
          cause: error,
        });
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
