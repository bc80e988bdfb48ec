/** Failures of the container engine, translated at its door. */

/**
 * - `unavailable`: the engine cannot be reached; everything is tried again when it is back.
 * - `startFailed`: the container exists but its process could not be started.
 */
export type RuntimeErrorKind =
  | 'unavailable'
  | 'notFound'
  | 'conflict'
  | 'imageMissing'
  | 'notRunning'
  | 'startFailed'
  | 'failed';

export class RuntimeError extends Error {
  readonly kind: RuntimeErrorKind;

  constructor(kind: RuntimeErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RuntimeError';
    this.kind = kind;
  }
}

export const isRuntimeError = (error: unknown, kind?: RuntimeErrorKind): error is RuntimeError =>
  error instanceof RuntimeError && (kind === undefined || error.kind === kind);
