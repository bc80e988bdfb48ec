/** What the store's failures mean to clients. */
import { badRequest, expired, serviceUnavailable } from '../../api/meta/status-error.js';
import { CompactedError, InvalidKeyError, StoreUnavailableError } from '../store/store.js';

/** Runs a store call and says its failures in the words of the API. */
export async function translated<R>(call: () => Promise<R>): Promise<R> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof CompactedError)
      throw expired(
        `too old resource version: ${String(error.requestedRevision)} (${String(error.compactedRevision)})`,
      );
    if (error instanceof InvalidKeyError) throw badRequest(error.message, error);
    if (error instanceof StoreUnavailableError)
      throw serviceUnavailable('the store cannot be reached or written', error);
    throw error;
  }
}
