/**
 * Decoding by declaration: a `Definition` compiled once into a function that takes any JSON value and gives the typed object,
 * with unknown fields pruned (and reported), nulls and empty optional lists dropped as Go's `omitempty` does, and type faults
 * in the words of Go's decoder.
 *
 * Called for every body and every patched object; it is on the path of each write.
 */
import { setOwn } from '../../api/patch/json-value.js';
import { omitsZero } from '../../api/schema/omitted-zeros.js';
import type { Definition, Field, Scalar, Schema } from '../../api/schema/schema.js';
import { QuantityError, canonicalQuantity } from '../../api/quantity.js';
import { maxKnownTimes, maxNestingDepth, maxStrictErrors } from './limits.js';

type Json = unknown;
type Fields = Record<string, unknown>;

/** A value of the wrong type or form; the message is the one Go's decoder gives. */
export class DecodeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DecodeError';
  }
}

/** What one decoding knows beside the value: where it is, and what it found that the type does not know. */
class DecodeContext {
  /** Names and positions from the root to here. */
  readonly stack: (string | number)[] = [];
  /** Paths of fields that were pruned. */
  readonly unknown: string[] = [];
  struct = '';

  /** `spec.containers[0].name`. */
  path(last?: string): string {
    let text = '';
    for (const part of last === undefined ? this.stack : [...this.stack, last]) {
      text += typeof part === 'number' ? `[${String(part)}]` : text === '' ? part : `.${part}`;
    }
    return text;
  }

  fail(found: string, goType: string): never {
    const field = this.stack.filter((part) => typeof part === 'string').join('.');
    throw new DecodeError(
      `json: cannot unmarshal ${found} into Go struct field ${this.struct}.${field} of type ${goType}`,
    );
  }
}

type Decoder = (value: Json, context: DecodeContext) => unknown;

const kindOf = (value: Json): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;

/** Stands for a value that is left out. */
const absent = undefined;

function integer(goType: 'int32' | 'int64', min: number, max: number): Decoder {
  return (value, context) => {
    if (typeof value !== 'number') return context.fail(kindOf(value), goType);
    if (!Number.isInteger(value) || value < min || value > max) {
      return context.fail(`number ${String(value)}`, goType);
    }
    return value;
  };
}

const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?(Z|[-+]\d{2}:\d{2})$/;

function decodeTime(layout: string, digits: number): Decoder {
  const known = new Map<string, string>();
  return (value, context) => {
    if (typeof value !== 'string') return context.fail(kindOf(value), 'string');
    if (value === '') return absent;
    let time = known.get(value);
    if (time === undefined) {
      time = readTime(value, layout, digits);
      if (known.size >= maxKnownTimes) known.clear();
      known.set(value, time);
    }
    return time;
  };
}

function readTime(value: string, layout: string, digits: number): string {
  const match = rfc3339.exec(value);
  const ms = match === null ? Number.NaN : Date.parse(value.replace(/(\.\d{3})\d*/, '$1'));
  if (match === null || Number.isNaN(ms)) {
    throw new DecodeError(
      `parsing time ${JSON.stringify(value)} as "${layout}": cannot parse ${JSON.stringify(value)} as "2006"`,
    );
  }
  const fraction =
    digits === 0 ? '' : (match[7] ?? '.').padEnd(digits + 1, '0').slice(0, digits + 1);
  return `${new Date(ms).toISOString().slice(0, 19)}${fraction}Z`;
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const decodeBytes: Decoder = (value, context) => {
  if (typeof value !== 'string') return context.fail(kindOf(value), '[]uint8');
  const text = /[\r\n]/.test(value) ? value.replace(/[\r\n]/g, '') : value;
  if (!base64.test(text)) {
    const bad = text.search(/[^A-Za-z0-9+/]/);
    throw new DecodeError(
      `illegal base64 data at input byte ${String(bad < 0 ? text.length - (text.length % 4) : bad)}`,
    );
  }
  return text;
};

const decodeQuantity: Decoder = (value, context) => {
  if (typeof value !== 'string' && typeof value !== 'number') {
    return context.fail(kindOf(value), 'resource.Quantity');
  }
  try {
    return canonicalQuantity(value);
  } catch (error) {
    if (error instanceof QuantityError) throw new DecodeError(error.message);
    throw error;
  }
};

const decodeIntOrString: Decoder = (value) => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31)
    return value;
  throw new DecodeError(
    typeof value === 'number'
      ? `json: cannot unmarshal number ${String(value)} into Go value of type int32`
      : `json: cannot unmarshal ${kindOf(value)} into Go value of type int32`,
  );
};

const typed =
  (type: 'string' | 'boolean' | 'number', goType: string): Decoder =>
  (value, context) =>
    typeof value === type ? value : context.fail(kindOf(value), goType);

const decodeObject: Decoder = (value, context) =>
  kindOf(value) === 'object' ? value : context.fail(kindOf(value), 'map[string]interface {}');

const scalarDecoders: Readonly<Record<Scalar, Decoder>> = {
  string: typed('string', 'string'),
  boolean: typed('boolean', 'bool'),
  double: typed('number', 'float64'),
  int32: integer('int32', -(2 ** 31), 2 ** 31 - 1),
  int64: integer('int64', -(2 ** 63), 2 ** 63),
  bytes: decodeBytes,
  any: (value) => value,
  object: decodeObject,
  rawExtension: decodeObject,
  fieldsV1: decodeObject,
  time: decodeTime('2006-01-02T15:04:05Z07:00', 0),
  microTime: decodeTime('2006-01-02T15:04:05.000000Z07:00', 6),
  quantity: decodeQuantity,
  intOrString: decodeIntOrString,
};

const goScalarNames: Readonly<Record<Scalar, string>> = {
  string: 'string',
  boolean: 'bool',
  double: 'float64',
  int32: 'int32',
  int64: 'int64',
  bytes: '[]uint8',
  any: 'interface {}',
  object: 'map[string]interface {}',
  rawExtension: 'runtime.RawExtension',
  fieldsV1: 'v1.FieldsV1',
  time: 'v1.Time',
  microTime: 'v1.MicroTime',
  quantity: 'resource.Quantity',
  intOrString: 'intstr.IntOrString',
};

function goTypeOf(schema: Schema): string {
  switch (schema.type) {
    case 'scalar':
      return goScalarNames[schema.scalar];
    case 'list':
      return `[]${goTypeOf(schema.items)}`;
    case 'map':
      return `map[string]${goTypeOf(schema.values)}`;
    case 'ref':
      return schema.target().name.split('.').slice(-2).join('.');
  }
}

/** What Go's zero value of an element is when the element is null. */
function zeroOf(schema: Schema): unknown {
  if (schema.type === 'ref' && schema.target().freeform === true) return null;
  if (schema.type === 'ref' || schema.type === 'map') return {};
  if (schema.type === 'list') return [];
  return schema.scalar === 'string' ? '' : schema.scalar === 'boolean' ? false : absent;
}

function compileList(schema: Schema & { type: 'list' }): Decoder {
  const item = compileSchema(schema.items);
  const goType = goTypeOf(schema);
  return (value, context) => {
    if (!Array.isArray(value)) return context.fail(kindOf(value), goType);
    // A copy has the room it needs; one that grows by elements keeps room for 16 more as long as the object lives.
    const result: unknown[] = value.slice();
    let count = 0;
    for (let position = 0; position < value.length; position += 1) {
      const element: unknown = value[position];
      if (element === null) {
        const zero = zeroOf(schema.items);
        if (zero !== absent) result[count++] = zero;
        continue;
      }
      context.stack.push(position);
      result[count++] = item(element, context);
      context.stack.pop();
    }
    result.length = count;
    return result;
  };
}

/** With `omitEmpty` a map without entries is absent. */
function compileMap(schema: Schema & { type: 'map' }, omitEmpty: boolean): Decoder {
  const decode = compileSchema(schema.values);
  const goType = goTypeOf(schema);
  return (value, context) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return context.fail(kindOf(value), goType);
    }
    const result: Fields = {};
    let isEmpty = true;
    // A third of the time of `Object.entries` where there are a hundred thousand.
    for (const name in value) {
      const element = (value as Fields)[name];
      const decoded = element === null ? zeroOf(schema.values) : decode(element, context);
      if (element === null && decoded === absent) continue;
      setOwn(result, name, decoded);
      isEmpty = false;
    }
    return isEmpty && omitEmpty ? absent : result;
  };
}

function compileSchema(schema: Schema): Decoder {
  switch (schema.type) {
    case 'scalar':
      return scalarDecoders[schema.scalar];
    case 'list':
      return compileList(schema);
    case 'map':
      return compileMap(schema, false);
    case 'ref': {
      let target: Decoder | undefined;
      return (value, context) => (target ??= decoderFor(schema.target()))(value, context);
    }
  }
}

/** Lists of which an empty one says something else than none. */
const meaningfulLists = new Set(['managedFields']);

interface FieldDecoder {
  readonly decode: Decoder;
  /** Whether its zero (an empty list or map too) is left out. */
  readonly omitEmpty: boolean;
}

function compileField(definition: Definition, name: string, field: Field): FieldDecoder {
  const { schema } = field;
  const isCollection = schema.type === 'list' || schema.type === 'map';
  const omitEmpty = isCollection
    ? field.required !== true && !meaningfulLists.has(name)
    : omitsZero(definition, name, field);
  // To ask a map of a hundred thousand entries whether it is empty takes long.
  if (schema.type === 'map') return { decode: compileMap(schema, omitEmpty), omitEmpty: false };
  return { decode: compileSchema(schema), omitEmpty };
}

function isEmpty(value: unknown): boolean {
  if (value === '' || value === 0 || value === false) return true;
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.length === 0;
  for (const name in value) if (Object.hasOwn(value, name)) return false;
  return true;
}

function compileDefinition(definition: Definition): Decoder {
  const struct = definition.name.split('.').at(-1) ?? definition.name;
  const goType = definition.name.split('.').slice(-2).join('.');
  const fields = new Map<string, FieldDecoder>();
  for (const [name, field] of Object.entries(definition.fields)) {
    fields.set(name, compileField(definition, name, field));
  }
  return (value, context) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return context.fail(kindOf(value), goType);
    }
    if (context.stack.length > maxNestingDepth) throw new DecodeError('exceeded max depth');
    const outer = context.struct;
    context.struct = struct;
    const result: Fields = {};
    for (const name in value) {
      const element = (value as Fields)[name];
      const field = fields.get(name);
      if (field === undefined) {
        if (context.unknown.length < maxStrictErrors) context.unknown.push(context.path(name));
        continue;
      }
      if (element === null || element === undefined) continue;
      context.stack.push(name);
      const decoded = field.decode(element, context);
      context.stack.pop();
      if (decoded === absent || (field.omitEmpty && isEmpty(decoded))) continue;
      result[name] = decoded;
    }
    context.struct = outer;
    return result;
  };
}

/** Go's decoder leaves such values to the type's own, which takes what it knows and says nothing of the rest. */
function decodeFreeform({ objectsAre }: Definition): Decoder {
  if (objectsAre === undefined) return scalarDecoders.any;
  const decode: Decoder = (value, context) => {
    if (Array.isArray(value)) return value.map((element) => decode(element, context));
    if (typeof value !== 'object' || value === null) return value;
    const known = context.unknown.length;
    const object = decoderFor(objectsAre())(value, context);
    context.unknown.length = known;
    return object;
  };
  return decode;
}

const compiled = new WeakMap<Definition, Decoder>();

/** The compiled decoder of a definition; compiled at its first use and shared. */
function decoderFor(definition: Definition): Decoder {
  let decoder = compiled.get(definition);
  if (decoder === undefined) {
    decoder =
      definition.freeform === true ? decodeFreeform(definition) : compileDefinition(definition);
    compiled.set(definition, decoder);
  }
  return decoder;
}

export interface Decoded {
  readonly object: Record<string, unknown>;
  /** Paths of the fields that were pruned because the type does not have them. */
  readonly unknownFields: readonly string[];
}

/** Gives a fresh object of the definition's type. Throws DecodeError where a value has the wrong type or form. */
export function decodeTyped(definition: Definition, value: unknown): Decoded {
  const context = new DecodeContext();
  context.struct = definition.name.split('.').at(-1) ?? '';
  const object = decoderFor(definition)(value, context) as Record<string, unknown>;
  return { object, unknownFields: context.unknown };
}
