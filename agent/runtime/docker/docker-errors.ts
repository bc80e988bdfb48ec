/** Translates what dockerode throws into `RuntimeError`s. */
import { RuntimeError } from '../runtime-error.js';

interface DockerFailure {
  readonly statusCode?: number;
  readonly code?: string;
  readonly json?: { readonly message?: string };
  readonly message?: string;
}

const connectionCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ECONNABORTED',
  'EACCES',
]);

function messageOf(failure: DockerFailure): string {
  const message = failure.json?.message ?? failure.message ?? 'unknown failure';
  return message.replace(/^\(HTTP code \d+\) [a-z ]+ - /, '').trim();
}

/** The failure of a request to the engine, in our terms. */
export function runtimeErrorFrom(error: unknown): RuntimeError {
  if (error instanceof RuntimeError) return error;
  const failure = error as DockerFailure;
  const message = messageOf(failure);
  const options = { cause: error };
  if (failure.statusCode === undefined) {
    const lost = failure.code !== undefined && connectionCodes.has(failure.code);
    const hungUp = message.includes('socket hang up');
    return lost || hungUp
      ? new RuntimeError(
          'unavailable',
          `the container engine cannot be reached: ${message}`,
          options,
        )
      : new RuntimeError('failed', message, options);
  }
  if (failure.statusCode === 404) {
    const kind = /no such image|image .*not found/i.test(message) ? 'imageMissing' : 'notFound';
    return new RuntimeError(kind, message, options);
  }
  if (failure.statusCode === 409) {
    const kind = message.includes('is not running') ? 'notRunning' : 'conflict';
    return new RuntimeError(kind, message, options);
  }
  return new RuntimeError('failed', message, options);
}

/** Awaits a request to the engine, translating its failure. */
export async function translated<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    throw runtimeErrorFrom(error);
  }
}
