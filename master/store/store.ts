/**
 * The store contract: etcd's model. One monotonic revision for the whole cluster; every write is a transaction that compares
 * modification revisions. Three implementations pass `contract.ts`: memory, lmdb (embedded, durable) and etcd.
 *
 * Called by `master/watch` only. An implementation must never acknowledge a write before it is durable, lose one, or
 * deliver watch events out of revision order.
 */

export interface Entry {
  readonly key: string;
  readonly value: Buffer;
  /** Revision of the write that created the key. */
  readonly createRevision: number;
  /** Revision of the last write to the key. */
  readonly modRevision: number;
}

export type StoreOperation =
  | { readonly type: 'put'; readonly key: string; readonly value: Buffer }
  | { readonly type: 'delete'; readonly key: string };

/** The transaction happens only if every key's modification revision is the one given; 0 means the key is absent. */
export interface Comparison {
  readonly key: string;
  readonly modRevision: number;
}

export type TxnResult =
  | { readonly succeeded: true; readonly revision: number }
  /** What the compared keys hold now, in the order compared. */
  | { readonly succeeded: false; readonly current: readonly (Entry | undefined)[] };

export interface ListRequest {
  /** Keys that start with this. */
  readonly prefix: string;
  readonly limit?: number;
  /** Only keys greater than this one, for paging. */
  readonly after?: string;
  /** As things stood at this revision; now when absent. Throws CompactedError when it is no longer held. */
  readonly atRevision?: number;
}

export interface ListPage {
  readonly entries: readonly Entry[];
  /** Whether more keys follow. */
  readonly more: boolean;
  /** The revision the page shows. */
  readonly revision: number;
}

/** A change of one key. All changes of one transaction share its revision. */
export type StoreEvent =
  | { readonly type: 'put'; readonly entry: Entry; readonly previous: Entry | undefined }
  | {
      readonly type: 'delete';
      readonly key: string;
      readonly revision: number;
      readonly previous: Entry;
    };

export interface WatchRequest {
  readonly prefix: string;
  /** Events after this revision. Throws CompactedError when it is older than what is held. */
  readonly afterRevision: number;
  /**
   * One call per transaction that touched the prefix, in revision order, never before it is durable. Must not throw.
   * It runs before `revision()` shows the transaction and before its `txn` resolves, so what listens is never behind.
   */
  readonly onEvents: (events: readonly StoreEvent[], revision: number) => void;
  /** The store failed and can deliver nothing more. */
  readonly onError: (error: Error) => void;
}

export interface HistoryRequest {
  readonly prefix: string;
  /** Events after this revision. Throws CompactedError when it is older than what is held. */
  readonly afterRevision: number;
  /** The page ends with the transaction that brings so many events, … */
  readonly limit: number;
  /** … or events of so many bytes, and never before its first event unless there is none. */
  readonly limitBytes: number;
}

/** Some of the past of a prefix, in revision order. */
export interface HistoryPage {
  readonly events: readonly StoreEvent[];
  /** Every event of the prefix up to this revision is in the page or was before it. */
  readonly throughRevision: number;
}

export interface Store {
  /** The newest revision acknowledged; 0 for an empty store. */
  readonly revision: () => number;
  /** The oldest revision that can still be read; 0 when nothing was compacted yet. */
  readonly compactedRevision: () => number;
  readonly get: (key: string) => Promise<Entry | undefined>;
  readonly list: (request: ListRequest) => Promise<ListPage>;
  /** Resolves only once the write is durable. */
  readonly txn: (
    compare: readonly Comparison[],
    operations: readonly StoreOperation[],
  ) => Promise<TxnResult>;
  /** A page of what happened, for who follows at a pace of their own; at the newest revision it is empty. */
  readonly history: (request: HistoryRequest) => Promise<HistoryPage>;
  /** Starts delivering; resolves once history up to `revision()` has been delivered. The function returned stops it. */
  readonly watch: (request: WatchRequest) => Promise<() => void>;
  /** Forgets history before `revision`, which can still be read itself; the newest value of every key stays. */
  readonly compact: (revision: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A key is empty or longer than `maxKeyBytes`, or one transaction writes the same key twice. */
export class InvalidKeyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InvalidKeyError';
  }
}

/** The store was closed, or could not write (disk full, I/O error). What was asked may or may not have happened. */
export class StoreUnavailableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreUnavailableError';
  }
}

/** The revision asked for has been compacted away, or lies in the future. */
export class CompactedError extends Error {
  readonly requestedRevision: number;
  readonly compactedRevision: number;

  constructor(requested: number, compactedRevision: number) {
    super(
      `revision ${String(requested)} is not held; the oldest held is ${String(compactedRevision)}`,
    );
    this.name = 'CompactedError';
    this.requestedRevision = requested;
    this.compactedRevision = compactedRevision;
  }
}
