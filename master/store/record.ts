/**
 * How the embedded store writes its records. A slot numbers one operation of one transaction: the revision times
 * `slotsPerRevision`, plus the place of the operation in its transaction; slots grow with time.
 */
import { invariant } from '../../machinery/invariant.js';
import { storeLimits } from './limits.js';
import type { Entry } from './store.js';

const slotsPerRevision = storeLimits.maxOperations;

export const slotOf = (revision: number, place: number): number =>
  revision * slotsPerRevision + place;
export const revisionOfSlot = (slot: number): number => Math.floor(slot / slotsPerRevision);
/** The first slot of everything after a revision. */
export const slotAfterRevision = (revision: number): number => slotOf(revision + 1, 0);

/** One version of one key. */
export interface VersionRecord {
  readonly key: string;
  readonly slot: number;
  /** The slot of the version before it, which may have been compacted; 0 for none. */
  readonly previousSlot: number;
  readonly createRevision: number;
  /** Undefined where the key was deleted. */
  readonly value: Buffer | undefined;
}

export const entryOf = (record: VersionRecord | undefined): Entry | undefined =>
  record?.value === undefined
    ? undefined
    : {
        key: record.key,
        value: record.value,
        createRevision: record.createRevision,
        modRevision: revisionOfSlot(record.slot),
      };

const formatVersion = 1;
const fixedBytes = 20;
const putType = 1;
const deleteType = 2;

/** Format version, type, previous slot, create revision, key length, key, value; the slot is the database key. */
export function encodeRecord(record: VersionRecord): Buffer {
  const keyBytes = Buffer.byteLength(record.key);
  const value = record.value ?? Buffer.alloc(0);
  const encoded = Buffer.allocUnsafe(fixedBytes + keyBytes + value.length);
  encoded[0] = formatVersion;
  encoded[1] = record.value === undefined ? deleteType : putType;
  encoded.writeDoubleBE(record.previousSlot, 2);
  encoded.writeDoubleBE(record.createRevision, 10);
  encoded.writeUInt16BE(keyBytes, 18);
  encoded.write(record.key, fixedBytes);
  value.copy(encoded, fixedBytes + keyBytes);
  return encoded;
}

export function decodeRecord(slot: number, encoded: Buffer): VersionRecord {
  invariant(encoded[0] === formatVersion, 'the store was written by this version of its format');
  const valueStart = fixedBytes + encoded.readUInt16BE(18);
  return {
    slot,
    previousSlot: encoded.readDoubleBE(2),
    createRevision: encoded.readDoubleBE(10),
    key: encoded.toString('utf8', fixedBytes, valueStart),
    value: encoded[1] === deleteType ? undefined : encoded.subarray(valueStart),
  };
}

/** What the index holds for a key: the slot of its newest version. */
export function encodeSlot(slot: number): Buffer {
  const encoded = Buffer.allocUnsafe(8);
  encoded.writeDoubleBE(slot);
  return encoded;
}

export const decodeSlot = (encoded: Buffer): number => encoded.readDoubleBE();
