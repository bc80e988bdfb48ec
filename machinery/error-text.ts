/** What an error, or whatever else was thrown, says to people. */
export const errorText = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
