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

/** Why the engine refused; the cause is the engine's own error. */
export class RuntimeError extends Error {
  readonly kind: RuntimeErrorKind;

  constructor(kind: RuntimeErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RuntimeError';
    this.kind = kind;
  }
}

/** Whether an error is the engine's, and of the kind where one is given. */
export const isRuntimeError = (error: unknown, kind?: RuntimeErrorKind): error is RuntimeError =>
  error instanceof RuntimeError && (kind === undefined || error.kind === kind);
