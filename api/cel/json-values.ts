/**
 * JSON as CEL sees it: objects and lists are wrapped, not copied, and what is read is converted by its declared type. Also the
 * way back.
 */
import { isJsonObject, type JsonObject } from '../patch/json-value.js';
import {
  durationFromWords,
  parseDuration,
  parseTimestamp,
  durationText,
  timestampText,
} from './library/time-text.js';
import type { CelType, ListType, MapType, ObjectType } from './types.js';
import { dynType } from './types.js';
import {
  CelError,
  CelList,
  CelMap,
  Duration,
  Optional,
  Timestamp,
  Uint,
  typeNameOf,
} from './values.js';
import type { ListSemantics, Value } from './values.js';

class JsonList extends CelList {
  private readonly json: readonly unknown[];
  private readonly element: CelType;
  override readonly semantics: ListSemantics | undefined;

  constructor(json: readonly unknown[], type: ListType) {
    super();
    this.json = json;
    this.element = type.element;
    this.semantics = type.semantics;
  }
  get size(): number {
    return this.json.length;
  }
  at(position: number): Value {
    return valueFromJson(this.json[position], this.element);
  }
}

class JsonMap extends CelMap {
  private readonly json: JsonObject;
  private readonly type: MapType;

  constructor(json: JsonObject, type: MapType) {
    super();
    this.json = json;
    this.type = type;
  }
  get size(): number {
    return Object.keys(this.json).length;
  }
  get(key: Value): Value | undefined {
    if (typeof key !== 'string' || !Object.hasOwn(this.json, key)) return undefined;
    return valueFromJson(this.json[key], this.type.value);
  }
  keys(): Iterable<Value> {
    return Object.keys(this.json);
  }
}

/** An object with declared fields: what is not declared is not seen but counts, and null is absence. */
class JsonFields extends CelMap {
  private readonly json: JsonObject;
  private readonly type: ObjectType;
  override readonly typeName: string;

  constructor(json: JsonObject, type: ObjectType) {
    super();
    this.json = json;
    this.type = type;
    this.typeName = type.name;
  }
  get size(): number {
    return Object.keys(this.json).length;
  }
  override undeclared(): JsonObject | undefined {
    const names = Object.keys(this.json).filter((name) => this.type.field(name) === undefined);
    return names.length === 0
      ? undefined
      : Object.fromEntries(names.map((name) => [name, this.json[name]]));
  }
  get(key: Value): Value | undefined {
    if (typeof key !== 'string') return undefined;
    const field = this.type.field(key);
    const name = this.type.jsonName?.(key) ?? key;
    if (field === undefined || !Object.hasOwn(this.json, name)) return undefined;
    const content = this.json[name];
    return content === null || content === undefined ? undefined : valueFromJson(content, field);
  }
  keys(): Iterable<Value> {
    return Object.keys(this.json).filter((name) => this.type.field(name) !== undefined);
  }
}

const anyList: ListType = { kind: 'list', element: dynType };
const anyMap: MapType = { kind: 'map', key: { kind: 'simple', name: 'string' }, value: dynType };

function dynFromJson(json: unknown): Value {
  switch (typeof json) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return json;
    case 'number':
      return Number.isInteger(json) && Math.abs(json) < 2 ** 63 ? BigInt(json) : json;
    default:
  }
  if (Array.isArray(json)) return new JsonList(json, anyList);
  return isJsonObject(json) ? new JsonMap(json, anyMap) : null;
}

const mismatch = (wanted: string, json: unknown): CelError =>
  new CelError(
    `invalid data, expected a ${wanted} to be provided to match the schema, got ${Array.isArray(json) ? 'array' : typeof json}`,
  );

function bytesFromBase64(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64'));
}

function scalarFromJson(json: unknown, name: string): Value {
  switch (name) {
    case 'int':
      if (typeof json !== 'number' || !Number.isInteger(json)) throw mismatch('int', json);
      return BigInt(json);
    case 'uint':
      if (typeof json !== 'number' || !Number.isInteger(json)) throw mismatch('uint', json);
      return new Uint(BigInt(json));
    case 'double':
      if (typeof json !== 'number') throw mismatch('double', json);
      return json;
    case 'bool':
      if (typeof json !== 'boolean') throw mismatch('bool', json);
      return json;
    case 'null':
      return null;
    default:
      return textFromJson(json, name);
  }
}

function textFromJson(json: unknown, name: string): Value {
  if (typeof json !== 'string') throw mismatch('string', json);
  switch (name) {
    case 'bytes':
      return bytesFromBase64(json);
    case 'timestamp':
      return parseTimestamp(json.length === 10 ? `${json}T00:00:00Z` : json);
    case 'duration':
      return durationFromWords(json) ?? parseDuration(json);
    default:
      return json;
  }
}

/** A JSON value seen as a value of the type. Throws CelError where it is none. */
export function valueFromJson(json: unknown, type: CelType): Value {
  if (json === null || json === undefined) return null;
  switch (type.kind) {
    case 'simple':
      return type.name === 'dyn' ? dynFromJson(json) : scalarFromJson(json, type.name);
    case 'list':
      if (!Array.isArray(json)) throw mismatch('array', json);
      return new JsonList(json, type);
    case 'map':
      if (!isJsonObject(json)) throw mismatch('map', json);
      return new JsonMap(json, type);
    case 'object':
      if (!isJsonObject(json)) throw mismatch('map', json);
      return new JsonFields(json, type);
    case 'opaque':
      return type.name === 'optional_type'
        ? new Optional(valueFromJson(json, type.parameters[0] ?? dynType))
        : dynFromJson(json);
    case 'type':
    case 'parameter':
      return dynFromJson(json);
  }
}

/** The JSON of a value; undefined for an empty optional. Throws CelError for what JSON cannot say. */
export function jsonFromValue(value: Value): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return value;
  if (value instanceof Uint) return Number(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Duration) return durationText(value);
  if (value instanceof Optional) {
    return value.value === undefined ? undefined : jsonFromValue(value.value);
  }
  if (value instanceof CelList) return [...value].map(jsonFromValue);
  if (value instanceof CelMap) {
    const entries: [string, unknown][] = [];
    for (const key of value.keys()) {
      if (typeof key !== 'string') throw new CelError(`unsupported key type: ${typeNameOf(key)}`);
      entries.push([key, jsonFromValue(value.get(key) ?? null)]);
    }
    return Object.fromEntries(entries);
  }
  throw new CelError(`${typeNameOf(value)} has no JSON form`);
}
