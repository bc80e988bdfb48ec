/**
 * Kubernetes' protobuf form of objects, decoded by the declarations into the JSON form everything else works on. Many typed
 * clients, kubectl's `create` among them, send it.
 *
 * Go marshals fields that are not pointers even when they are empty, and leaves pointers out when they are nil; the wire does not
 * say which is which. So an empty value counts as absent where `omitsZero` says that the field is no pointer.
 */
import { Reader } from 'protobufjs/minimal.js';
import { omitsZero } from '../schema/omitted-zeros.js';
import type { Definition, Field, Scalar, Schema } from '../schema/schema.js';

/** A body that is no object of the expected shape. */
export class ProtobufError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ProtobufError';
  }
}

type Json = Record<string, unknown>;

/** What a field number leads to: a field, or a nested message whose fields JSON inlines. */
type Entry =
  | {
      readonly type: 'field';
      readonly name: string;
      readonly field: Field;
      /** Whether its zero is the same as nothing. */
      readonly omitsZero: boolean;
    }
  | { readonly type: 'nested'; readonly entries: ReadonlyMap<number, Entry> };

/** The four bytes every encoded object begins with. */
const magic = Buffer.from('k8s\0');

/** Deeper nesting than any declared type has. */
const maxDepth = 64;

const tables = new WeakMap<Definition, ReadonlyMap<number, Entry>>();

function insert(entries: Map<number, Entry>, path: readonly number[], leaf: Entry): void {
  const [number = 0, ...rest] = path;
  if (rest.length === 0) {
    entries.set(number, leaf);
    return;
  }
  const existing = entries.get(number);
  const nested =
    existing?.type === 'nested'
      ? (existing.entries as Map<number, Entry>)
      : new Map<number, Entry>();
  entries.set(number, { type: 'nested', entries: nested });
  insert(nested, rest, leaf);
}

function tableOf(definition: Definition): ReadonlyMap<number, Entry> {
  const known = tables.get(definition);
  if (known !== undefined) return known;
  const entries = new Map<number, Entry>();
  for (const [name, field] of Object.entries(definition.fields)) {
    if (field.proto === undefined) continue;
    const path = typeof field.proto === 'number' ? [field.proto] : field.proto;
    insert(entries, path, {
      type: 'field',
      name,
      field,
      omitsZero: omitsZero(definition, name, field),
    });
  }
  tables.set(definition, entries);
  return entries;
}

/** Whether a definition has a protobuf form at all; those of custom resources have none. */
export const hasMessage = (definition: Definition): boolean => tableOf(definition).size > 0;

/** Numbers beyond 2^53 lose precision, as they do in JSON. */
// Without the optional package long, protobufjs gives numbers.
const int64 = (reader: Reader): number => Number(reader.int64());

/** `{seconds=1, nanos=2}`; the zero time stands for none. */
function readTime(reader: Reader, end: number, hasMicroseconds: boolean): string | undefined {
  let seconds: number | undefined;
  let nanos = 0;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) seconds = int64(reader);
    else if (tag >>> 3 === 2) nanos = reader.int32();
    else reader.skipType(tag & 7);
  }
  if (seconds === undefined) return undefined;
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) throw new ProtobufError('a time is out of range');
  const text = date.toISOString().slice(0, 19);
  const fraction = String(Math.floor(nanos / 1000)).padStart(6, '0');
  return hasMicroseconds ? `${text}.${fraction}Z` : `${text}Z`;
}

/** `{type=1, intVal=2, strVal=3}`. */
function readIntOrString(reader: Reader, end: number): number | string {
  let [isString, number, text] = [false, 0, ''];
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) isString = reader.int32() === 1;
    else if (tag >>> 3 === 2) number = reader.int32();
    else if (tag >>> 3 === 3) text = reader.string();
    else reader.skipType(tag & 7);
  }
  return isString ? text : number;
}

/** A message whose field 1 is all there is to it: Quantity's text, RawExtension's and FieldsV1's bytes. */
function readOnlyField<T>(reader: Reader, end: number, read: () => T): T | undefined {
  let value: T | undefined;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) value = read();
    else reader.skipType(tag & 7);
  }
  return value;
}

function readMessageScalar(reader: Reader, scalar: Scalar): unknown {
  const end = reader.uint32() + reader.pos;
  switch (scalar) {
    case 'time':
      return readTime(reader, end, false);
    case 'microTime':
      return readTime(reader, end, true);
    case 'quantity':
      return readOnlyField(reader, end, () => reader.string());
    case 'intOrString':
      return readIntOrString(reader, end);
    default: {
      const bytes = readOnlyField(reader, end, () => reader.bytes());
      return bytes === undefined || bytes.length === 0
        ? undefined
        : (JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown);
    }
  }
}

function readScalar(reader: Reader, scalar: Scalar): unknown {
  switch (scalar) {
    case 'string':
      return reader.string();
    case 'boolean':
      return reader.bool();
    case 'int32':
      return reader.int32();
    case 'int64':
      return int64(reader);
    case 'double':
      return reader.double();
    case 'bytes':
      return Buffer.from(reader.bytes()).toString('base64');
    default:
      return readMessageScalar(reader, scalar);
  }
}

/** A map entry: `{key=1, value=2}`. */
function readMapEntry(reader: Reader, values: Schema, depth: number): readonly [string, unknown] {
  const end = reader.uint32() + reader.pos;
  let name = '';
  let value: unknown;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) name = reader.string();
    else if (tag >>> 3 === 2) value = readValue(reader, values, depth);
    else reader.skipType(tag & 7);
  }
  return [name, value ?? emptyOf(values)];
}

/** What an entry without a value holds. */
function emptyOf(schema: Schema): unknown {
  if (schema.type === 'list') return [];
  if (schema.type === 'ref') return {};
  if (schema.type === 'map') return undefined;
  switch (schema.scalar) {
    case 'string':
    case 'bytes':
      return '';
    case 'boolean':
      return false;
    case 'int32':
    case 'int64':
    case 'double':
      return 0;
    default:
      return undefined;
  }
}

function readValue(reader: Reader, schema: Schema, depth: number): unknown {
  switch (schema.type) {
    case 'scalar':
      return readScalar(reader, schema.scalar);
    case 'ref': {
      const end = reader.uint32() + reader.pos;
      return readFields(reader, end, tableOf(schema.target()), {}, depth + 1);
    }
    case 'list': {
      // A list as an element of a map or list is a message of its own, with the items as field 1.
      const end = reader.uint32() + reader.pos;
      const items: unknown[] = [];
      while (reader.pos < end) {
        const tag = reader.uint32();
        if (tag >>> 3 === 1) items.push(readValue(reader, schema.items, depth + 1));
        else reader.skipType(tag & 7);
      }
      return items;
    }
    case 'map':
      throw new ProtobufError('a map cannot be an element');
  }
}

const isEmpty = (value: unknown): boolean => value === '' || value === 0 || value === false;

function assign(target: Json, name: string, value: unknown): void {
  // A field named __proto__ must become a field.
  Object.defineProperty(target, name, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

const isNumeric = (schema: Schema): boolean =>
  schema.type === 'scalar' && ['int32', 'int64', 'boolean', 'double'].includes(schema.scalar);

function readList(
  reader: Reader,
  items: Schema,
  wireType: number,
  list: unknown[],
  depth: number,
): void {
  if (wireType !== 2 || !isNumeric(items)) {
    list.push(readValue(reader, items, depth));
    return;
  }
  const end = reader.uint32() + reader.pos;
  while (reader.pos < end) list.push(readValue(reader, items, depth));
}

function readField(
  reader: Reader,
  target: Json,
  entry: Extract<Entry, { type: 'field' }>,
  context: { readonly wireType: number; readonly depth: number },
): void {
  const { name, field } = entry;
  const { schema } = field;
  if (schema.type === 'list') {
    const list = (target[name] as unknown[] | undefined) ?? [];
    readList(reader, schema.items, context.wireType, list, context.depth);
    assign(target, name, list);
  } else if (schema.type === 'map') {
    const map = (target[name] as Json | undefined) ?? {};
    assign(map, ...readMapEntry(reader, schema.values, context.depth));
    assign(target, name, map);
  } else {
    const value = readValue(reader, schema, context.depth);
    if (value === undefined || (entry.omitsZero && isEmpty(value))) return;
    assign(target, name, value);
  }
}

function readFields(
  reader: Reader,
  end: number,
  entries: ReadonlyMap<number, Entry>,
  target: Json,
  depth: number,
): Json {
  if (depth > maxDepth) throw new ProtobufError('the object is nested too deeply');
  while (reader.pos < end) {
    const tag = reader.uint32();
    const entry = entries.get(tag >>> 3);
    if (entry === undefined) {
      reader.skipType(tag & 7);
    } else if (entry.type === 'nested') {
      const nestedEnd = reader.uint32() + reader.pos;
      readFields(reader, nestedEnd, entry.entries, target, depth + 1);
    } else {
      readField(reader, target, entry, { wireType: tag & 7, depth });
    }
  }
  if (reader.pos !== end) throw new ProtobufError('a message does not end where it should');
  return target;
}

/** What the envelope (`runtime.Unknown`) says: the object's type, and its bytes. */
export interface ProtobufEnvelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
}

/** Runs a reader over input nobody has checked, turning what it throws into ProtobufError. */
function checked<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof ProtobufError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ProtobufError(`the body is not valid protobuf: ${why}`, { cause });
  }
}

/** Opens the envelope: magic, `typeMeta=1 {apiVersion=1, kind=2}`, `raw=2`. Throws ProtobufError. */
export function openEnvelope(bytes: Buffer): ProtobufEnvelope {
  if (!bytes.subarray(0, magic.length).equals(magic)) {
    throw new ProtobufError('the body does not begin as an encoded Kubernetes object does');
  }
  return checked(() => {
    const reader = Reader.create(bytes.subarray(magic.length));
    let [apiVersion, kind] = ['', ''];
    let raw: Uint8Array = new Uint8Array();
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag >>> 3 === 1) {
        const end = reader.uint32() + reader.pos;
        while (reader.pos < end) {
          const inner = reader.uint32();
          if (inner >>> 3 === 1) apiVersion = reader.string();
          else if (inner >>> 3 === 2) kind = reader.string();
          else reader.skipType(inner & 7);
        }
      } else if (tag >>> 3 === 2) {
        raw = reader.bytes();
      } else {
        reader.skipType(tag & 7);
      }
    }
    return { apiVersion, kind, raw };
  });
}

/** The JSON form of an object, with the type the envelope names. Throws ProtobufError. */
export function decodeObject(envelope: ProtobufEnvelope, definition: Definition): Json {
  const { apiVersion, kind, raw } = envelope;
  const reader = Reader.create(raw);
  const fields = checked(() => readFields(reader, reader.len, tableOf(definition), {}, 0));
  return {
    ...(apiVersion === '' ? {} : { apiVersion }),
    ...(kind === '' ? {} : { kind }),
    ...fields,
  };
}
