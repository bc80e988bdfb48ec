/** Every bound of the store. */
export const storeLimits = {
  /** The longest key LMDB can hold at its page size of 4 KiB. */
  maxKeyBytes: 1978,
  /** Operations in one transaction. Part of the format of the embedded store: never change it. */
  maxOperations: 1024,
  /** History younger than this is never compacted, so that paging and watches can go on after a pause. */
  historyMs: 5 * 60_000,
  /** How often history is compacted. */
  compactionIntervalMs: 60_000,
  /** Records looked at by one compaction transaction; writers wait no longer than it takes. */
  compactionBatchRecords: 1_000,
  /** Transactions that commit together. */
  maxBatchTransactions: 1_000,
  /** Bytes of values that commit together; the transaction that passes it is the batch's last. */
  maxBatchBytes: 16 * 1024 * 1024,
  /** Revisions of history delivered to a new watch before others get their turn. */
  replayBatchRevisions: 500,
} as const;
