/** What an error, or whatever else was thrown, says to people. */
export declare const errorText: (error: unknown) => string;
