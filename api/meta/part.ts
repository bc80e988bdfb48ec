/**
 * A part of an object that its type promises but that a client may have left out: defaulting and validation run before
 * anybody has made sure of it.
 */
export const partOf = <T extends object>(part: T | undefined): Partial<T> => part ?? {};
