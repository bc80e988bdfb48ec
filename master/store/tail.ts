/**
 * Reads the history of an embedded store that another process writes: an independent witness for tests of what watches deliver.
 * Never writes.
 */
import path from 'node:path';
import { open } from 'lmdb';
import { storeFile } from './lmdb-file.js';
import { decodeRecord, revisionOfSlot } from './record.js';

/** One operation of the store's history. */
export interface TailedOperation {
  readonly revision: number;
  readonly key: string;
  readonly type: 'put' | 'delete';
}

export interface StoreTail {
  /** The operations since the last call, oldest first. */
  readonly next: () => readonly TailedOperation[];
  readonly close: () => Promise<void>;
}

/** Opens the store in a directory; begins with the oldest history it still has. */
export function openStoreTail(directory: string): StoreTail {
  const root = open({
    path: path.join(directory, storeFile),
    encoding: 'binary',
    readOnly: true,
    maxDbs: 4,
  });
  const versions = root.openDB<Buffer, number>('versions', { encoding: 'binary' });
  let lastSlot = 0;
  return {
    next: () => {
      root.resetReadTxn();
      const operations: TailedOperation[] = [];
      for (const { key: slot, value } of versions.getRange({
        start: lastSlot,
        exclusiveStart: lastSlot > 0,
      })) {
        const { key, value: stored } = decodeRecord(slot, value);
        lastSlot = slot;
        const type = stored === undefined ? 'delete' : 'put';
        operations.push({ revision: revisionOfSlot(slot), key, type });
      }
      return operations;
    },
    close: () => root.close(),
  };
}
