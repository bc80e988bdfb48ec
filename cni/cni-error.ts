import { errorText } from '../machinery/error-text.js';
/** The error every CNI operation fails with; its codes are those of the specification. */

export const errorCodes = {
  incompatibleVersion: 1,
  unsupportedField: 2,
  unknownContainer: 3,
  invalidEnvironment: 4,
  ioFailure: 5,
  decodeFailure: 6,
  invalidConfig: 7,
  tryAgainLater: 11,
  notAvailable: 50,
  /** Plugin-specific codes start at 100. */
  noAddressLeft: 100,
  checkFailed: 101,
  commandFailed: 102,
} as const;

/** A refusal or failure with the specification's code. */
export class CniError extends Error {
  readonly code: number;
  readonly details: string;

  constructor(code: number, message: string, options: { details?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CniError';
    this.code = code;
    this.details = options.details ?? '';
  }
}

/** Whether an error is one of CNI's. */
export const isCniError = (error: unknown): error is CniError => error instanceof CniError;

/** Gives any failure the shape of the specification, keeping the original as its cause. */
export function cniErrorFrom(error: unknown): CniError {
  if (isCniError(error)) return error;
  const message = errorText(error);
  return new CniError(errorCodes.ioFailure, message, { cause: error });
}
