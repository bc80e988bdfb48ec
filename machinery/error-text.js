/** What an error, or whatever else was thrown, says to people. */
export const errorText = (error) => (error instanceof Error ? error.message : String(error));
//# sourceMappingURL=error-text.js.map
