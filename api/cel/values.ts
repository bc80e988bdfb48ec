/**
 * The values CEL computes with. Integers are bigints, doubles are numbers; JSON is looked at through lists, maps and objects
 * that convert what is read when it is read.
 */
import { jsonEqual } from '../patch/json-value.js';

/** What went wrong while evaluating; `&&`, `||` and optional look-ups may absorb it. */
export class CelError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CelError';
  }
}

/** An unsigned integer of 64 bits. */
export class Uint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** A point in time, to the nanosecond. */
export class Timestamp {
  /** Nanoseconds since the epoch. */
  readonly nanos: bigint;
  /** Of the zone it was written in, which its text keeps. */
  readonly offsetMinutes: number;
  constructor(nanos: bigint, offsetMinutes = 0) {
    this.nanos = nanos;
    this.offsetMinutes = offsetMinutes;
  }
}

/** A span of time in nanoseconds. */
export class Duration {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A type as a value: what `type(x)` gives. */
export class TypeValue {
  readonly typeName: string;
  constructor(typeName: string) {
    this.typeName = typeName;
  }
}

/** A value that may be absent. */
export class Optional {
  static readonly none = new Optional(undefined);
  /** Undefined when there is none. */
  readonly value: Value | undefined;
  constructor(value: Value | undefined) {
    this.value = value;
  }
}

/** A value that only functions of its own library look into. */
export abstract class Opaque {
  abstract readonly typeName: string;
  abstract equals(other: Opaque): boolean;
}

/** A list, whatever its elements are kept in. */
export abstract class CelList {
  abstract readonly size: number;
  /** The element at a position that exists. */
  abstract at(position: number): Value;
  /** A list whose order means nothing compares and adds in its own way. */
  readonly semantics: ListSemantics | undefined = undefined;

  *[Symbol.iterator](): Generator<Value> {
    for (let position = 0; position < this.size; position += 1) yield this.at(position);
  }
}

export type ListSemantics =
  { readonly type: 'set' } | { readonly type: 'map'; readonly keys: readonly string[] };

/** A map or object, whatever its entries are kept in. */
export abstract class CelMap {
  abstract readonly size: number;
  /** Undefined when the key is absent. */
  abstract get(key: Value): Value | undefined;
  abstract keys(): Iterable<Value>;
  /** The name of its type when it is an object with declared fields. */
  readonly typeName: string | undefined = undefined;
  /** JSON that expressions cannot see but that tells objects apart. */
  undeclared(): Readonly<Record<string, unknown>> | undefined {
    return undefined;
  }
}

export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | Uint
  | Timestamp
  | Duration
  | TypeValue
  | Optional
  | Opaque
  | CelList
  | CelMap;

/** A list made by an expression. */
export class ArrayList extends CelList {
  readonly items: readonly Value[];
  constructor(items: readonly Value[]) {
    super();
    this.items = items;
  }
  get size(): number {
    return this.items.length;
  }
  at(position: number): Value {
    return this.items[position] ?? null;
  }
}

/** Keys that are equal have the same text: 1, 1u and 1.0 are one key. */
function keyText(key: Value): string {
  if (typeof key === 'string') return `s${key}`;
  if (typeof key === 'boolean') return `b${String(key)}`;
  if (typeof key === 'bigint') return `n${String(key)}`;
  if (key instanceof Uint) return `n${String(key.value)}`;
  if (typeof key === 'number' && Number.isInteger(key)) return `n${String(BigInt(key))}`;
  if (typeof key === 'number') return `d${String(key)}`;
  throw new CelError(`unsupported key type: ${typeNameOf(key)}`);
}

/** A map made by an expression. */
export class EntryMap extends CelMap {
  private readonly entries = new Map<string, { readonly key: Value; readonly value: Value }>();
  override readonly typeName: string | undefined;

  constructor(entries: Iterable<readonly [Value, Value]>, typeName?: string) {
    super();
    this.typeName = typeName;
    for (const [key, value] of entries) {
      const text = keyText(key);
      if (this.entries.has(text)) throw new CelError(`Failed with repeated key: ${valueText(key)}`);
      this.entries.set(text, { key, value });
    }
  }
  get size(): number {
    return this.entries.size;
  }
  get(key: Value): Value | undefined {
    return this.entries.get(keyText(key))?.value;
  }
  *keys(): Generator<Value> {
    for (const { key } of this.entries.values()) yield key;
  }
}

/** The name `type(x)` shows. */
export function typeNameOf(value: Value): string {
  if (value === null) return 'null_type';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    case 'string':
      return 'string';
    default:
  }
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Uint) return 'uint';
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
  if (value instanceof Duration) return 'google.protobuf.Duration';
  if (value instanceof TypeValue) return 'type';
  if (value instanceof Optional) return 'optional_type';
  if (value instanceof CelList) return 'list';
  if (value instanceof CelMap) return value.typeName ?? 'map';
  return value.typeName;
}

const isNumeric = (value: Value): value is bigint | number | Uint =>
  typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint;

/** Compares numbers of any two types exactly; NaN is unordered. */
export function compareNumbers(
  left: bigint | number | Uint,
  right: bigint | number | Uint,
): number {
  const a = left instanceof Uint ? left.value : left;
  const b = right instanceof Uint ? right.value : right;
  // JavaScript compares bigints with numbers by their mathematical values.
  return a < b ? -1 : a > b ? 1 : a == b ? 0 : Number.NaN;
}

const bytesEqual = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && left.every((byte, position) => byte === right[position]);

/** Equality as CEL has it: never an error, numbers across types, lists and maps by content. */
export function equalValues(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (isNumeric(left) && isNumeric(right)) return compareNumbers(left, right) === 0;
  if (left === null || right === null || typeof left !== 'object' || typeof right !== 'object') {
    return false;
  }
  if (left instanceof CelList) return right instanceof CelList && equalLists(left, right);
  if (left instanceof CelMap) return right instanceof CelMap && equalMaps(left, right);
  if (left instanceof Uint8Array) return right instanceof Uint8Array && bytesEqual(left, right);
  if (left instanceof Timestamp) return right instanceof Timestamp && left.nanos === right.nanos;
  if (left instanceof Duration) return right instanceof Duration && left.nanos === right.nanos;
  if (left instanceof TypeValue) {
    return right instanceof TypeValue && left.typeName === right.typeName;
  }
  if (left instanceof Optional) {
    if (!(right instanceof Optional)) return false;
    if (left.value === undefined || right.value === undefined) return left.value === right.value;
    return equalValues(left.value, right.value);
  }
  return left instanceof Opaque && right instanceof Opaque && left.equals(right);
}

function equalLists(left: CelList, right: CelList): boolean {
  if (left.size !== right.size) return false;
  const semantics = left.semantics ?? right.semantics;
  if (semantics !== undefined) return equalUnordered(left, right, semantics);
  for (let position = 0; position < left.size; position += 1) {
    if (!equalValues(left.at(position), right.at(position))) return false;
  }
  return true;
}

/** What tells the elements of a list-map apart; undefined where a key is missing. */
function mapKeyOf(element: Value, keys: readonly string[]): string | undefined {
  if (!(element instanceof CelMap)) return undefined;
  return keys
    .map((key) => {
      const value = element.get(key);
      return value === undefined || value === null ? '' : keyText(value);
    })
    .join('\n');
}

/** Equal values have equal texts, so that large lists need not compare every element with every other. */
function identityOf(value: Value): string {
  if (value instanceof CelList) return `[${[...value].map(identityOf).join()}]`;
  if (value instanceof CelMap) {
    const entries = [...value.keys()].map(
      (key) => `${identityOf(key)}:${identityOf(value.get(key) ?? null)}`,
    );
    return `{${entries.sort().join()}}${JSON.stringify(value.undeclared() ?? '')}`;
  }
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Timestamp || value instanceof Duration) {
    return `${typeNameOf(value)}${String(value.nanos)}`;
  }
  if (value instanceof Uint8Array) return `x${Buffer.from(value).toString('hex')}`;
  return value === null || typeof value === 'object' ? typeNameOf(value) : keyText(value);
}

/** Finds the elements of a list that others are told apart from by the list's semantics. */
const identityIn = (element: Value, semantics: ListSemantics): string | undefined =>
  semantics.type === 'set' ? identityOf(element) : mapKeyOf(element, semantics.keys);

function equalUnordered(left: CelList, right: CelList, semantics: ListSemantics): boolean {
  const others = new Map([...right].map((item) => [identityIn(item, semantics), item]));
  for (const item of left) {
    const other = others.get(identityIn(item, semantics));
    if (other === undefined || !equalValues(item, other)) return false;
  }
  return true;
}

/** One list after another. Made without a look at the elements, since adding is counted as one step. */
class JoinedList extends CelList {
  readonly size: number;
  private readonly left: CelList;
  private readonly right: CelList;

  constructor(left: CelList, right: CelList) {
    super();
    this.left = left;
    this.right = right;
    this.size = left.size + right.size;
  }
  at(position: number): Value {
    const inRight = position - this.left.size;
    return inRight < 0 ? this.left.at(position) : this.right.at(inRight);
  }
}

/** The sum of two lists: in order, or merged where the left one is a set or map list. */
export function concatLists(left: CelList, right: CelList): CelList {
  const { semantics } = left;
  if (semantics === undefined) return new JoinedList(left, right);
  const items = [...left];
  const positions = new Map(items.map((item, at) => [identityIn(item, semantics), at]));
  for (const added of right) {
    const identity = identityIn(added, semantics);
    const position = positions.get(identity);
    if (position === undefined) {
      positions.set(identity, items.length);
      items.push(added);
    } else if (semantics.type === 'map') items[position] = added;
  }
  return new ArrayList(items);
}

function equalMaps(left: CelMap, right: CelMap): boolean {
  if (left.size !== right.size) return false;
  for (const key of left.keys()) {
    const value = left.get(key);
    const other = right.get(key);
    if (value === undefined || other === undefined || !equalValues(value, other)) return false;
  }
  const hidden = left.undeclared();
  return hidden === undefined || jsonEqual(hidden, right.undeclared() ?? {});
}

/** The number of code points of a string, elements of a list, entries of a map, bytes of bytes; 1 for the rest. */
export function sizeOf(value: Value): number {
  if (typeof value === 'string') return codePointCount(value);
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof CelList || value instanceof CelMap) return value.size;
  return 1;
}

/** Counts code points; most strings have as many as code units. */
export function codePointCount(text: string): number {
  let pairs = 0;
  for (let position = 0; position < text.length; position += 1) {
    const code = text.charCodeAt(position);
    if (code >= 0xd800 && code <= 0xdbff) pairs += 1;
  }
  return text.length - pairs;
}

/** A value as messages show it. */
function valueText(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === null) return 'null';
  if (value instanceof Uint) return String(value.value);
  if (value instanceof CelList) return `[${[...value].map(valueText).join(', ')}]`;
  if (typeof value === 'object') return typeNameOf(value);
  return String(value);
}
