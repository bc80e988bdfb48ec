/** What the store's failures mean to clients. */
import { badRequest, expired, serviceUnavailable } from '../../api/meta/status-error.js';
import type { StatusError } from '../../api/meta/status-error.js';
import { CompactedError, InvalidKeyError, StoreUnavailableError } from '../store/store.js';

/** The answer to a revision whose history was compacted away, as Kubernetes words it. */
export const expiredRevision = (requested: number, oldest: number): StatusError =>
  expired(`too old resource version: ${String(requested)} (${String(oldest)})`);

/** Runs a store call and says its failures in the words of the API. */
export async function translated<R>(call: () => Promise<R>): Promise<R> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof CompactedError)
      throw expiredRevision(error.requestedRevision, error.compactedRevision);
    if (error instanceof InvalidKeyError) throw badRequest(error.message, error);
    if (error instanceof StoreUnavailableError)
      throw serviceUnavailable('the store cannot be reached or written', error);
    throw error;
  }
}
