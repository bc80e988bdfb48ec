/** Functions of CEL as values: a signature, what it computes and what it costs. */
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  nullType,
  opaqueType,
  optionalType,
  stringType,
  timestampType,
  typeOf,
  uintType,
} from './types.js';
import type { CelType } from './types.js';
import {
  CelList,
  CelMap,
  Duration,
  Opaque,
  Optional,
  sizeOf,
  Timestamp,
  TypeValue,
  Uint,
} from './values.js';
import type { Value } from './values.js';

/** What a call costs beyond nothing, from its arguments and its result. One unit is about one simple step. */
export type CallCost = (args: readonly Value[], result: Value) => number;

export interface Overload {
  readonly name: string;
  /** Called as `x.name(…)`; the receiver is the first parameter. */
  readonly member: boolean;
  readonly parameters: readonly CelType[];
  readonly result: CelType;
  readonly run: (args: readonly Value[]) => Value;
  readonly cost: CallCost | undefined;
}

const simpleTypes: Readonly<Record<string, CelType>> = {
  dyn: dynType,
  null: nullType,
  bool: boolType,
  int: intType,
  uint: uintType,
  double: doubleType,
  string: stringType,
  bytes: bytesType,
  timestamp: timestampType,
  duration: durationType,
  type: typeOf(dynType),
};

/** Splits at commas outside angle brackets. */
function splitTypes(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let position = 0; position < text.length; position += 1) {
    const letter = text[position];
    if (letter === '<') depth += 1;
    else if (letter === '>') depth -= 1;
    else if (letter === ',' && depth === 0) {
      parts.push(text.slice(start, position));
      start = position + 1;
    }
  }
  parts.push(text.slice(start));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** A type from its spelling in a signature: `map<string, A>`; one capital letter is a parameter. */
function parseType(text: string): CelType {
  const known = simpleTypes[text];
  if (known !== undefined) return known;
  if (/^[A-Z]$/.test(text)) return { kind: 'parameter', name: text };
  const generic = /^(list|map|optional)<(.*)>$/.exec(text);
  if (generic === null) return opaqueType(text);
  const [first = dynType, second = dynType] = splitTypes(generic[2] ?? '').map(parseType);
  if (generic[1] === 'list') return listType(first);
  return generic[1] === 'map' ? mapType(first, second) : optionalType(first);
}

interface Signature {
  readonly name: string;
  readonly parameters: readonly CelType[];
  readonly result: CelType;
}

function parseSignature(text: string): Signature {
  const match = /^(.*?)\((.*)\): (.*)$/.exec(text);
  const [, name = '', parameters = '', result = 'dyn'] = match ?? [];
  return { name, parameters: splitTypes(parameters).map(parseType), result: parseType(result) };
}

/**
 * A function `name(types): type`, dots in the name included. `run` is only called with values of the parameters' types,
 * which is what makes giving it narrower arguments sound.
 */
export function fn(signature: string, run: (...args: never[]) => Value, cost?: CallCost): Overload {
  const call = run as unknown as (...args: readonly Value[]) => Value;
  return {
    ...parseSignature(signature),
    member: false,
    run: (args) => call(...args),
    cost,
  };
}

/** A method of values of the receiver's type. */
export function method(
  receiver: string,
  signature: string,
  run: (...args: never[]) => Value,
  cost?: CallCost,
): Overload {
  const plain = fn(signature, run, cost);
  return { ...plain, member: true, parameters: [parseType(receiver), ...plain.parameters] };
}

/** Whether a value may be given for a parameter of the type. Element types are not looked at. */
export function acceptsValue(type: CelType, value: Value): boolean {
  switch (type.kind) {
    case 'parameter':
      return true;
    case 'list':
      return value instanceof CelList;
    case 'map':
      return value instanceof CelMap;
    case 'object':
      return value instanceof CelMap && value.typeName === type.name;
    case 'type':
      return value instanceof TypeValue;
    case 'opaque':
      return type.name === 'optional_type'
        ? value instanceof Optional
        : value instanceof Opaque && value.typeName === type.name;
    case 'simple':
      return acceptsSimple(type.name, value);
  }
}

function acceptsSimple(name: string, value: Value): boolean {
  switch (name) {
    case 'dyn':
      return true;
    case 'null':
      return value === null;
    case 'bool':
      return typeof value === 'boolean';
    case 'int':
      return typeof value === 'bigint';
    case 'double':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'uint':
      return value instanceof Uint;
    case 'bytes':
      return value instanceof Uint8Array;
    case 'timestamp':
      return value instanceof Timestamp;
    case 'duration':
      return value instanceof Duration;
    default:
      return false;
  }
}

/** A tenth of the size of the first argument, rounded up: one pass over a text. */
export const traversalCost: CallCost = (args) => Math.ceil(sizeOf(args[0] ?? null) * 0.1);

/** One unit an element of the first argument. */
export const elementCost: CallCost = (args) => Math.max(1, sizeOf(args[0] ?? null));
