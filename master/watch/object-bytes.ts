/**
 * The bytes of an object. The store holds an object's JSON without `metadata.resourceVersion`, which is only known once it
 * is written; what clients read has it spliced in as the first field of `metadata`. Both forms start with `kind`,
 * `apiVersion` and `metadata` in this order, so the place is found by searching: a quote inside a JSON string is always
 * escaped, so the first `"metadata":{` is the object's own.
 */
import { invariant } from '../../machinery/invariant.js';
import type { KubeObject, ObjectMeta } from '../../api/meta/v1/types.js';

const metadataStart = Buffer.from('"metadata":{');
const versionStart = Buffer.from('"resourceVersion":"');
const quote = '"'.charCodeAt(0);
const comma = ','.charCodeAt(0);
const closingBrace = '}'.charCodeAt(0);

/** The JSON the store holds: `kind`, `apiVersion`, `metadata` without resourceVersion, and the rest. */
export function encodeObject(object: KubeObject): Buffer {
  const { kind, apiVersion, metadata, ...rest } = object;
  // A new object has none yet.
  const { resourceVersion } = metadata as Partial<ObjectMeta>;
  const stored =
    resourceVersion === undefined ? metadata : { ...metadata, resourceVersion: undefined };
  return Buffer.from(JSON.stringify({ kind, apiVersion, metadata: stored, ...rest }));
}

function metadataOffset(bytes: Buffer): number {
  const found = bytes.indexOf(metadataStart);
  invariant(found !== -1, 'an object in the store has metadata');
  return found + metadataStart.length;
}

/** The bytes clients read: `value` as stored, with the resourceVersion spliced in. */
export function spliceRevision(value: Buffer, revision: number): Buffer {
  const offset = metadataOffset(value);
  const isEmpty = value[offset] === closingBrace;
  const version = `"resourceVersion":"${String(revision)}"${isEmpty ? '' : ','}`;
  // Of its own memory: what is kept for long must not keep a whole slab of Node's pool, eight times its size.
  const bytes = Buffer.allocUnsafeSlow(value.length + version.length);
  value.copy(bytes, 0, 0, offset);
  bytes.write(version, offset, 'latin1');
  value.copy(bytes, offset + version.length, offset);
  return bytes;
}

/** Where the resourceVersion begins, and where what follows it does. */
function versionPlace(bytes: Buffer): { readonly start: number; readonly rest: number } {
  const start = metadataOffset(bytes);
  const digits = start + versionStart.length;
  invariant(bytes.subarray(start, digits).equals(versionStart), 'resourceVersion comes first');
  const end = bytes.indexOf(quote, digits) + 1;
  return { start, rest: bytes[end] === comma ? end + 1 : end };
}

/** Undoes `spliceRevision`. */
export function withoutRevision(bytes: Buffer): Buffer {
  const { start, rest } = versionPlace(bytes);
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(rest)]);
}

/** Whether bytes that clients read are `value` with some resourceVersion. */
export function isSameBut(bytes: Buffer, value: Buffer): boolean {
  const { start, rest } = versionPlace(bytes);
  return (
    bytes.length - (rest - start) === value.length &&
    bytes.compare(value, 0, start, 0, start) === 0 &&
    bytes.compare(value, start, value.length, rest) === 0
  );
}
